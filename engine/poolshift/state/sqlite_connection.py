"""One connection to a state file: its transactions, and what its errors mean to a user."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import Locked, PoolshiftError, StateUnusable
from poolshift.state.connection import Guard, Statements
from poolshift.state.private_file import writing
from poolshift.state.sqlite_compaction import is_wasteful
from poolshift.state.sqlite_schema import APPLICATION_ID, FORMAT

_RESTORE: Final = "Restore it from a backup, or take it away and plan anew."
_WAIT_SECONDS: Final = 0.25
_WRITER_WAIT_SECONDS: Final = 10.0
_BATCH: Final = 512
_CACHE_KILOBYTES: Final = 65_536
_MAGIC: Final = b"SQLite format 3\0"

_PRIMARY: Final = 0xFF
_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_UNWRITABLE: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_log = logging.getLogger(__name__)

_BROKEN_READS: Final = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ})


def meaning(error: sqlite3.Error, path: Path) -> PoolshiftError:
    """The error of ours that says what SQLite met. Locked, or StateUnusable with a STATE_ code."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & _PRIMARY
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    place = Place(str(path))
    if primary in _HELD:
        return busy(path)
    if primary == sqlite3.SQLITE_FULL:
        return StateUnusable.of(
            "STATE_FULL", "the disk is full; nothing was half written", "Free some disk space and run again.", place
        )
    if primary in _UNWRITABLE or (primary == sqlite3.SQLITE_IOERR and code not in _BROKEN_READS):
        remedy = "Make the file and its folder writable, or name another place in state.settings.path."
        return StateUnusable.of("STATE_UNWRITABLE", f"cannot be written ({name})", remedy, place)
    if primary == sqlite3.SQLITE_NOTADB and not _begins_like_sqlite(path):
        return _foreign(path, "not a state of poolshift")
    return StateUnusable.of("STATE_DAMAGED", f"damaged ({name})", _RESTORE, place)


def busy(path: Path) -> Locked:
    """Somebody reads the state, or is in the middle of a transaction; who, the file cannot tell."""
    summary = "another command is reading this state"
    return Locked([Diagnostic("STATE_LOCKED", summary, Place(str(path)), "Wait until it has ended and run again.")])


def _foreign(path: Path, summary: str) -> PoolshiftError:
    remedy = "Take the file away, or name another place in state.settings.path."
    return StateUnusable.of("STATE_FOREIGN", summary, remedy, Place(str(path)))


