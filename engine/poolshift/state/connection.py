"""What the shared parts of a store ask of a database: statements, transactions, and people in hash order.

Statements are written once, with ``?`` or ``?1`` for values, in the words SQLite and PostgreSQL have in common.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Answer(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Statements(Protocol):
    """An open transaction."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Answer: ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Answer: ...


Guard = Callable[[Statements], None]


class Connection(Protocol):
    """Threads may share it; each statement or transaction has it for itself."""

    writable: bool
    guard: Guard | None
    """Asked first in every transaction: raises Locked where the lease is over, so that nothing is written."""

    row_lock: str
    """What a SELECT ends with to keep others from changing its rows until the transaction ends."""

    @property
    def place(self) -> str:
        """Where the state lies, as a person may read it: no secret."""

    def one(self, sql: str, *values: Any) -> Any:
        """The first row, or None."""

    def all(self, sql: str, *values: Any) -> list[Any]: ...

    def people(self, low: bytes, high: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(id, base) of people whose key is greater than ``low`` and less than ``high``, streamed in this order."""

    def rows(self, table: str) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
        """Names of columns and every row of a table, streamed; for an export."""

    def transaction(self, *, guarded: bool = True) -> AbstractContextManager[Statements]:
        """Everything inside is written, and durable, when this ends; nothing of it if anything is raised.

        Raises StateUnusable, Locked; ValueError when opened for reading.
        """

    def server_time(self) -> float | None:
        """Unix time of the server that all runners share; None where they share a machine."""

    def aside(self) -> "Connection":
        """A connection that another thread may use while this one is busy: this one, or a second."""

    def begun(self, statements: Statements) -> None:
        """Rows were written with numbers of their own: new ones go on behind the highest."""

    def compact(self) -> None:
        """Gives space back where there is much of it."""

    def check(self) -> Iterator[str]:
        """Damage the database itself finds, in words without values."""

    def forget(self) -> None:
        """Nothing that was deleted or overwritten can be read from the files any more, as far as the database can."""

    def close(self) -> None:
        """May be called again."""
