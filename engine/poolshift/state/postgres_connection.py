"""One connection to a state in PostgreSQL: its transactions, and people streamed by a cursor of the server."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from threading import RLock
from typing import Any, Final, Self

import psycopg
from psycopg import sql

from poolshift.diagnostics import Place
from poolshift.errors import StateUnusable
from poolshift.state.connection import Answer, Guard, Statements
from poolshift.state.postgres_errors import meaning
from poolshift.state.postgres_schema import NUMBERED
from poolshift.state.sqlite_schema import FORMAT

_BATCH: Final = 2_000
_CONNECT_SECONDS: Final = 10
_SILENCE_MILLISECONDS: Final = 20_000
_PLACEHOLDER: Final = re.compile(r"\?(\d*)")

Raw = psycopg.Connection[Any]


def connect(url: str, schema: str, place: str) -> Raw:
    """Raises StateUnusable. The url is a secret, and whatever libpq says of it may repeat it."""
    try:
        raw = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
            application_name="poolshift",
            keepalives_idle=_CONNECT_SECONDS,
            tcp_user_timeout=_SILENCE_MILLISECONDS,
            cursor_factory=psycopg.RawCursor,
        )
        raw.server_cursor_factory = psycopg.RawServerCursor
        raw.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
        raw.execute("SET synchronous_commit TO on")  # a window is durable before its first call, whatever the default
    except psycopg.Error as error:
        raise meaning(error, place) from None
    return raw


@lru_cache(maxsize=256)
def _numbered(statement: str) -> str:
    """``?`` and ``?1`` as PostgreSQL writes them: $1."""
    following = count(1)
    return _PLACEHOLDER.sub(lambda found: f"${found[1] or next(following)}", statement)


class _Transaction:
    """Statements of an open transaction."""

    def __init__(self, raw: Raw) -> None:
        self._cursor = raw.cursor()

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Answer:
        return self._cursor.execute(_numbered(statement), values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Answer:
        self._cursor.executemany(_numbered(statement), rows)
        return self._cursor


class PostgresConnection:
    """Opened for reading it is one snapshot from its first row to its last, and keeps nobody waiting.

    Threads may share it; each statement or transaction has it for itself.
    """

    row_lock = " FOR UPDATE"

    def __init__(self, url: str, schema: str, place: str, *, write: bool) -> None:
        """Raises StateUnusable."""
        self.writable = write
        self.guard: Guard | None = None
        self._url, self._schema, self._place = url, schema, place
        self._mutex = RLock()
        self._raw = connect(url, schema, place)
        self._streams = 0
        self._names = count()
        self._reading: Raw | None = None
        try:
            with self._translated():
                if not write:
                    self._raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                self._check_format()
        except BaseException:
            self._raw.close()
            raise

    @property
    def place(self) -> str:
        return self._place

    def _check_format(self) -> None:
        row = self._raw.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
        version = int(row[0]) if row else 0
        if version > FORMAT:
            summary = f"written by a newer poolshift (format {version}, this one knows {FORMAT})"
            raise StateUnusable.of("STATE_NEWER", summary, "Install a newer poolshift.", Place(self.place))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (psycopg.ProgrammingError, psycopg.DataError, psycopg.IntegrityError) as error:
            if isinstance(error, (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
                raise meaning(error, self.place) from error
            raise
        except psycopg.Error as error:
            raise meaning(error, self.place) from error

    def one(self, statement: str, *values: Any) -> Any:
        with self._mutex, self._translated():
            return self._raw.execute(_numbered(statement), values).fetchone()

    def all(self, statement: str, *values: Any) -> list[Any]:
        with self._mutex, self._translated():
            return self._raw.execute(_numbered(statement), values).fetchall()

    # -- streams
    def people(self, low: bytes, high: bytes) -> Iterator[tuple[bytes, bytes]]:
        return self._stream("SELECT id, base FROM people WHERE id > $1 AND id < $2 ORDER BY id", (low, high))

    def rows(self, table: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        columns = self.all(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"
            " ORDER BY ordinal_position",
            self._schema,
            table,
        )
        names = [name for (name,) in columns]
        listed = ", ".join(f'"{name}"' for name in names)
        return names, self._stream(f"SELECT {listed} FROM {table}", ())

    def _stream(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """A cursor of the server, over one snapshot: what is written meanwhile is not in it."""
        raw = self._snapshot()
        cursor = raw.cursor(name=f"stream_{next(self._names)}")
        try:
            with self._mutex, self._translated():
                cursor.execute(statement, values)
            while True:
                with self._mutex, self._translated():
                    rows = cursor.fetchmany(_BATCH)
                if not rows:
                    break
                yield from rows
        finally:
            self._end_of_stream(cursor)

    def _snapshot(self) -> Raw:
        """Of a reader: its own. A writer reads beside its transactions, all streams of a moment from one snapshot."""
        with self._mutex, self._translated():
            self._streams += 1
            if not self.writable:
                return self._raw
            if self._reading is None:
                self._reading = connect(self._url, self._schema, self.place)
                self._reading.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return self._reading

    def _end_of_stream(self, cursor: psycopg.ServerCursor[Any]) -> None:
        with self._mutex, self._translated():
            self._streams -= 1
            cursor.close()
            if not self._streams and self._reading is not None:
                self._reading.close()
                self._reading = None

    # -- writing
    @contextmanager
    def transaction(self, *, guarded: bool = True) -> Iterator[Statements]:
        if not self.writable:
            raise ValueError("this state was opened for reading")
        with self._mutex, self._translated(), self._raw.transaction():
            statements = _Transaction(self._raw)
            if guarded and self.guard is not None:
                self.guard(statements)
            yield statements

    def server_time(self) -> float | None:
        """Of this moment, not of the transaction's begin: it may have waited for a lock."""
        (now,) = self.one("SELECT extract(epoch FROM clock_timestamp())::double precision")
        return float(now)

    def aside(self) -> Self:
        return type(self)(self._url, self._schema, self.place, write=True)

    def begun(self, statements: Statements) -> None:
        for table in NUMBERED:
            statements.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'number'), coalesce(max(number), 1),"
                f" max(number) IS NOT NULL) FROM {table}"
            )

    def compact(self) -> None:
        """The server's own autovacuum does it."""

    def check(self) -> Iterator[str]:
        """The server checks its pages itself, where it was made with checksums."""
        return iter(())

    def forget(self) -> None:
        with self._mutex, self._translated():
            self._raw.execute("VACUUM FULL meta")

    def close(self) -> None:
        for raw in (self._reading, self._raw):
            if raw is not None:
                raw.close()
        self._reading = None
