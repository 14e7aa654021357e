"""An applier that is suspended for three lease times with requests in flight: after waking it starts none."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final, Literal

from faults.going_on import DONE
from faults.lanes import each
from faults.options import Options
from faults.pools import PoolMigration
from faults.runs import Nursery
from faults.section import Section
from faults.states import InFile, InPostgres
from faults.stopping import Stopped
from faults.tally import Tally
from poolshift.testing.faults import Fault

RUNS: Final = 10
"""A backend."""

FLYING: Final = 10
"""Requests in flight, at least, where it was waited until none was just being sent."""

_LEASE: Final = 2.0
_TERMS: Final = (_LEASE, _LEASE / 8, _LEASE / 8)
_SLOW: Final = 3.0
"""Seconds a create takes: it is carried out while its client is suspended."""

_BRIEF: Final = 0.1
"""The same where others are to be sent all the while."""

_CREATES: Final = 24
_MOMENT: Final = 0.01
"""A suspension while sending comes within so many seconds after one of so many creates was seen."""

_SETTLED: Final = 0.5
"""Seconds for which the number in flight has to stay as it is, so that no request is just being sent."""

_CAUGHT: Final = 0.2
"""Of the runs, at most: more than that is not bad luck."""

_PATIENCE: Final = 60.0
_LOCKED: Final = 8

Moment = Literal["checked", "sending", "settled"]
_MOMENTS: Final[tuple[Moment, ...]] = ("checked", "sending", "settled")


@dataclass(frozen=True, slots=True)
class Track:
    """holder: the warm parent of the applier that is suspended; all others have the migration's own."""

    migration: PoolMigration
    folder: Path
    holder: Nursery


@dataclass(frozen=True, slots=True)
class Case:
    """checked: in a call, behind the question whether it may start. sending: at any moment while requests leave.
    settled: as soon as none is just being sent.

    number: of the call, or of the create that was seen `after` seconds ago.
    """

    moment: Moment
    taken_over: bool
    number: int
    after: float

    def __str__(self) -> str:
        return f"{self.moment} {self.number} {self.after:.4f}, {'' if self.taken_over else 'not '}taken over"


@dataclass(frozen=True, slots=True)
class Result:
    """caught: one request came after waking, of a thread that stopped on its way from the last question to the kernel.

    Where nobody asks again before the bytes leave, most runs send one or more.
    """

    found: Counter[str]
    flying: int
    caught: int


def measure(options: Options) -> Section:
    """In each backend at each kind of moment, and half of the runs are taken over meanwhile."""
    kinds = ("few", "requests", "rows", "lost", "twice", "differ", "messages", "codes", "state")
    head = ("state, ends", "runs", "fewer than 10 in flight", "requests after waking", "rows by the old fence")
    rest = (
        "lost",
        "twice",
        "differ",
        "messages",
        "wrong exit codes",
        "wrong state",
        "in flight, least (most)",
        "caught",
    )
    rows, told = [], []
    for backend, opened in BACKENDS.items():
        tally, flying = _of_backend(backend, opened, options)
        rows.append([*tally.row(*kinds), f"{min(flying)} ({max(flying)})", str(tally.exits["caught"])])
        told += tally.told
        if tally.exits["caught"] > max(1, tally.cases * _CAUGHT):
            told.append(f"{tally.name}: {tally.exits['caught']} runs were caught between the question and the kernel")
    note = (
        "A third of the runs stop in a call, behind the question whether it may start, a third at any moment while "
        "requests leave, a third with at least 10 in flight. Half are taken over, and finished, while their applier is "
        "suspended. Caught: runs of which a single request came after waking, for its thread was stopped on its way "
        "from the last question to the kernel; nobody can ask later than that."
    )
    return Section((*head, *rest), rows, [note], told)


