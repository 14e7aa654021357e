"""Where the state of a migration lies, so that it can be put back: a file beside the spec, or a database."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import psycopg
from tests.end_to_end.bases import read_bases
from tests.end_to_end.migration import STATE
from tests.servers.postgres import Postgres

_KEY: Final = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
_SPEC: Final = '\nstate: {backend: postgres, settings: {url: "${env:STATE_URL}"}}\n'


class State(Protocol):
    """spec: what the spec says of it. environ: of the commands that open it."""

    @property
    def spec(self) -> str: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    def keep(self) -> None:
        """The state as it is now is what each case begins with."""

    def put_back(self) -> None:
        """Nobody may have it open."""

    def bases(self, folder: Path, ids: Mapping[str, str]) -> Mapping[str, Any]:
        """See `read_bases`."""

    def is_free(self, folder: Path) -> bool:
        """Whether no writer is in the middle of a transaction."""


class InFile:
    """It lies in the folder of the migration, and is copied with it."""

    spec = ""
    environ: Mapping[str, str] = {}

    def keep(self) -> None:
        """The copy of the folder has it."""

    def put_back(self) -> None:
        """The copy of the folder has it."""

    def bases(self, folder: Path, ids: Mapping[str, str]) -> Mapping[str, Any]:
        return read_bases(folder, ids)

    def is_free(self, folder: Path) -> bool:
        with closing(sqlite3.connect(folder / STATE, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            connection.execute("ROLLBACK")
            return True


class InPostgres:
    """A context manager around a server of its own with one database a case."""

    spec = _SPEC

    def __enter__(self) -> Self:
        self._server = Postgres().__enter__()
        self._planned = self._current = self._server.database()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def environ(self) -> Mapping[str, str]:
        return {"STATE_URL": self._current, "POOLSHIFT_KEY": _KEY}

    def keep(self) -> None:
        self._planned = self._current

    def put_back(self) -> None:
        if self._current != self._planned:
            self._execute(f"DROP DATABASE {_name(self._current)} WITH (FORCE)")
        self._current = self._server.database(_name(self._planned))

    def bases(self, folder: Path, ids: Mapping[str, str]) -> Mapping[str, Any]:
        return read_bases(folder, ids, {"url": self._current}, self.environ, "postgres")

    def is_free(self, folder: Path) -> bool:
        """Every transaction of a writer locks the row of the lease first."""
        with psycopg.connect(self._current) as connection:
            try:
                connection.execute("SELECT fence FROM people.lease FOR UPDATE NOWAIT")
            except psycopg.errors.LockNotAvailable:
                return False
            return True

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            connection.execute(statement.encode())


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