def _begins_like_sqlite(path: Path) -> bool:
    """Opening the file drops this process's locks on it, so this is for files that are no database at all."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return True


class SqliteConnection:
    """Opened for reading it holds one read transaction from the first statement on, so that a command sees one state
    from its first row to its last; a writer is kept waiting by it.

    Threads may share it; each statement or transaction has it for itself.
    """

    row_lock = ""  # a transaction that writes has the whole file

    def __init__(self, path: Path, *, write: bool) -> None:
        """Raises Locked, StateUnusable (STATE_FOREIGN, STATE_NEWER, STATE_DAMAGED, STATE_UNWRITABLE, STATE_FULL)."""
        self.path = path
        self.writable = write
        self.guard: Guard | None = None
        self._changes = 0
        self._mutex = RLock()
        # SQLite takes an empty file for a new database; ours are never empty, they are put in place whole.
        with writing(path):
            if not path.stat().st_size:
                raise StateUnusable.of("STATE_DAMAGED", "the file is empty", _RESTORE, Place(str(path)))
        with self._translated():
            self._sqlite = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=_WAIT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            with self._translated():
                self._begin()
        except BaseException:
            self._sqlite.close()
            raise

    @property
    def place(self) -> str:
        return str(self.path)

    def _begin(self) -> None:
        execute = self._sqlite.execute
        execute(f"PRAGMA cache_size = -{_CACHE_KILOBYTES}")
        if not self.writable:
            execute("PRAGMA query_only = ON")
            execute("BEGIN")
            self._check_format()
            return
        self._check_format()
        # The plain journal costs a few syncs a group of changes, and leaves nothing beside a file at rest that
        # a copy of it could miss.
        execute("PRAGMA journal_mode = TRUNCATE")
        execute("PRAGMA synchronous = FULL")
        # Readers that come now only look at the lease and go; those that were here first are told at once.
        execute("BEGIN EXCLUSIVE")
        execute("COMMIT")
        execute(f"PRAGMA busy_timeout = {int(_WRITER_WAIT_SECONDS * 1000)}")

    def _check_format(self) -> None:
        (application,) = self._sqlite.execute("PRAGMA application_id").fetchone()
        (version,) = self._sqlite.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise _foreign(self.path, "a database, but not a state of poolshift")
        if version > FORMAT:
            summary = f"written by a newer poolshift (format {version}, this one knows {FORMAT})"
            raise StateUnusable.of("STATE_NEWER", summary, "Install a newer poolshift.", Place(str(self.path)))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.IntegrityError):
            raise
        except sqlite3.Error as error:
            raise meaning(error, self.path) from error

    def one(self, sql: str, *values: Any) -> Any:
        """The first row, or None."""
        with self._mutex, self._translated():
            return self._sqlite.execute(sql, values).fetchone()

    def all(self, sql: str, *values: Any) -> list[Any]:
        with self._mutex, self._translated():
            return self._sqlite.execute(sql, values).fetchall()

    def people(self, low: bytes, high: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Raises RuntimeError if people are written to before the stream has ended."""
        sql = f"SELECT id, base FROM people WHERE id > ? AND id < ? ORDER BY id LIMIT {_BATCH}"
        changes = self._changes
        more = True
        while more:
            rows = self.all(sql, low, high)
            if self._changes != changes:
                raise RuntimeError("the base was written to while its people were being read")
            yield from rows
            more = len(rows) == _BATCH
            low = rows[-1][0] if rows else low

    def rows(self, table: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        with self._mutex, self._translated():
            cursor = self._sqlite.execute(f"SELECT * FROM {table}")
        return [column[0] for column in cursor.description], self._fetched(cursor)

    def _fetched(self, cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
        while True:
            with self._mutex, self._translated():
                rows = cursor.fetchmany(_BATCH)
            if not rows:
                return
            yield from rows

    @contextmanager
    def transaction(self, *, guarded: bool = True) -> Iterator[Statements]:
        if not self.writable:
            raise ValueError("this state was opened for reading")
        with self._mutex, self._translated():
            self._sqlite.execute("BEGIN IMMEDIATE")
            try:
                if guarded and self.guard is not None:
                    self.guard(self._sqlite)
                yield self._sqlite
                self._sqlite.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some errors, a full disk for one.
                if self._sqlite.in_transaction:
                    self._sqlite.execute("ROLLBACK")
                raise
            self._changes += guarded

    def server_time(self) -> float | None:
        return None

    def aside(self) -> "SqliteConnection":
        return self

    def begun(self, statements: Statements) -> None:
        """SQLite numbers new rows behind the highest by itself."""

    def compact(self) -> None:
        """Gives back free and half-empty pages once they are more than a tenth of the file."""
        if not is_wasteful(self):
            return
        try:
            self.vacuum()
        except StateUnusable as error:
            # The state is right as it is, only larger than it need be; the next plan that closes tries again.
            _log.warning("the state file was not made smaller: %s", error.diagnostics[0].summary)

    def vacuum(self) -> None:
        """Writes the file anew without free space. Raises StateUnusable; the file is whole either way."""
        with self._mutex, self._translated():
            self._sqlite.execute("VACUUM")

    def check(self) -> Iterator[str]:
        for (line,) in self.all("PRAGMA integrity_check(20)"):
            if line != "ok":
                yield line

    def forget(self) -> None:
        self.vacuum()

    def close(self) -> None:
        self._sqlite.close()
