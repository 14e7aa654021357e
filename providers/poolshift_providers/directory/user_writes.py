"""Writes of users."""

import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Clear, Code, Edit, Operation, Outcome, Put
from poolshift_providers.directory import canonical_form
from poolshift_providers.directory.database import PREFIX, now
from poolshift_providers.directory.records import LISTINGS
from poolshift_providers.directory.refusals import Refused
from poolshift_providers.directory.settings import Settings
from poolshift_providers.directory.values import BOOLEANS, TEXTS, checked_attribute, json_text, stored

_WRITABLE = frozenset((*TEXTS, *BOOLEANS, "address"))
_OWN_TABLES = ("role_members", "group_members", "organization_members", "links")


class UserWrites:
    """Creates, updates and deletes users inside the caller's transaction. Raises Refused, sqlite3.IntegrityError."""

    def __init__(self, settings: Settings, connection: sqlite3.Connection) -> None:
        self._required = frozenset(settings.required)
        self._mail = canonical_form.folded if settings.case_fold else canonical_form.text
        self._connection = connection

    def write(self, operation: Operation) -> Outcome:
        if operation.verb == "create":
            return self._create(operation)
        if operation.id is None:
            raise Refused(Code.GONE, "the operation names no user")
        return self._update(operation, operation.id) if operation.verb == "update" else self._delete(operation)

    def exists(self, operation: Operation) -> bool:
        """Whether a user with the external_id of this create is there already."""
        change = operation.changes.get("external_id")
        if operation.verb != "create" or not isinstance(change, Put) or not isinstance(change.value, str):
            return False
        value = canonical_form.text(change.value)
        return self._connection.execute("SELECT 1 FROM users WHERE external_id = ?", (value,)).fetchone() is not None

    def _create(self, operation: Operation) -> Outcome:
        columns, attributes = self._split(operation)
        given = columns | attributes
        for path in sorted(self._required):
            if given.get(path) in (None, ""):
                raise Refused(Code.INVALID, f"{path} is required", path)
        columns |= {"id": uuid.uuid4().hex, "created_at": now()}
        kept = {path: value for path, value in attributes.items() if value is not None}
        columns["attributes"] = json_text("attributes", kept)
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        self._connection.execute(f"INSERT INTO users ({names}) VALUES ({marks})", tuple(columns.values()))
        return Outcome(operation.address, id=columns["id"], echo=self._echo(columns["id"]))

    def _update(self, operation: Operation, user: str) -> Outcome:
        columns, attributes = self._split(operation)
        for path, value in (columns | attributes).items():
            if path in self._required and value in (None, ""):
                raise Refused(Code.INVALID, f"{path} is required", path)
        row = self._connection.execute("SELECT attributes FROM users WHERE id = ?", (user,)).fetchone()
        if row is None:
            raise Refused(Code.GONE, "the user is not there any more")
        if attributes:
            merged = orjson.loads(row[0]) | attributes
            kept = {path: value for path, value in merged.items() if value is not None}
            columns["attributes"] = json_text("attributes", kept)
        if columns:
            pairs = ", ".join(f"{name} = ?" for name in columns)
            self._connection.execute(f"UPDATE users SET {pairs} WHERE id = ?", (*columns.values(), user))
        return Outcome(operation.address, id=user, echo=self._echo(user))

    def _delete(self, operation: Operation) -> Outcome:
        for table in _OWN_TABLES:
            self._connection.execute(f"DELETE FROM {table} WHERE user = ?", (operation.id,))
        gone = self._connection.execute("DELETE FROM users WHERE id = ?", (operation.id,)).rowcount
        return Outcome(operation.address, "done" if gone else "already", id=operation.id)

    def _echo(self, user: str) -> Record:
        listing = LISTINGS["user"]
        return listing.record(self._connection.execute(f"{listing.select} WHERE id = ?", (user,)).fetchone())

    def _split(self, operation: Operation) -> tuple[dict[Path, Any], dict[Path, Value]]:
        """Column values and attribute values of the changes, each checked; None = cleared."""
        columns: dict[Path, Any] = {}
        attributes: dict[Path, Value] = {}
        for path, change in operation.changes.items():
            value = _value(path, change)
            if path in _WRITABLE:
                columns[path] = stored(path, self._mail(value) if path == "email" else value)
            elif path.startswith(PREFIX):
                attributes[path] = value
            else:
                raise Refused(Code.INVALID, f"{path} is not a field that is written", path)
        return columns, self._declared(attributes) if attributes else attributes

    def _declared(self, attributes: Mapping[Path, Value]) -> dict[Path, Value]:
        rows = self._connection.execute("SELECT name, type, max_length FROM attributes").fetchall()
        declared = {name: (type_, length) for name, type_, length in rows}
        checked: dict[Path, Value] = {}
        for path, value in attributes.items():
            if path not in declared:
                raise Refused(Code.INVALID, f"{path} is not declared", path)
            checked[path] = None if value is None else checked_attribute(path, value, declared[path])
        return checked


def _value(path: Path, change: Put | Clear | Edit) -> Value:
    if isinstance(change, Edit):
        raise Refused(Code.INVALID, f"{path} is not a set", path)
    return change.value if isinstance(change, Put) else None
