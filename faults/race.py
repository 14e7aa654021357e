"""Two appliers of one plan at once: exactly one works, the other is told who holds the state."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from faults.directories import DirectoryMigration
from faults.going_on import DONE
from faults.lanes import each
from faults.options import Options
from faults.runs import Nursery, Ran
from faults.section import Section
from faults.tally import Tally

RACES: Final = 200
JITTER: Final = 0.05
"""Seconds by which one may start after the other."""

_PEOPLE: Final = 25
_RATE: Final = "40/s"
"""Slow enough for the two to meet on a busy machine."""

_LOCKED: Final = 8
_USED: Final = 7
_LANES: Final = 2


@dataclass(frozen=True, slots=True)
class Track:
    """A migration whose state lies in one backend, and a warm parent for each applier."""

    migration: DirectoryMigration
    folder: Path
    nurseries: tuple[Nursery, Nursery]


def measure(options: Options) -> Section:
    """So many races a backend."""
    rows, troubles = [], []
    for backend, opened in BACKENDS.items():
        tally = Tally(backend)
        random = Random(options.seed)
        delays = [(random.uniform(0, JITTER), random.uniform(0, JITTER)) for _ in range(options.of(RACES))]
        lanes = [partial(opened, options, number) for number in range(min(_LANES, options.lanes))]
        for jitter, (found, late) in each(delays, lanes, race):
            tally.add(f"started after {jitter[0]:.3f} and {jitter[1]:.3f} s", found)
            tally.exits["late"] += late
        rows.append([*tally.row("winners", "codes", "lost", "twice", "differ", "state"), str(tally.exits["late"])])
        troubles += tally.told
    head = ("state", "races", "not one winner", "wrong exit codes", "lost", "twice", "differ", "wrong state")
    note = "Run again: pairs of which one had done it all before the other looked, which is no race."
    return Section((*head, "run again"), rows, [note], troubles)


def race(jitter: tuple[float, float], track: Track) -> tuple[Counter[str], int]:
    """What was found, and how often it took another start because one came when the other had done it all."""
    late = 0
    while True:
        folder = track.migration.begin(track.folder)
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(partial(_apply, track, folder), track.nurseries, jitter, ("-one", "-other"))
        if not _is_late(first) and not _is_late(second):
            break
        late += 1
    codes = Counter((first.code, second.code))
    found = Counter({"winners": int(codes[DONE] != 1), "codes": int(codes != Counter((DONE, _LOCKED)))})
    return +(found + track.migration.found(folder)), late


def _apply(track: Track, folder: Path, nursery: Nursery, delay: float, name: str) -> Ran:
    return track.migration.apply(folder, nursery=nursery, name=name, delay=delay)


def _is_late(ran: Ran) -> bool:
    return ran.code == _USED and "PLAN_USED" in ran.err


@contextmanager
def _sqlite(options: Options, number: int) -> Iterator[Track]:
    folder = options.folder / f"race-sqlite-{number}"
    with (
        Nursery() as one,
        Nursery() as other,
        DirectoryMigration(folder, one, begun=False, count=_PEOPLE, rate=_RATE) as migration,
    ):
        yield Track(migration, folder / "case", (one, other))


BACKENDS: Final[Mapping[str, Callable[[Options, int], AbstractContextManager[Track]]]] = {"sqlite": _sqlite}
"""A further backend of the state is one more line, with a migration whose spec names it."""
