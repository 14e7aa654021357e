"""The plan file: one SQLite file with a summary. It holds decisions, not people.

``document`` is the JSON of ``show --format json``; ``rows`` hold one change each, in plan order: shared kinds first,
then people in hash order. A file is written under a temporary name and renamed when it is whole.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import orjson

from poolshift.canonical import encode
from poolshift.errors import PlanUnusable, PoolshiftError, StateUnusable, UsageError
from poolshift.identity.address import hash64
from poolshift.plan.change import Change

APPLICATION_ID: Final = 0x70736631
FORMAT: Final = 1
BATCH: Final = 2000
T = TypeVar("T")

_SCHEMA: Final = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE document (name TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE rows (seq INTEGER PRIMARY KEY, class TEXT NOT NULL, hash INTEGER NOT NULL, content BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One change as the file has it. fields: {path, rule, mode, verdict, desired, actual} with fingerprints in hex."""

    address: str
    person: str
    kind: str
    action: str
    rule: str
    class_id: str
    destination_id: str | None
    desired: bytes
    actual: bytes
    records: bool
    code: str
    partner: str
    candidates: tuple[str, ...]
    fields: tuple[Mapping[str, str], ...]

    def as_document(self) -> dict[str, Any]:
        """The shape of ``changes[]`` in ``show --class``."""
        return {
            "address": self.address,
            "destination_id": self.destination_id,
            "action": self.action,
            "rule": self.rule,
            "code": self.code,
            "partner": self.partner,
            "candidates": list(self.candidates),
            "fields": [dict(own) for own in self.fields],
        }


def _content(change: Change) -> bytes:
    fields = [
        [own.path, own.rule, own.mode, own.verdict, own.desired.hex(), own.actual.hex(), own.code]
        for own in change.fields
    ]
    return encode(
        [
            change.address,
            change.person,
            change.kind,
            change.action,
            change.rule,
            change.destination_id,
            change.desired.hex(),
            change.actual.hex(),
            change.records,
            change.code,
            change.partner,
            change.candidates,
            fields,
        ]
    )


def _row(class_id: str, content: bytes) -> PlanRow:
    own = orjson.loads(content)
    fields = tuple(
        {"path": path, "rule": rule, "mode": mode, "verdict": verdict, "desired": desired, "actual": actual}
        for path, rule, mode, verdict, desired, actual, _ in own[12]
    )
    return PlanRow(
        address=own[0],
        person=own[1],
        kind=own[2],
        action=own[3],
        rule=own[4],
        class_id=class_id,
        destination_id=own[5],
        desired=bytes.fromhex(own[6]),
        actual=bytes.fromhex(own[7]),
        records=own[8],
        code=own[9],
        partner=own[10],
        candidates=tuple(own[11]),
        fields=fields,
    )


def _signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


