"""Turns what SQLite refuses into failures. No message holds a value."""

import sqlite3
from typing import Final

from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failed, Failure

_RULES: Final = {
    "user": "a user has at most five links",
    "role": "a role in an organization needs membership of it",
    "organization": "the user still holds a role in the organization",
}
_KEYS: Final = {"users.external_id": "external_id", "attributes.name": "name", "organizations.key": "key"}
_KEYS_OF_SHARED: Final = {"groups.name": "name", "roles.name": "name"}


class Refused(Exception):
    """One record that the directory does not take."""

    def __init__(self, code: Code, why: str, path: Path | None = None) -> None:
        super().__init__(why)
        self.failure = Failure(code, why, path)


def refusal(error: sqlite3.IntegrityError) -> Failure:
    """The failure a broken constraint stands for: EXISTS for a record's own key, TAKEN for another unique value."""
    message = str(error)
    kind, _, subject = message.partition(" constraint failed: ")
    if kind == "UNIQUE":
        column = subject.split(",")[0].strip()
        if (path := (_KEYS | _KEYS_OF_SHARED).get(column)) is not None:
            return Failure(Code.EXISTS, f"a record with this {path} is there already", path)
        path = "subject" if column.startswith("links.") else column.partition(".")[2]
        return Failure(Code.TAKEN, f"another record has this {path}", path)
    if kind == "CHECK":
        return Failure(Code.INVALID, f"{subject} is too long, too short or of the wrong form", subject)
    if kind == "NOT NULL":
        path = subject.partition(".")[2]
        return Failure(Code.INVALID, f"{path} is missing", path)
    if message.startswith("rule:"):
        path = message.removeprefix("rule:")
        return Failure(Code.INVALID, _RULES[path], path)
    if kind.startswith("FOREIGN KEY"):
        return Failure(Code.PARENT_GONE, "a record it refers to is gone")
    return Failure(Code.INVALID, "a value of the wrong type")


def breakdown(error: sqlite3.Error) -> Failed:
    """The file itself would not take a write: nothing was written, the transaction was rolled back."""
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Failed(Failure(Code.BUSY, "another process is writing the directory file", retry_after=1.0))
    if name.startswith("SQLITE_FULL"):
        return Failed(Failure(Code.DOWN, "the disk of the directory file is full"))
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return Failed(Failure(Code.DENIED, "the directory file may not be written"))
    return Failed(Failure(Code.DOWN, f"the directory file cannot be written: {name}"))
