"""An applier that is suspended for three lease times with requests in flight: after waking it starts none."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.end_to_end.migration import STATE

from faults.going_on import DONE
from faults.lanes import each
from faults.options import Options
from faults.pools import PoolMigration
from faults.runs import Nursery
from faults.section import Section
from faults.stopping import Stopped
from faults.tally import Tally
from poolshift.testing.faults import Fault

RUNS: Final = 10
FLYING: Final = 10
"""Requests in flight, at least."""

_LEASE: Final = 2.0
_TERMS: Final = (_LEASE, _LEASE / 8, _LEASE / 8)
_SLOW: Final = 3.0
"""Seconds a create takes: it is carried out while its client is suspended."""

_SETTLED: Final = 0.5
"""Seconds for which the number in flight has to stay as it is, so that no request is just being sent."""

_PATIENCE: Final = 60.0
_LOCKED: Final = 8


@dataclass(frozen=True, slots=True)
class Track:
    """holder: the warm parent of the applier that is suspended; all others have the migration's own."""

    migration: PoolMigration
    folder: Path
    holder: Nursery


@dataclass(frozen=True, slots=True)
class Result:
    found: Counter[str]
    flying: int


def measure(options: Options) -> Section:
    """Every other run is taken over and finished while its applier is suspended."""
    tally = Tally("sqlite, export → cognito")
    runs = [bool(number % 2) for number in range(options.of(RUNS))]
    lanes = [partial(_track, options, number) for number in range(min(2, options.lanes))]
    flying = []
    for taken_over, result in each(runs, lanes, suspend):
        tally.add("taken over" if taken_over else "not taken over", result.found, f"{result.flying} in flight")
        flying.append(result.flying)
    kinds = ("few", "requests", "rows", "lost", "twice", "differ", "messages", "codes", "state")
    head = ("state, ends", "runs", "fewer than 10 in flight", "requests after waking", "rows by the old fence")
    rest = ("lost", "twice", "differ", "messages", "wrong exit codes", "wrong state", "in flight, least (most)")
    note = "Every other run is taken over, and finished, while its applier is suspended."
    return Section((*head, *rest), [[*tally.row(*kinds), f"{min(flying)} ({max(flying)})"]], [note], tally.told)


def suspend(taken_over: bool, track: Track) -> Result:
    """Suspended for three lease times, woken, ended; then applied to the end where nobody has done it."""
    migration = track.migration
    folder = migration.begin(track.folder)
    front = migration.ends["destination"]
    front.fail(Fault("slow", "create", times=0, seconds=_SLOW))
    found: Counter[str] = Counter()
    with Stopped(partial(migration.apply, folder, nursery=track.holder, lease=_TERMS, name="-suspended")) as applier:
        flying = _stop(track, folder, applier)
        time.sleep(3 * _LEASE)
        migration.heal()
        if taken_over:
            found += _finish(track, folder)
        rows, asked = migration.state(folder), front.counts.total()
        last = applier.wake()
    found["few"] = int(flying < FLYING)
    found["codes"] += int(last.code != _LOCKED or "LEASE_LOST" not in last.err)
    found["requests"] = front.counts.total() - asked
    found["rows"] = int(migration.state(folder) != rows)
    if not taken_over:
        found += _finish(track, folder)
    return Result(+(found + migration.found(folder)), flying)


def _stop(track: Track, folder: Path, applier: Stopped) -> int:
    """Requests in flight when it was stopped, between two transactions: a file's lock would be kept as well."""
    while True:
        _wait_until_settled(track, applier)
        applier.stop()
        if applier.is_stopped and _is_free(folder):
            return track.migration.ends["destination"].in_flight
        applier.go_on()
        time.sleep(0.02)


def _wait_until_settled(track: Track, applier: Stopped) -> None:
    front, end = track.migration.ends["destination"], time.monotonic() + _PATIENCE
    before, since = 0, time.monotonic()
    while time.monotonic() < end and not applier.has_ended:
        if (flying := front.in_flight) != before:
            before, since = flying, time.monotonic()
        if front.programme.met and flying and time.monotonic() - since > _SETTLED:
            return
        time.sleep(0.01)
    raise RuntimeError("nothing was in flight")


def _is_free(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / STATE, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
        return True


def _finish(track: Track, folder: Path) -> Counter[str]:
    codes, _ = track.migration.apply_to_the_end(folder)
    return Counter({"codes": int(codes[-1] != DONE)})


@contextmanager
def _track(options: Options, number: int) -> Iterator[Track]:
    folder = options.folder / f"suspended-{number}"
    with (
        Nursery() as one,
        Nursery() as holder,
        PoolMigration(folder, one, "export", "cognito", begun=False) as migration,
    ):
        yield Track(migration, folder / "case", holder)
