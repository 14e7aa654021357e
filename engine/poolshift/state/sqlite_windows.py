"""Windows in SQLite: intents before the call, outcomes after it, one row with counts once a window is closed."""

import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import orjson

from poolshift.privacy import redact
from poolshift.provider.operation import JobHandle, Operation
from poolshift.state import intents as packed
from poolshift.state import jobs
from poolshift.state.rule_sets import RuleSets
from poolshift.state.sqlite_connection import Connection
from poolshift.state.store import Intent, Job, Result, Settled, Window

FINISHED: Final[frozenset[Result]] = frozenset({"done", "already", "stale"})
_SUCCEEDED: Final[frozenset[Result]] = frozenset({"done", "already"})
_BATCH: Final = 512
_FINISHED_SQL: Final = "('done', 'already', 'stale')"


class Windows:
    """Reads and writes windows, their intents and their outcomes over one connection."""

    def __init__(self, connection: Connection, rule_sets: RuleSets) -> None:
        self._connection = connection
        self._rule_sets = rule_sets

    def open(self, run: str, plan_id: str, route: str, intents: Sequence[Intent], label: str) -> Window:
        """Durable when it returns. Raises ValueError when an address occurs twice."""
        rows = [(intent.address, at, packed.pack(intent, self._rule_sets)) for at, intent in enumerate(intents)]
        if len({address for address, _, _ in rows}) != len(rows):
            raise ValueError("an address occurs twice in one window")
        opened_at = time.time()
        with self._connection.transaction() as sqlite:
            cursor = sqlite.execute(
                "INSERT INTO windows (run, plan, route, label, opened_at) VALUES (?, ?, ?, ?, ?)",
                (run, plan_id, route, label, opened_at),
            )
            number = cursor.lastrowid
            if number is None:
                raise ValueError("the window got no number")
            sqlite.executemany(
                "INSERT INTO intents (window, address, position, body) VALUES (?, ?, ?, ?)",
                ((number, *row) for row in rows),
            )
        return Window(number, run, plan_id, route, label, opened_at, tuple(intents))

    def begin_job(self, window: int, label: str, operations: Sequence[Operation]) -> Job:
        """Durable when it returns. Raises ValueError when the window is not open."""
        began = time.time()
        with self._connection.transaction() as sqlite:
            sql = "SELECT 1 FROM windows WHERE number = ? AND closed_at IS NULL"
            if sqlite.execute(sql, (window,)).fetchone() is None:
                raise ValueError(f"window {window} is not open")
            sqlite.execute(
                "INSERT INTO jobs (label, window, begun_at, batch) VALUES (?, ?, ?, ?)",
                (label, window, began, jobs.pack(operations)),
            )
        return Job(label, tuple(operations), began)

    def keep_handle(self, handle: JobHandle) -> None:
        """Durable when it returns. Raises ValueError for a job that was never begun."""
        with self._connection.transaction() as sqlite:
            sql = "UPDATE jobs SET handle = ? WHERE label = ?"
            if not sqlite.execute(sql, (jobs.pack_handle(handle), handle.label)).rowcount:
                raise ValueError(f"job {handle.label} was never begun")

    def settle(self, sqlite: sqlite3.Connection, window: int, outcomes: Sequence[Settled]) -> None:
        """Inside a transaction; a later outcome of an address replaces the earlier one.

        Raises ValueError when the window is not open or an address is not in it.
        """
        found = sqlite.execute("SELECT run FROM windows WHERE number = ? AND closed_at IS NULL", (window,)).fetchone()
        if found is None:
            raise ValueError(f"window {window} is not open")
        results = {outcome.address: outcome.result for outcome in outcomes}
        updated = sqlite.executemany(
            "UPDATE intents SET result = ? WHERE window = ? AND address = ?",
            [(result, window, address) for address, result in results.items()],
        ).rowcount
        if results and updated != len(results):
            raise ValueError(f"window {window} was settled for an address that is not in it")
        self._write_failures(sqlite, found[0], outcomes)

    def _write_failures(self, sqlite: sqlite3.Connection, run: str, outcomes: Sequence[Settled]) -> None:
        sqlite.executemany(
            "DELETE FROM failures WHERE run = ? AND address = ?", [(run, outcome.address) for outcome in outcomes]
        )
        failed = [outcome for outcome in outcomes if outcome.result not in _SUCCEEDED]
        sqlite.executemany(
            "INSERT OR REPLACE INTO failures (run, address, result, destination_id, person, code, message)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (run, one.address, one.result, one.destination_id, one.person, one.code, redact(one.message))
                for one in failed
            ],
        )

    def close(self, number: int) -> None:
        """Folds the window to one row with counts. Raises ValueError when it is not open or has open rows."""
        with self._connection.transaction() as sqlite:
            found = sqlite.execute(
                "SELECT plan FROM windows WHERE number = ? AND closed_at IS NULL", (number,)
            ).fetchone()
            if found is None:
                raise ValueError(f"window {number} is not open")
            results = sqlite.execute(
                "SELECT result, count(*) FROM intents WHERE window = ? GROUP BY result", (number,)
            ).fetchall()
            counts = dict(results)
            if None in counts:
                raise ValueError(f"window {number} has {counts[None]} changes without an outcome")
            sqlite.execute(
                "INSERT OR IGNORE INTO finished (plan, address)"
                f" SELECT ?, address FROM intents WHERE window = ? AND result IN {_FINISHED_SQL}",
                (found[0], number),
            )
            sqlite.execute("DELETE FROM intents WHERE window = ?", (number,))
            sqlite.execute("DELETE FROM jobs WHERE window = ?", (number,))
            sqlite.execute(
                "UPDATE windows SET closed_at = ?, counts = ? WHERE number = ?",
                (time.time(), orjson.dumps(counts, option=orjson.OPT_SORT_KEYS).decode(), number),
            )

    def all_open(self) -> Sequence[Window]:
        """Windows that are not closed, oldest first."""
        sql = "SELECT number, run, plan, route, label, opened_at FROM windows WHERE closed_at IS NULL ORDER BY number"
        return [
            Window(number, run, plan_id, route, label, opened_at, self._open_rows(number), self._jobs(number))
            for number, run, plan_id, route, label, opened_at in self._connection.all(sql)
        ]

    def _open_rows(self, number: int) -> tuple[Intent, ...]:
        sql = "SELECT address, body FROM intents WHERE window = ? AND result IS NULL ORDER BY position"
        rows = self._connection.all(sql, number)
        return tuple(packed.unpack(address, body, self._rule_sets) for address, body in rows)

    def _jobs(self, number: int) -> tuple[Job, ...]:
        sql = "SELECT label, begun_at, batch, handle FROM jobs WHERE window = ? ORDER BY begun_at, label"
        return tuple(
            Job(label, jobs.unpack(batch), begun_at, jobs.unpack_handle(label, handle) if handle else None)
            for label, begun_at, batch, handle in self._connection.all(sql, number)
        )

    def failures(self, run: str) -> Iterator[Settled]:
        """In the order they came about."""
        sql = (
            "SELECT number, address, result, destination_id, person, code, message FROM failures"
            " WHERE run = ? AND number > ? ORDER BY number LIMIT ?"
        )
        last = 0
        while rows := self._connection.all(sql, run, last, _BATCH):
            for _, address, result, destination_id, person, code, message in rows:
                yield Settled(address, result, destination_id, person, code=code, message=message)
            last = rows[-1][0]