class PlanWriter:
    """Writes a plan file; it appears under its name when `finish` returns, whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        self._digest = sha256()
        self._shared_digest = sha256()
        self._waiting: list[tuple[int, str, int, bytes]] = []
        self._seq = 0
        self._shared_seq = -(1 << 40)
        self._draft.unlink(missing_ok=True)
        self._db = self._guard(self._create)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._draft.unlink(missing_ok=True)

    def _create(self) -> sqlite3.Connection:
        os.close(os.open(self._draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        db = sqlite3.connect(self._draft, isolation_level=None)
        db.executescript(_SCHEMA)
        db.execute("BEGIN")
        return db

    def add(self, change: Change, class_id: str) -> None:
        """Append a person's change; call in plan order."""
        content = _content(change)
        self._digest.update(content)
        self._keep(self._seq, change, class_id, content)
        self._seq += 1

    def add_shared(self, change: Change, class_id: str) -> None:
        """Append a change of a shared kind: it stands before every person's."""
        content = _content(change)
        self._shared_digest.update(content)
        self._keep(self._shared_seq, change, class_id, content)
        self._shared_seq += 1

    def digest(self, bound: Mapping[str, Any]) -> str:
        """sha256 over what the plan is bound to and its rows in order."""
        return sha256(encode(bound) + self._shared_digest.digest() + self._digest.digest()).hexdigest()

    def finish(self, document: Mapping[str, Any]) -> None:
        self._guard(lambda: self._finish(document))

    def _finish(self, document: Mapping[str, Any]) -> None:
        self._flush()
        self._db.execute("INSERT INTO document VALUES ('plan', ?)", (encode(document),))
        self._db.execute("CREATE INDEX by_hash ON rows (hash)")
        self._db.execute("CREATE INDEX by_class ON rows (class, seq)")
        self._db.execute("COMMIT")
        self._db.close()
        with self._draft.open("rb") as file:
            os.fsync(file.fileno())
        self._draft.replace(self._path)

    def _keep(self, seq: int, change: Change, class_id: str, content: bytes) -> None:
        self._waiting.append((seq, class_id, _signed(hash64(change.address.encode())), content))
        if len(self._waiting) >= BATCH:
            self._guard(self._flush)

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting = []

    def _guard(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except (sqlite3.Error, OSError) as error:
            raise StateUnusable.of(
                "PLAN_UNWRITABLE",
                f"the plan file {self._path.name} cannot be written: {error}",
                "Choose a folder that exists, can be written and has space left: --out FILE.",
            ) from error


class PlanFile:
    """A plan file, opened to read. Implements ``PlanRows``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise UsageError.of(
                "PLAN_MISSING", f"there is no plan file {path}", "Write one: poolshift plan SPEC --out FILE."
            )
        try:
            self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            application = self._db.execute("PRAGMA application_id").fetchone()[0]
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            content = self._db.execute("SELECT content FROM document WHERE name = 'plan'").fetchone()
        except sqlite3.Error as error:
            raise _damaged(path) from error
        if application != APPLICATION_ID or content is None:
            raise _damaged(path)
        if version != FORMAT:
            raise PlanUnusable.of(
                "PLAN_NEWER", f"{path} has plan format {version}, this poolshift reads {FORMAT}", "Plan again."
            )
        try:
            self.document: Mapping[str, Any] = orjson.loads(content[0])
        except orjson.JSONDecodeError as error:
            raise _damaged(path) from error

    @property
    def id(self) -> str:
        return str(self.document["plan"]["id"])

    @property
    def digest(self) -> str:
        return str(self.document["plan"]["digest"])

    def find(self, address: str) -> PlanRow | None:
        """The row of an address; of several (a write beside an open conflict) the write."""
        found = [
            row for row in self._select("WHERE hash = ?", _signed(hash64(address.encode()))) if row.address == address
        ]
        standing_still = {"conflict", "hold", "retain"}
        return next((row for row in found if row.action not in standing_still), found[0] if found else None)

    def has_rows_of(self, other: "PlanFile") -> bool:
        """Whether both plans are the same, row by row as they are written."""
        try:
            pairs = zip_longest(self._contents(), other._contents())
            return all(own == theirs for own, theirs in pairs)
        except sqlite3.Error as error:
            raise _damaged(self.path) from error

    def rows(self) -> Iterator[PlanRow]:
        yield from self._select("")

    def of_class(self, class_id: str) -> Iterator[PlanRow]:
        yield from self._select("WHERE class = ?", class_id)

    def class_document(self, class_id: str) -> Mapping[str, Any]:
        """The document plus ``changes`` of one class. Raises UsageError for a class that is not in it."""
        if not any(own["id"] == class_id for own in self.document["classes"]):
            known = ", ".join(own["id"] for own in self.document["classes"]) or "none"
            raise UsageError.of("CLASS_UNKNOWN", f"the plan has no class {class_id}", f"Classes: {known}.")
        return {**self.document, "changes": [row.as_document() for row in self.of_class(class_id)]}

    def close(self) -> None:
        self._db.close()

    def _contents(self) -> Iterator[Any]:
        return self._db.execute("SELECT content FROM rows ORDER BY seq")

    def _select(self, where: str, *values: Any) -> Iterator[PlanRow]:
        try:
            for class_id, content in self._db.execute(f"SELECT class, content FROM rows {where} ORDER BY seq", values):
                yield _row(class_id, content)
        except (sqlite3.Error, orjson.JSONDecodeError) as error:
            raise _damaged(self.path) from error


def open_plan_file(path: Path) -> PlanFile:
    """Raises UsageError where there is none, PlanUnusable where it is damaged or not ours."""
    return PlanFile(path)


def _damaged(path: Path) -> PoolshiftError:
    return PlanUnusable.of("PLAN_DAMAGED", f"{path} is not a whole plan file", "Plan again.")
