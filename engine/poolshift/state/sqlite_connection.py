"""One connection to a state file: its lock, its transactions, and what its errors mean to a user."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

from poolshift.diagnostics import Place
from poolshift.errors import PoolshiftError, StateUnusable
from poolshift.state import holder
from poolshift.state.private_file import writing
from poolshift.state.sqlite_schema import APPLICATION_ID, FORMAT

_RESTORE: Final = "Restore it from a backup, or take it away and plan anew."
_WAIT_SECONDS: Final = 0.25
_CACHE_KILOBYTES: Final = 65_536
_MAGIC: Final = b"SQLite format 3\0"

_PRIMARY: Final = 0xFF
_HELD: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_UNWRITABLE: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_BROKEN_READS: Final = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ})


def meaning(error: sqlite3.Error, path: Path) -> PoolshiftError:
    """The error of ours that says what SQLite met. Locked, or StateUnusable with a STATE_ code."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & _PRIMARY
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    place = Place(str(path))
    if primary in _HELD:
        return holder.locked(path)
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


class Connection:
    """Opened for writing it holds the exclusive lock of the operating system until it is closed; opened for
    reading it holds one read transaction, so that a command sees one state from its first row to its last.

    Threads may share it; each statement or transaction has it for itself.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        """Raises Locked, StateUnusable (STATE_FOREIGN, STATE_NEWER, STATE_DAMAGED, STATE_UNWRITABLE, STATE_FULL)."""
        self.path = path
        self.writable = write
        self.changes = 0
        self._mutex = RLock()
        self._holder = holder.Holder(path) if write else None
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
                self._lock()
            self.announce()
        except BaseException:
            self._sqlite.close()
            raise

    def _lock(self) -> None:
        execute = self._sqlite.execute
        execute(f"PRAGMA cache_size = -{_CACHE_KILOBYTES}")
        if not self.writable:
            execute("PRAGMA query_only = ON")
            execute("BEGIN")
            self._check_format()
            return
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("BEGIN EXCLUSIVE")
        self._check_format()
        execute("COMMIT")
        # The plain journal costs a few syncs a group of changes, and leaves nothing beside a file at rest that
        # a copy of it could miss.
        execute("PRAGMA journal_mode = TRUNCATE")
        execute("PRAGMA synchronous = FULL")

    def _check_format(self) -> None:
        (application,) = self._sqlite.execute("PRAGMA application_id").fetchone()
        (version,) = self._sqlite.execute("PRAGMA user_version").fetchone()
        if application != APPLICATION_ID:
            raise _foreign(self.path, "a database, but not a state of poolshift")
        if version > FORMAT:
            summary = f"written by a newer poolshift (format {version}, this one knows {FORMAT})"
            raise StateUnusable.of("STATE_NEWER", summary, "Install a newer poolshift.", Place(str(self.path)))

    def announce(self, command: str = "") -> None:
        """Tells others who holds the lock; finds out, too, whether the folder takes a journal. Raises StateUnusable."""
        if self._holder is not None:
            with writing(self.path):
                self._holder.write(command)

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

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is written, and durable, when this ends; nothing of it if anything is raised.

        Raises StateUnusable; ValueError when opened for reading.
        """
        if not self.writable:
            raise ValueError("this state was opened for reading")
        with self._mutex, self._translated():
            self._sqlite.execute("BEGIN IMMEDIATE")
            try:
                yield self._sqlite
                self._sqlite.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some errors, a full disk for one.
                if self._sqlite.in_transaction:
                    self._sqlite.execute("ROLLBACK")
                raise
            self.changes += 1

    def vacuum(self) -> None:
        """Writes the file anew without free space. Raises StateUnusable; the file is whole either way."""
        with self._mutex, self._translated():
            self._sqlite.execute("VACUUM")

    def close(self) -> None:
        """Lets the lock go. May be called again."""
        if self._holder is not None:
            self._holder.remove()
            self._holder = None
        self._sqlite.close()