def _of_backend(
    backend: str, opened: Callable[[Options, int], AbstractContextManager[Track]], options: Options
) -> tuple[Tally, list[int]]:
    tally, flying = Tally(f"{backend}, export → cognito"), []
    lanes = [partial(opened, options, number) for number in range(min(2, options.lanes))]
    for case, result in each(list(_cases(options)), lanes, suspend):
        tally.add(str(case), result.found, f"{result.flying} in flight")
        tally.exits["caught"] += result.caught
        flying.append(result.flying)
    return tally, flying


def _cases(options: Options) -> Iterator[Case]:
    random = Random(options.seed)
    for number in range(options.of(RUNS)):
        moment = _MOMENTS[number % len(_MOMENTS)]
        yield Case(moment, bool(number % 2), random.randint(1, _CREATES), random.uniform(0, _MOMENT))


def suspend(case: Case, track: Track) -> Result:
    """Suspended for three lease times, woken, ended; then applied to the end where nobody has done it."""
    migration = track.migration
    front = migration.ends["destination"]
    found: Counter[str] = Counter()
    with ExitStack() as stack:
        folder, applier, flying = _stopped(case, track, stack)
        time.sleep(3 * _LEASE)
        migration.heal()
        if case.taken_over:
            found += _finish(track, folder)
        rows, asked = migration.state(folder), front.counts.total()
        last = applier.wake()
    found["few"] = int(case.moment == "settled" and flying < FLYING)
    found["codes"] += int(last.code != _LOCKED or "LEASE_LOST" not in last.err)
    late = front.counts.total() - asked
    caught = int(late == 1 and case.moment != "settled")
    found["requests"] = late - caught
    found["rows"] = int(migration.state(folder) != rows)
    if not case.taken_over:
        found += _finish(track, folder)
    return Result(+(found + migration.found(folder)), flying, caught)


def _stopped(case: Case, track: Track, stack: ExitStack) -> tuple[Path, Stopped, int]:
    """The migration's folder, the applier, and requests in flight when it was stopped.

    Once more where that was in the middle of a transaction: what it locks would stay locked as long.
    """
    migration, front = track.migration, track.migration.ends["destination"]
    arm: dict[str, Any] = {"arm": ("checked", case.number)} if case.moment == "checked" else {}
    while True:
        folder = migration.begin(track.folder)
        front.fail(Fault("slow", "create", times=0, seconds=_SLOW if case.moment == "settled" else _BRIEF))
        run = partial(migration.apply, folder, nursery=track.holder, lease=_TERMS, name="-suspended", **arm)
        with ExitStack() as own:
            applier = own.enter_context(Stopped(run))
            if case.moment == "settled":
                _wait_until_settled(track, applier)
            elif case.moment == "sending":
                _wait_until_sending(case.number, case.after, track, applier)
            if case.moment != "checked":
                applier.stop()
            if applier.is_stopped and migration.is_free(folder):
                stack.push(own.pop_all())
                return folder, applier, front.in_flight


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


def _wait_until_sending(creates: int, after: float, track: Track, applier: Stopped) -> None:
    front, end = track.migration.ends["destination"], time.monotonic() + _PATIENCE
    while time.monotonic() < end and not applier.has_ended:
        if front.counts["create"] >= creates:
            time.sleep(after)
            return
        time.sleep(0.0005)
    raise RuntimeError("nothing was sent")


def _finish(track: Track, folder: Path) -> Counter[str]:
    codes, _ = track.migration.apply_to_the_end(folder)
    return Counter({"codes": int(codes[-1] != DONE)})


@contextmanager
def _track(
    backend: str, opened: Callable[[], AbstractContextManager[InFile | InPostgres]], options: Options, number: int
) -> Iterator[Track]:
    folder = options.folder / f"suspended-{backend}-{number}"
    with (
        Nursery() as one,
        Nursery() as holder,
        opened() as state,
        PoolMigration(folder, one, "export", "cognito", begun=False, state=state) as migration,
    ):
        yield Track(migration, folder / "case", holder)


BACKENDS: Final[Mapping[str, Callable[[Options, int], AbstractContextManager[Track]]]] = {
    "sqlite": partial(_track, "sqlite", lambda: nullcontext(InFile())),
    "postgres": partial(_track, "postgres", InPostgres),
}
