"""How each kind is selected and turned into records; the last column is the row number that paging goes by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import orjson

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path
from poolshift_providers.directory.values import SELECT, user_record, without_nothing

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind. ``select``: everything before WHERE, its main table named t; ``keys``: column by lookup key."""

    select: str
    record: Callable[[Row], Record]
    keys: Mapping[Path, str] = field(default_factory=dict)


def _attribute(row: Row) -> Record:
    return Record("attribute", row[0], without_nothing({"name": row[1], "type": row[2], "max_length": row[3]}))


def _organization(row: Row) -> Record:
    values = without_nothing({"key": row[1], "name": row[2]})
    if row[3] is not None:
        values["domains"] = frozenset(orjson.loads(row[3]))
    return Record("organization", row[0], values)


def _role(row: Row) -> Record:
    return Record("role", row[0], {"name": row[1], "scope": row[2]})


def _group(row: Row) -> Record:
    return Record("group", row[0], without_nothing({"name": row[1], "description": row[2], "precedence": row[3]}))


def _link(row: Row) -> Record:
    return Record("link", row[0], {"provider": row[1], "subject": row[2]}, {"user": Ref("", id=row[3])})


@lru_cache(4096)
def _parent(parent_id: str, key: str) -> Ref:
    """Many are members of few."""
    return Ref("", parent_id, key)


def _membership(kind: Kind, parent: str) -> Callable[[Row], Record]:
    def record(row: Row) -> Record:
        user, parent_id, key = row[:3]
        refs = {"user": Ref("", user), parent: _parent(parent_id, key)}
        return Record(kind, f"{user}/{parent_id}", {}, refs)

    return record


def _memberships(kind: Kind, parent: str, key: str) -> Listing:
    select = (
        f'SELECT t.user, t."{parent}", parent."{key}", t.n FROM {kind}s AS t'
        f' JOIN {parent}s AS parent ON parent.id = t."{parent}"'
    )
    return Listing(select, _membership(kind, parent), {"user": "t.user"})


LISTINGS: Final[Mapping[Kind, Listing]] = {
    "attribute": Listing(
        "SELECT id, name, type, max_length, n FROM attributes AS t", _attribute, {"id": "id", "name": "name"}
    ),
    "organization": Listing(
        "SELECT id, key, name, domains, n FROM organizations AS t", _organization, {"id": "id", "key": "key"}
    ),
    "role": Listing("SELECT id, name, scope, n FROM roles AS t", _role, {"id": "id", "name": "name"}),
    "group": Listing(
        "SELECT id, name, description, precedence, n FROM groups AS t", _group, {"id": "id", "name": "name"}
    ),
    "user": Listing(
        f"SELECT {SELECT}, n FROM users AS t",
        user_record,
        {path: path for path in ("id", "external_id", "email", "username")},
    ),
    "organization_member": _memberships("organization_member", "organization", "key"),
    "role_member": _memberships("role_member", "role", "name"),
    "group_member": _memberships("group_member", "group", "name"),
    "link": Listing("SELECT id, provider, subject, user, n FROM links AS t", _link, {"id": "id", "user": "user"}),
}
"""In the order of reading: what others refer to comes first."""
