"""One case of the corpus: records of an export, what the directory holds already, and what a plan says."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import uuid4

import yaml

from poolshift.cli.engine import Engine
from poolshift.planning.compute import compute
from poolshift.planning.computed import Computed
from poolshift_providers.directory import PROVIDER
from poolshift_providers.directory.settings import Settings

FOLDER: Final = Path(__file__).with_name("records")
BASE: Final = yaml.safe_load(FOLDER.with_name("base.yaml").read_text("utf-8"))
_RECORD: Final[Mapping[str, Any]] = {
    "status": "CONFIRMED",
    "enabled": True,
    "created": 1_700_000_000.0,
    "modified": 1_700_000_500.0,
    "attributes": {},
}


@dataclass(frozen=True)
class Case:
    """``records``: short forms of users; expect: by sub; see the README beside this file."""

    name: str
    about: str
    records: list[dict[str, Any]]
    expect: dict[str, dict[str, Any]]
    spec: Mapping[str, Any]
    groups: dict[str, dict[str, Any]]
    directory: list[dict[str, Any]]
    findings: list[str]
    counts: dict[str, int]
    refused: str


def cases() -> list[Case]:
    """Every file of the corpus, by name."""
    return [_case(path) for path in sorted(FOLDER.glob("*.yaml"))]


def _case(path: Path) -> Case:
    own = yaml.safe_load(path.read_text("utf-8"))
    optional = {"expect": {}, "spec": {}, "groups": {}, "directory": [], "findings": [], "counts": {}, "refused": ""}
    return Case(name=path.stem, **(optional | own))


@dataclass(frozen=True)
class Person:
    """What the plan says of one: action ("" = no row), rule, codes of findings, values and elements it would send."""

    action: str
    rule: str
    codes: list[str]
    values: Mapping[str, Any]
    adds: list[str]


def run(case: Case, folder: Path) -> tuple[dict[str, Person], dict[str, Any]]:
    """Plan the case; gives what is said of each sub, and the plan's document. Raises what the plan raises."""
    _write(case, folder)
    engine = Engine()
    spec = engine.load(folder / "migration.yaml", {}, [])
    with engine.session(spec, write=False) as session, compute(session, partitions=1) as computed:
        subs = {str(record["sub"]) for record in case.records if "sub" in record}
        return {sub: _person(sub, computed) for sub in subs}, dict(computed.plan.document)


def _person(sub: str, computed: Computed) -> Person:
    rows = [row for row in computed.plan.rows() if row.person == sub]
    own = [row for row in rows if row.kind == "user"]
    start = f'user["{sub}"]'
    codes = sorted(
        finding["code"]
        for finding in computed.plan.document["findings"]
        if any(sample == start or sample.startswith((f"{start}:", f"{start} ")) for sample in finding["samples"])
    )
    values = [change.effect.values for change in computed.changes(0) if change.person == sub and change.kind == "user"]
    return Person(
        "+".join(row.action for row in own),
        "+".join(row.rule for row in own),
        codes,
        values[0] if values else {},
        sorted(row.address.partition(",")[2].rstrip("]") for row in rows if row.action == "add"),
    )


def _write(case: Case, folder: Path) -> None:
    records = [{**_RECORD, **record} for record in case.records]
    users = folder / "users"
    users.mkdir()
    pages: dict[int, list[Any]] = {}
    for record in records:
        pages.setdefault(record.get("page", 1), []).append(_user(record))
    for number, page in pages.items():
        (users / f"{number}.json").write_text(json.dumps({"Users": page}), encoding="utf-8")
    _write_groups(case, records, folder / "groups")
    spec = _merged(BASE, case.spec)
    (folder / "migration.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    (folder / "people.directory").write_bytes(_empty_directory())
    with closing(sqlite3.connect(folder / "people.directory")) as connection, connection:
        for row in case.directory:
            values = {"id": uuid4().hex, "created_at": "2024-01-01T00:00:00Z", **row}
            names, marks = ", ".join(values), ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO users ({names}) VALUES ({marks})", tuple(values.values()))


@cache
def _empty_directory() -> bytes:
    """Made once: making one waits for the disk several times."""
    with TemporaryDirectory() as name:
        PROVIDER.create(Settings(path="people.directory"), Path(name))
        return (Path(name) / "people.directory").read_bytes()


def _user(record: Mapping[str, Any]) -> dict[str, Any]:
    attributes = dict(record["attributes"])
    if "sub" in record:
        attributes = {"sub": record["sub"], **attributes}
    if isinstance(identities := record.get("identities"), list):
        attributes["identities"] = json.dumps(
            [{"providerName": own[0], "providerType": own[0], "userId": own[1]} for own in identities]
        )
    elif identities is not None:
        attributes["identities"] = identities
    return {
        "Username": record.get("username", record.get("sub", "nobody")),
        "Attributes": [{"Name": name, "Value": value} for name, value in attributes.items()],
        "UserStatus": record["status"],
        "Enabled": record["enabled"],
        "UserCreateDate": record["created"],
        "UserLastModifiedDate": record["modified"],
    }


def _write_groups(case: Case, records: list[dict[str, Any]], folder: Path) -> None:
    (folder / "members").mkdir(parents=True)
    names = dict.fromkeys(name for record in records for name in record.get("groups", ()))
    own = [{"GroupName": name, **case.groups.get(name, {})} for name in names]
    (folder / "groups.json").write_text(json.dumps({"Groups": own}), encoding="utf-8")
    for number, name in enumerate(names):
        members = [_user(record) for record in records if name in record.get("groups", ())]
        page = {"GroupName": name, "Users": members}
        (folder / "members" / f"{number}.json").write_text(json.dumps(page), encoding="utf-8")


def _merged(base: Any, other: Any) -> Any:
    if isinstance(base, dict) and isinstance(other, dict):
        return base | {key: _merged(base.get(key), value) for key, value in other.items()}
    return other
