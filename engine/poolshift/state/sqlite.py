"""The state of one lineage in one SQLite file."""

import secrets
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import Any

import orjson

from poolshift import canonical
from poolshift.diagnostics import Place
from poolshift.errors import PlanUnusable, StateUnusable
from poolshift.identity.value import Path
from poolshift.provider.operation import JobHandle, Operation
from poolshift.state.base import Base
from poolshift.state.keyring import LineageKeys, unwrap
from poolshift.state.sqlite_base import BaseRows
from poolshift.state.sqlite_connection import Connection
from poolshift.state.sqlite_windows import FinishedAddresses, Windows
from poolshift.state.store import Intent, Job, Keys, PlanStatus, Resolution, Run, Settled, Window


class SqliteStore:
    """Implements `store.Store`. Methods that write raise StateUnusable, and ValueError when opened for reading.

    Threads may share it. While `people` is read nothing may be written.
    """

    def __init__(self, path: File, migration: str, master_key: bytes, *, write: bool) -> None:
        """Raises Locked; StateUnusable: KEY_WRONG before anything else is read, STATE_FOREIGN and the like."""
        self._connection = Connection(path, write=write)
        try:
            self.lineage, self.keys = self._unlock(path, migration, master_key)
            self._base = BaseRows(self._connection)
            self._windows = Windows(self._connection, self._base.rule_sets)
        except BaseException:
            self._connection.close()
            raise

    def _unlock(self, path: File, migration: str, master_key: bytes) -> tuple[str, Keys]:
        meta = dict(self._connection.all("SELECT name, value FROM meta"))
        if not {"lineage", "key", "migration"} <= meta.keys():
            raise StateUnusable.of("STATE_DAMAGED", "has no lineage", "Restore it from a backup.", Place(str(path)))
        lineage = meta["lineage"].decode()
        keys: LineageKeys = unwrap(meta["key"], master_key, lineage)
        owner = meta["migration"].decode()
        if owner != migration:
            summary = f"the state of migration {owner}, not of {migration}"
            remedy = "Name another place in state.settings.path."
            raise StateUnusable.of("STATE_FOREIGN", summary, remedy, Place(str(path)))
        return lineage, keys

    def __repr__(self) -> str:
        return f"SqliteStore({str(self._connection.path)!r})"

    # -- what was decided on
    def tenants(self) -> Mapping[str, Mapping[str, str]]:
        return {side: orjson.loads(pins) for side, pins in self._connection.all("SELECT side, pins FROM tenants")}

    def pin_tenants(self, tenants: Mapping[str, Mapping[str, str]]) -> None:
        """Replaces what was pinned before."""
        with self._connection.transaction() as sqlite:
            sqlite.execute("DELETE FROM tenants")
            sqlite.executemany(
                "INSERT INTO tenants (side, pins) VALUES (?, ?)",
                [(side, canonical.encode(dict(pins)).decode()) for side, pins in tenants.items()],
            )

    def rule_sets(self) -> Mapping[int, Mapping[Path, str]]:
        return self._base.rule_sets.all()

    def rule_set(self, rules: Mapping[Path, str]) -> int:
        return self._base.rule_set(rules)

    # -- base
    def people(self, low: int = 0, high: int = 1 << 64) -> Iterator[Base]:
        return self._base.people(low, high)

    def pairs(self, low: int = 0, high: int = 1 << 64) -> Iterator[tuple[str, str]]:
        return self._base.pairs(low, high)

    def person(self, source_id: str) -> Base | None:
        return self._base.person(source_id)

    def count_people(self) -> int:
        return self._base.count_people()

    def shared(self) -> Mapping[str, Base]:
        return self._base.shared()

    def resolutions(self) -> Mapping[tuple[str, Path], Resolution]:
        sql = "SELECT address, path, keep, desired, actual, who, why, at FROM resolutions ORDER BY address, path"
        return {(row[0], row[1]): Resolution(*row) for row in self._connection.all(sql)}

    def resolve(self, resolution: Resolution) -> None:
        """The latest verdict on a conflict wins."""
        one = resolution
        with self._connection.transaction() as sqlite:
            sqlite.execute(
                "INSERT OR REPLACE INTO resolutions (address, path, keep, desired, actual, who, why, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (one.address, one.path, one.keep, one.desired, one.actual, one.who, one.why, one.at),
            )

    # -- plans
    def plan_status(self, plan_id: str) -> PlanStatus:
        found = self._connection.one("SELECT status FROM plans WHERE id = ?", plan_id)
        return found[0] if found else "new"

    def open_plan(self, plan_id: str, digest: str) -> None:
        """An open plan stays open. Raises PlanUnusable when it is closed or another plan has its id."""
        found = self._connection.one("SELECT status, digest FROM plans WHERE id = ?", plan_id)
        if found and found[0] == "closed":
            raise PlanUnusable.of("PLAN_CLOSED", f"plan {plan_id} was applied already", "Plan anew.")
        if found and found[1] != digest:
            raise PlanUnusable.of("PLAN_DIGEST", f"another plan with the id {plan_id} is open", "Plan anew.")
        if not found:
            with self._connection.transaction() as sqlite:
                sqlite.execute("INSERT INTO plans (id, digest, status) VALUES (?, ?, 'open')", (plan_id, digest))

    def close_plan(self, plan_id: str) -> None:
        """Raises ValueError for a plan that was never opened. Gives space back when there is much of it."""
        with self._connection.transaction() as sqlite:
            if not sqlite.execute("UPDATE plans SET status = 'closed' WHERE id = ?", (plan_id,)).rowcount:
                raise ValueError(f"plan {plan_id} was never opened")
            sqlite.execute("DELETE FROM finished WHERE plan = ?", (plan_id,))
        self._base.compact()

    def finished(self, plan_id: str) -> Collection[str]:
        """Empty again once the plan is closed."""
        return FinishedAddresses(self._connection, plan_id)

    # -- windows
    def open_window(self, run: str, plan_id: str, route: str, intents: Sequence[Intent]) -> Window:
        """``label`` is new with every window, and short enough for a vendor's job name."""
        label = f"poolshift-{plan_id}-{secrets.token_hex(4)}"
        return self._windows.open(run, plan_id, route, intents, label)

    def begin_job(self, window: int, label: str, operations: Sequence[Operation]) -> Job:
        return self._windows.begin_job(window, label, operations)

    def keep_handle(self, handle: JobHandle) -> None:
        self._windows.keep_handle(handle)

    def settle(self, window: int, outcomes: Sequence[Settled]) -> None:
        with self._connection.transaction() as sqlite:
            self._windows.settle(sqlite, window, outcomes)
            self._base.write(sqlite, outcomes)

    def record(self, outcomes: Sequence[Settled]) -> None:
        with self._connection.transaction() as sqlite:
            self._base.write(sqlite, outcomes)

    def close_window(self, window: int) -> None:
        self._windows.close(window)

    def open_windows(self) -> Sequence[Window]:
        return self._windows.all_open()

    # -- runs
    def begin_run(self, command: str, plan_id: str) -> str:
        """The id of the run: 12 hex digits."""
        run = secrets.token_hex(6)
        self._connection.announce(command)
        with self._connection.transaction() as sqlite:
            sqlite.execute(
                "INSERT INTO runs (id, command, plan, started_at) VALUES (?, ?, ?, ?)",
                (run, command, plan_id, time.time()),
            )
        return run

    def end_run(self, run: str, exit_code: int, report: Mapping[str, Any]) -> None:
        """Raises ValueError for a run that never began."""
        with self._connection.transaction() as sqlite:
            ended = sqlite.execute(
                "UPDATE runs SET ended_at = ?, exit_code = ?, report = ? WHERE id = ?",
                (time.time(), exit_code, canonical.encode(dict(report)).decode(), run),
            )
            if not ended.rowcount:
                raise ValueError(f"run {run} never began")

    def runs(self) -> Sequence[Run]:
        """The oldest first."""
        sql = "SELECT id, command, plan, started_at, ended_at, exit_code, report FROM runs ORDER BY number"
        return [
            Run(run, command, plan_id, started_at, ended_at, exit_code, orjson.loads(report))
            for run, command, plan_id, started_at, ended_at, exit_code, report in self._connection.all(sql)
        ]

    def failures(self, run: str) -> Iterator[Settled]:
        return self._windows.failures(run)

    def close(self) -> None:
        """Lets the lock go. May be called again."""
        self._connection.close()
