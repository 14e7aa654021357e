"""Writes of what a user has: memberships and links. Adding what is there and removing what is not is `already`."""

import sqlite3
import uuid
from typing import Final

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Operation, Outcome, Put
from poolshift_providers.directory.canonical_form import text
from poolshift_providers.directory.records import LISTINGS
from poolshift_providers.directory.refusals import Refused
from poolshift_providers.directory.values import writable

_NATURAL: Final[dict[str, str]] = {"organization": "key", "role": "name", "group": "name"}


class ElementWrites:
    """Adds and removes inside the caller's transaction. Raises Refused, sqlite3.IntegrityError."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, operation: Operation, owner: str | None = None) -> Outcome:
        """``owner``: the user just created that this element is folded into."""
        if operation.verb == "update":
            raise Refused(Code.UNSUPPORTED, f"a {operation.kind} has nothing to update")
        if operation.kind == "link":
            return self._link(operation, owner) if operation.verb == "create" else self._unlink(operation)
        parent = operation.kind.removesuffix("_member")
        if operation.verb == "create":
            return self._add(operation, parent, owner)
        return self._remove(operation, parent)

    def _add(self, operation: Operation, parent: str, owner: str | None) -> Outcome:
        user = owner or self._user(operation)
        parent_id = self._parent(operation, parent)
        inserted = self._connection.execute(
            f'INSERT INTO {operation.kind}s (user, "{parent}") SELECT ?, ? WHERE NOT EXISTS'
            f' (SELECT 1 FROM {operation.kind}s WHERE user = ? AND "{parent}" = ?)',
            (user, parent_id, user, parent_id),
        ).rowcount
        echo = self._echo(operation.kind, f't.user = ? AND t."{parent}" = ?', (user, parent_id))
        return Outcome(operation.address, "done" if inserted else "already", id=echo.id, echo=echo)

    def _remove(self, operation: Operation, parent: str) -> Outcome:
        if operation.id is not None:
            user, _, parent_id = operation.id.partition("/")
        else:
            user, parent_id = operation.refs["user"].id or "", self._parent(operation, parent)
        removed = self._connection.execute(
            f'DELETE FROM {operation.kind}s WHERE user = ? AND "{parent}" = ?', (user, parent_id)
        ).rowcount
        return Outcome(operation.address, "done" if removed else "already", id=f"{user}/{parent_id}")

    def _link(self, operation: Operation, owner: str | None) -> Outcome:
        user = owner or self._user(operation)
        provider, subject = _text_of(operation, "provider"), _text_of(operation, "subject")
        row = self._connection.execute(
            "SELECT user FROM links WHERE provider = ? AND subject = ?", (provider, subject)
        ).fetchone()
        if row is not None and row[0] != user:
            raise Refused(Code.TAKEN, "another user has this link", "subject")
        if row is None:
            self._connection.execute(
                "INSERT INTO links (id, user, provider, subject) VALUES (?, ?, ?, ?)",
                (uuid.uuid4().hex, user, provider, subject),
            )
        echo = self._echo("link", "provider = ? AND subject = ?", (provider, subject))
        return Outcome(operation.address, "already" if row else "done", id=echo.id, echo=echo)

    def _unlink(self, operation: Operation) -> Outcome:
        values: tuple[str, ...]
        if operation.id is not None:
            where, values = "id = ?", (operation.id,)
        else:
            where = "provider = ? AND subject = ? AND user = ?"
            user = operation.refs["user"].id or ""
            values = (_text_of(operation, "provider"), _text_of(operation, "subject"), user)
        removed = self._connection.execute(f"DELETE FROM links WHERE {where}", values).rowcount
        return Outcome(operation.address, "done" if removed else "already", id=operation.id)

    def _user(self, operation: Operation) -> str:
        ref = operation.refs.get("user")
        user = ref.id if ref is not None else None
        if user is None or not self._connection.execute("SELECT 1 FROM users WHERE id = ?", (user,)).fetchone():
            raise Refused(Code.PARENT_GONE, "the user is not there", "user")
        return user

    def _parent(self, operation: Operation, parent: str) -> str:
        """The id of the organization, role or group; by its natural key where the engine knows no id."""
        ref = operation.refs.get(parent)
        if ref is not None:
            column, value = ("id", ref.id) if ref.id is not None else (_NATURAL[parent], ref.key)
            rows = self._connection.execute(f"SELECT id FROM {parent}s WHERE {column} = ?", (value,)).fetchall()
            if len(rows) == 1:
                return str(rows[0][0])
        raise Refused(Code.PARENT_GONE, f"the {parent} is not there", parent)

    def _echo(self, kind: Kind, where: str, values: tuple[str, ...]) -> Record:
        listing = LISTINGS[kind]
        return listing.record(self._connection.execute(f"{listing.select} WHERE {where}", values).fetchone())


def _text_of(operation: Operation, path: Path) -> str:
    change = operation.changes.get(path)
    if not isinstance(change, Put) or not isinstance(change.value, str):
        raise Refused(Code.INVALID, f"{path} is required", path)
    return writable(path, text(change.value))
