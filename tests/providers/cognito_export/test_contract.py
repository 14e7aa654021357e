"""An export keeps the laws of a source: people in pages, groups with their members, the pool's own description."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

import pytest

from poolshift.identity.kind import Kind
from poolshift.testing import SourceContract, World
from poolshift_providers.cognito_export import PROVIDER
from tests.providers.cognito.world import person

HERE = FilePath(__file__).parent
PEOPLE = 25
GROUPS = ("admins", "staff")


class ExportWorld(World):
    """A folder as the commands of the AWS CLI leave it."""

    def __init__(self, folder: FilePath) -> None:
        self.provider = PROVIDER
        self.settings = {"path": "export", "groups": "groups", "pool": "pool.json"}
        self.folder = folder
        self._people = [person(number) for number in range(PEOPLE)]
        shutil.copy(HERE / "pool.json", folder / "pool.json")
        (folder / "export").mkdir()
        for page in range(0, PEOPLE, 10):
            _write(folder / "export" / f"users_{page}.json", {"Users": self._people[page : page + 10]})
        _write(folder / "groups" / "groups.json", {"Groups": [{"GroupName": name} for name in GROUPS]})
        for name in GROUPS:
            members = {"GroupName": name, "Users": self._people[:3]}
            _write(folder / "groups" / "members" / f"{name}.json", members)

    def there(self) -> Mapping[Kind, set[str]]:
        return {"user": {_sub(one) for one in self._people}, "group": set(GROUPS)}

    def put(self, kind: Kind, values: Mapping[str, Any], refs: Mapping[str, str]) -> str:
        raise NotImplementedError

    def get(self, kind: Kind, id: str) -> Any:
        known: dict[Kind, dict[str, Any]] = {"user": {_sub(one): one for one in self._people}, "group": dict.fromkeys(GROUPS, True)}
        return known.get(kind, {}).get(id)


def _sub(user: Mapping[str, Any]) -> str:
    return next(str(pair["Value"]) for pair in user["Attributes"] if pair["Name"] == "sub")


def _write(file: FilePath, document: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document), "utf-8")


class TestExport(SourceContract):
    """The laws of a source."""

    @pytest.fixture
    def world(self, tmp_path: FilePath) -> ExportWorld:
        return ExportWorld(tmp_path)
