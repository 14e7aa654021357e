"""Deaths of an apply, anywhere: the next apply of the same plan ends where an undisturbed one does."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from signal import SIGKILL
from statistics import median
from typing import Any, Final, Protocol

from tests.providers.cognito.world import FAST

from faults.directories import DirectoryMigration
from faults.going_on import DONE
from faults.lanes import each
from faults.options import Options
from faults.pools import PoolMigration
from faults.runs import Nursery, Ran
from faults.section import Section
from faults.tally import Tally
from poolshift.testing.faults import Fault, How
from poolshift_providers.cognito.schema import LAG

DEATHS: Final = 1_000
_BOUND: Final = (
    "Written again: creates and writes that reached the server beyond a clean run's. Bound: the most lookups that "
    "followed a death / rate + lag; recovery is that, the rest of the apply, and what the machine takes."
)


@dataclass(frozen=True, slots=True)
class Point:
    """point: where, see `arming` and the kill faults; where: on the way of an apply, from 0 to 1; begun: see ends."""

    point: str
    where: float
    begun: bool

    def __str__(self) -> str:
        return f"{self.point} at {self.where:.3f} of {'a second' if self.begun else 'the first'} apply"


@dataclass(frozen=True, slots=True)
class Death:
    """codes: of the commands, the killed one first; seconds: of the apply that went on; cpu: of the whole case.

    lookups: of all that came after the death.
    """

    codes: tuple[int, ...]
    found: Counter[str]
    seconds: float
    cpu: float
    lookups: int


class Ends(Protocol):
    """A planned migration that can be begun again, and what dies in it."""

    def begin(self, folder: Path) -> Path: ...

    def apply(self, folder: Path, **order: Any) -> Ran: ...

    def apply_to_the_end(self, folder: Path) -> tuple[tuple[int, ...], Ran]: ...

    def found(self, folder: Path) -> Counter[str]: ...

    def written_again(self) -> Counter[str]: ...

    def lookups(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Lane:
    """Both migrations by whether they are begun; kill: an apply that dies at a point."""

    folder: Path
    ends: Mapping[bool, Ends]
    kill: Callable[[Any, Path, Point], Ran]
    clean: float


@dataclass(frozen=True, slots=True)
class Kind:
    """Ends to die in. points: where, and their share of the deaths; lane: opens one.

    rate: lookups a second that the spec allows, 0 = there are none; lag: seconds an absence may be false.
    """

    name: str
    share: float
    points: Mapping[str, float]
    committed: str
    lane: Callable[[Options, int], Any]
    rate: float = 0.0
    lag: float = 0.0


def measure(options: Options) -> Section:
    """So many deaths a kind of ends; at least half of them between a commit and its answer."""
    rows, notes, troubles = [], [], []
    for kind in KINDS:
        tally, deaths, clean = _of_kind(kind, options)
        rows.append(_row(kind, tally, clean, [death for _, death in deaths]))
        notes.append(_histogram(kind, deaths))
        troubles += tally.told
        between = sum(point.point == kind.committed for point, _ in deaths)
        if between * 3 < len(deaths):
            troubles.append(f"{kind.name}: only {between} of {len(deaths)} deaths between a commit and its answer")
    head = ("ends", "deaths", "lost", "twice", "differ", "messages", "written again", "wrong exit codes", "wrong state")
    rest = ("recovery s, median (most)", "bound s, most", "clean apply s", "CPU s a death")
    return Section((*head, *rest), rows, [_BOUND, *notes], troubles)


def _of_kind(kind: Kind, options: Options) -> tuple[Tally, list[tuple[Point, Death]], float]:
    random = Random(options.seed)
    points = list(_points(kind, options.of(round(DEATHS * kind.share)), random))
    tally = Tally(kind.name)
    deaths: list[tuple[Point, Death]] = []
    clean: list[float] = []

    def die(point: Point, lane: Lane) -> Death:
        clean.append(lane.clean)
        return _die(point, lane, Random(f"{options.seed} {point}"))

    lanes = [partial(kind.lane, options, number) for number in range(options.lanes)]
    for point, death in each(points, lanes, die):
        tally.add(str(point), death.found, f"exit codes {death.codes}" if death.found else "")
        tally.seconds.append(death.seconds)
        tally.cpu.append(death.cpu)
        deaths.append((point, death))
    return tally, deaths, median(clean)


def _points(kind: Kind, count: int, random: Random) -> Iterator[Point]:
    """Spread over the way and over both migrations, by share."""
    for point, share in kind.points.items():
        own = max(2, round(count * share))
        for number in range(own):
            yield Point(point, (number + random.random()) / own, begun=bool(number % 2))


def _die(point: Point, lane: Lane, random: Random) -> Death:
    """Dead at the point, or ever earlier where the apply was faster; then applied until it is done."""
    ends = lane.ends[point.begun]
    killed = lane.kill(ends, ends.begin(lane.folder), point)
    while killed.code == DONE:
        point = replace(point, where=point.where * random.uniform(0.5, 0.95))
        killed = lane.kill(ends, ends.begin(lane.folder), point)
    before = ends.lookups()
    codes, again = ends.apply_to_the_end(lane.folder)
    found = Counter({"codes": int(killed.code != -SIGKILL) + (codes[-1] != DONE)})
    lookups = ends.lookups() - before
    found += ends.written_again() + ends.found(lane.folder)
    return Death((killed.code, *codes), +found, again.seconds, killed.cpu + again.cpu, lookups)


# -- directories
@contextmanager
def _directory(options: Options, number: int) -> Iterator[Lane]:
    folder = options.folder / f"kill-directory-{number}"
    with (
        Nursery() as nursery,
        DirectoryMigration(folder / "new", nursery, begun=False) as new,
        DirectoryMigration(folder / "begun", nursery, begun=True) as begun,
    ):
        yield Lane(folder / "case", {False: new, True: begun}, _kill_inside, new.seconds)


def _kill_inside(ends: DirectoryMigration, folder: Path, point: Point) -> Ran:
    if point.point == "after":
        return ends.apply(folder, arm=("after", int(point.where * ends.seconds * 1000)))
    return ends.apply(folder, arm=(point.point, int(point.where * ends.crossings[point.point]) + 1))


# -- servers
@contextmanager
def _server(source: str, destination: str, options: Options, number: int) -> Iterator[Lane]:
    folder = options.folder / f"kill-{destination}-{number}"
    with (
        Nursery() as nursery,
        PoolMigration(folder / "new", nursery, source, destination, begun=False) as new,
        PoolMigration(folder / "begun", nursery, source, destination, begun=True) as begun,
    ):
        yield Lane(folder / "case", {False: new, True: begun}, _kill_from_outside, new.clean.seconds)


def _kill_from_outside(ends: PoolMigration, folder: Path, point: Point) -> Ran:
    """The server in front kills its client at that write."""
    front = ends.ends["destination"]
    counts = ends.clean.applying["destination"]
    number = int(point.where * (counts["create"] + counts["write"])) + 1
    front.fail(Fault(_HOW[point.point], "change", number, seconds=point.where % 0.01))
    ran = ends.apply(folder, started=front.aim)
    front.spare()
    return ran


_HOW: Final[Mapping[str, How]] = {"before": "kill_before", "committed": "kill_committed", "told": "kill_after"}
_WIRE: Final = {"committed": 0.5, "before": 0.25, "told": 0.25}
_RATE: Final = float(FAST["UserRead"].partition("/")[0])
KINDS: Final[Sequence[Kind]] = (
    Kind(
        "export → directory",
        0.4,
        {"answered": 0.5, "settling": 0.15, "opened": 0.15, "after": 0.2},
        "answered",
        _directory,
    ),
    Kind("export → stub", 0.3, _WIRE, "committed", partial(_server, "export", "stub"), _RATE, LAG),
    Kind("cognito → cognito", 0.3, _WIRE, "committed", partial(_server, "cognito", "cognito"), _RATE, LAG),
)


def _row(kind: Kind, tally: Tally, clean: float, deaths: Sequence[Death]) -> list[str]:
    recovery = f"{median(tally.seconds):.2f} ({max(tally.seconds):.2f})"
    cells = tally.row("lost", "twice", "differ", "messages", "written again", "codes", "state")
    bound = f"{max(death.lookups for death in deaths) / kind.rate + kind.lag:.2f}" if kind.rate else "-"
    return [*cells, recovery, bound, f"{clean:.2f}", f"{median(tally.cpu):.2f}"]


def _histogram(kind: Kind, deaths: Sequence[tuple[Point, Death]]) -> str:
    """Where they died, and the exit codes that followed."""
    counts = Counter((point.point, " ".join(map(str, death.codes[1:]))) for point, death in deaths)
    lines = [f"{count:5} {point}: {codes}" for (point, codes), count in sorted(counts.items())]
    return "\n".join([f"{kind.name}, where they died and how the next apply ended:", "", "```text", *lines, "```"])
