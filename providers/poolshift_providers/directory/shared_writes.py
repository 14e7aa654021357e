"""Writes of what belongs to nobody: attributes, organizations, roles, groups."""

import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any, Final

import orjson

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Clear, Code, Edit, Operation, Outcome, Put
from poolshift_providers.directory.canonical_form import attribute_path, text
from poolshift_providers.directory.records import LISTINGS
from poolshift_providers.directory.refusals import Refused
from poolshift_providers.directory.values import json_text, writable

_FIELDS: Final[Mapping[Kind, Mapping[Path, str]]] = {
    "attribute": {"name": "text", "type": "text", "max_length": "number"},
    "organization": {"key": "text", "name": "text", "domains": "set"},
    "role": {"name": "text", "scope": "text"},
    "group": {"name": "text", "description": "text", "precedence": "number"},
}
_FIXED: Final[Mapping[Kind, frozenset[Path]]] = {
    "attribute": frozenset({"name", "type"}),
    "organization": frozenset({"key"}),
    "role": frozenset({"name", "scope"}),
    "group": frozenset({"name"}),
}


class SharedWrites:
    """Creates and updates inside the caller's transaction. Raises Refused, sqlite3.IntegrityError."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, operation: Operation) -> Outcome:
        if operation.verb == "create":
            return self._create(operation)
        if operation.verb == "update" and operation.id is not None:
            return self._update(operation, operation.id)
        raise Refused(Code.UNSUPPORTED, f"the directory does not {operation.verb} a {operation.kind} this way")

    def _create(self, operation: Operation) -> Outcome:
        columns = self._columns(operation, None)
        columns = {path: value for path, value in columns.items() if value is not None}
        if operation.kind == "role":
            columns["organization"] = self._organization_of(columns.get("scope", ""))
        columns["id"] = uuid.uuid4().hex
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        table = f"{operation.kind}s"
        self._connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))
        return self._outcome(operation, columns["id"])

    def _update(self, operation: Operation, record: str) -> Outcome:
        table = f"{operation.kind}s"
        if self._connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (record,)).fetchone() is None:
            raise Refused(Code.GONE, f"the {operation.kind} is not there any more")
        columns = self._columns(operation, record)
        for path in _FIXED[operation.kind] & columns.keys():
            raise Refused(Code.INVALID, f"{path} cannot be changed", path)
        if operation.kind == "attribute":
            self._may_resize(record, columns.get("max_length"))
        if columns:
            pairs = ", ".join(f"{name} = ?" for name in columns)
            self._connection.execute(f"UPDATE {table} SET {pairs} WHERE id = ?", (*columns.values(), record))
        return self._outcome(operation, record)

    def _columns(self, operation: Operation, record: str | None) -> dict[Path, Any]:
        fields = _FIELDS[operation.kind]
        columns: dict[Path, Any] = {}
        for path, change in operation.changes.items():
            if path not in fields:
                raise Refused(Code.INVALID, f"{path} is not a field that is written", path)
            if fields[path] == "set":
                columns[path] = self._set(path, change, record)
            else:
                columns[path] = _scalar(path, change, fields[path])
        if operation.kind == "attribute" and "name" in columns:
            columns["name"] = attribute_path(columns["name"])
        return columns

    def _set(self, path: Path, change: Put | Clear | Edit, record: str | None) -> str | None:
        if isinstance(change, Clear) or (isinstance(change, Put) and change.value is None):
            return None
        if isinstance(change, Put):
            members = change.value
        else:
            row = self._connection.execute("SELECT domains FROM organizations WHERE id = ?", (record,)).fetchone()
            members = (set(orjson.loads(row[0])) if row and row[0] else set()) - change.remove | change.add
        if not isinstance(members, (list, tuple, set, frozenset)) or not all(isinstance(one, str) for one in members):
            raise Refused(Code.INVALID, f"{path} is not a set of texts", path)
        return json_text(path, sorted({writable(path, text(one)) for one in members}))

    def _organization_of(self, scope: str) -> str | None:
        """The organization a role's scope names, by its key."""
        kind, _, key = scope.partition(":")
        if kind != "organization":
            return None
        row = self._connection.execute("SELECT id FROM organizations WHERE key = ?", (key,)).fetchone()
        if row is None:
            raise Refused(Code.PARENT_GONE, "the organization of the role is not there", "scope")
        return str(row[0])

    def _may_resize(self, record: str, length: int | None) -> None:
        """An attribute grows, it does not shrink: values in it would not fit any more."""
        row = self._connection.execute("SELECT max_length FROM attributes WHERE id = ?", (record,)).fetchone()
        if length is not None and (row[0] is None or length < row[0]):
            raise Refused(Code.INVALID, "max_length cannot be lowered", "max_length")

    def _outcome(self, operation: Operation, record: str) -> Outcome:
        listing = LISTINGS[operation.kind]
        row = self._connection.execute(f"{listing.select} WHERE id = ?", (record,)).fetchone()
        return Outcome(operation.address, id=record, echo=listing.record(row))


def _scalar(path: Path, change: Put | Clear | Edit, type_: str) -> Value:
    if isinstance(change, Edit):
        raise Refused(Code.INVALID, f"{path} is not a set", path)
    value = change.value if isinstance(change, Put) else None
    if value is None:
        return None
    if type_ == "number":
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 63:
            raise Refused(Code.INVALID, f"{path} is not a whole number", path)
        return value
    if not isinstance(value, str):
        raise Refused(Code.INVALID, f"{path} is not text", path)
    return writable(path, text(value))
