"""A directory file for the laws: written to and looked into by SQL, around the provider."""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.testing import World
from poolshift_providers.directory import PROVIDER
from poolshift_providers.directory.database import create
from poolshift_providers.directory.settings import Settings

NOW = "2024-01-01T00:00:00.000000Z"


class DirectoryWorld(World):
    """One file."""

    identity_provider = "google"
    points = 12
    examples = 5

    def __init__(self, folder: FilePath) -> None:
        self.provider = PROVIDER
        self.settings = {"path": "people.db"}
        self.folder = folder
        create(folder / "people.db", Settings(path="people.db"))

    def put(self, kind: Kind, values: Mapping[Path, Any], refs: Mapping[Path, str]) -> str:
        row: dict[str, Any] = {**values, **refs}
        if kind == "user":
            row["created_at"] = NOW
        if not kind.endswith("_member"):
            row["id"] = uuid.uuid4().hex
        names = ", ".join(f'"{name}"' for name in row)
        with sqlite3.connect(self.folder / "people.db") as connection:
            connection.execute(
                f"INSERT INTO {kind}s ({names}) VALUES ({', '.join('?' * len(row))})",
                [_stored(v) for v in row.values()],
            )
        connection.close()
        return str(row["id"]) if "id" in row else f"{row['user']}/{row[kind.removesuffix('_member')]}"

    def get(self, kind: Kind, id: str) -> Any:
        if kind.endswith("_member"):
            where, values = f'user = ? AND "{kind.removesuffix("_member")}" = ?', list(id.split("/"))
        else:
            where, values = "id = ?", [id]
        connection = sqlite3.connect(self.folder / "people.db")
        connection.row_factory = sqlite3.Row
        row = connection.execute(f"SELECT * FROM {kind}s WHERE {where}", values).fetchone()
        connection.close()
        return None if row is None else dict(row)


def _stored(value: Any) -> Any:
    if isinstance(value, (frozenset, set)):
        return json.dumps(sorted(value))
    return json.dumps(value) if isinstance(value, dict) else value
