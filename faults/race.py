"""Two appliers of one plan at once, and two that wait for an expired lease: exactly one works, nobody else writes."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from faults.directories import DirectoryMigration
from faults.going_on import DONE
from faults.lanes import each
from faults.options import Options
from faults.runs import Nursery, Ran
from faults.section import Section
from faults.states import InFile, InPostgres
from faults.stopping import Stopped
from faults.tally import Tally

RACES: Final = 200
TAKE_OVERS: Final = 50
JITTER: Final = 0.05
"""Seconds by which one may start after the other."""

_PEOPLE: Final = 25
_RATE: Final = "40/s"
"""Slow enough for the two to meet on a busy machine."""

_LEASE: Final = 2.0
_TERMS: Final = (3600.0, 0.2)
"""Of the holder that is suspended: no heartbeat, so that it stops between two transactions. On a busy machine it needs
a longer lease to come so far."""

_LOCKED: Final = 8
_USED: Final = 7
_LANES: Final = 2

Jitter = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Track:
    """A migration whose state lies in one backend, a warm parent for each applier, and one for a holder before them."""

    migration: DirectoryMigration
    folder: Path
    nurseries: tuple[Nursery, Nursery]
    holder: Nursery


@dataclass(frozen=True, slots=True)
class Outcome:
    """again: how often it took another start, because there had been nothing to race for."""

    found: Counter[str]
    again: int


def measure(options: Options) -> Section:
    """So many races and take-overs a backend."""
    tallies = [own for backend, opened in BACKENDS.items() for own in _of_backend(backend, opened, options)]
    rows = [
        [*tally.row("winners", "codes", "lost", "twice", "differ", "state"), str(tally.exits["again"])]
        for tally in tallies
    ]
    head = ("state", "races", "not one winner", "wrong exit codes", "lost", "twice", "differ", "wrong state")
    note = (
        "At once: two start together. Take-over: two wait for the lease of a third that was suspended in the middle, "
        "and wakes when all is done; it writes nothing more. Run again: pairs of which one had done it all before the "
        "other looked, and holders that were too slow to be suspended with a lease; neither is a race."
    )
    return Section((*head, "run again"), rows, [note], [line for tally in tallies for line in tally.told])


def _of_backend(
    backend: str, opened: Callable[[Options, int], AbstractContextManager[Track]], options: Options
) -> tuple[Tally, Tally]:
    """One tally of the pairs that start together, one of those that wait."""
    at_once, waiting = Tally(f"{backend}, at once"), Tally(f"{backend}, take-over")
    random = Random(options.seed)
    cases = [
        (tally, run, (random.uniform(0, JITTER), random.uniform(0, JITTER)))
        for tally, run, full in ((at_once, race, RACES), (waiting, take_over, TAKE_OVERS))
        for _ in range(options.of(full))
    ]
    lanes = [partial(opened, options, number) for number in range(min(_LANES, options.lanes))]
    for (tally, _, jitter), outcome in each(cases, lanes, lambda case, track: case[1](case[2], track)):
        tally.add(f"started after {jitter[0]:.3f} and {jitter[1]:.3f} s", outcome.found)
        tally.exits["again"] += outcome.again
    return at_once, waiting


def race(jitter: Jitter, track: Track) -> Outcome:
    """Two at once: 4 and 8."""
    again = 0
    while True:
        folder = track.migration.begin(track.folder)
        first, second = _both(track, folder, jitter, _apply)
        if not _is_late(first) and not _is_late(second):
            break
        again += 1
    codes = Counter((first.code, second.code))
    found = Counter({"winners": int(codes[DONE] != 1), "codes": int(codes != Counter((DONE, _LOCKED)))})
    return Outcome(+(found + track.migration.found(folder)), again)


def take_over(jitter: Jitter, track: Track) -> Outcome:
    """Two wait until the suspended holder's lease is over: one settles its window and ends with 4, the other with 7."""
    again = 0
    while True:
        folder = track.migration.begin(track.folder)
        with Stopped(partial(_hold, track, folder, _LEASE * (1 + again))) as holder:
            if holder.is_stopped:
                ends = _both(track, folder, jitter, _wait_and_apply)
                before = track.migration.found(folder)
                last = holder.wake()
                break
        again += 1
    codes = Counter(own.code for own in ends)
    found = Counter({"winners": int(codes[DONE] != 1), "codes": int(codes != Counter((DONE, _USED)))})
    found["codes"] += int(last.code != _LOCKED or "LEASE_LOST" not in last.err)
    after = track.migration.found(folder)
    return Outcome(+(found + (before | after)), again)


def _both(track: Track, folder: Path, jitter: Jitter, run: Callable[..., Ran]) -> tuple[Ran, Ran]:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(partial(run, track, folder), track.nurseries, jitter, ("-one", "-other"))
    return first, second


def _apply(track: Track, folder: Path, nursery: Nursery, delay: float, name: str) -> Ran:
    return track.migration.apply(folder, nursery=nursery, name=name, delay=delay)


def _wait_and_apply(track: Track, folder: Path, nursery: Nursery, delay: float, name: str) -> Ran:
    """Again as long as somebody holds the state."""
    while (ran := _apply(track, folder, nursery, delay, name)).code == _LOCKED:
        delay = 0.0
    return ran


def _hold(track: Track, folder: Path, lasts: float, **order: Any) -> Ran:
    """With its first window open, and no call made."""
    own: dict[str, Any] = {"nursery": track.holder, "name": "-holder", "arm": ("stopped", 1), "lease": (lasts, *_TERMS)}
    return track.migration.apply(folder, **own, **order)


def _is_late(ran: Ran) -> bool:
    return ran.code == _USED and "PLAN_USED" in ran.err


@contextmanager
def _track(
    backend: str, opened: Callable[[], AbstractContextManager[InFile | InPostgres]], options: Options, number: int
) -> Iterator[Track]:
    folder = options.folder / f"race-{backend}-{number}"
    with (
        Nursery() as one,
        Nursery() as other,
        Nursery() as third,
        opened() as state,
        DirectoryMigration(folder, one, begun=False, count=_PEOPLE, rate=_RATE, state=state) as migration,
    ):
        yield Track(migration, folder / "case", (one, other), third)


BACKENDS: Final[Mapping[str, Callable[[Options, int], AbstractContextManager[Track]]]] = {
    "sqlite": partial(_track, "sqlite", lambda: nullcontext(InFile())),
    "postgres": partial(_track, "postgres", InPostgres),
}