class FinishedAddresses(Collection[str]):
    """Addresses of a plan that need nothing more; asks the state each time, so it takes no memory and is never old."""

    def __init__(self, connection: Connection, plan_id: str) -> None:
        self._connection = connection
        self._plan = plan_id

    def __contains__(self, address: object) -> bool:
        sql = (
            "SELECT EXISTS (SELECT 1 FROM finished WHERE plan = ?1 AND address = ?2) OR EXISTS ("
            " SELECT 1 FROM windows CROSS JOIN intents ON intents.window = windows.number"
            f" WHERE closed_at IS NULL AND plan = ?1 AND address = ?2 AND result IN {_FINISHED_SQL})"
        )
        return bool(self._connection.one(sql, self._plan, address)[0])

    def __iter__(self) -> Iterator[str]:
        """In order of the addresses."""
        last = ""
        while rows := self._connection.all(f"{_ALL_FINISHED} ORDER BY address LIMIT ?3", self._plan, last, _BATCH):
            for (address,) in rows:
                yield address
            last = rows[-1][0]

    def __len__(self) -> int:
        (count,) = self._connection.one(f"SELECT count(*) FROM ({_ALL_FINISHED})", self._plan, "")
        return int(count)


_ALL_FINISHED: Final = (
    "SELECT address FROM finished WHERE plan = ?1 AND address > ?2"
    " UNION SELECT address FROM windows CROSS JOIN intents ON intents.window = windows.number"
    f" WHERE closed_at IS NULL AND plan = ?1 AND address > ?2 AND result IN {_FINISHED_SQL}"
)
