"""Calls that go wrong: every fault at either end, while it is planned and while it is applied, against a clean run."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, Literal

from faults.ends import PAIRS
from faults.going_on import DONE
from faults.lanes import each
from faults.options import Options
from faults.pools import PLAN, PoolMigration
from faults.runs import Nursery, Ran
from faults.section import Section
from faults.tally import Tally
from poolshift.plan.change import WRITES
from poolshift.testing.faults import Fault, How, Nature, Terms

Phase = Literal["plan", "apply"]

_ANY: Final[tuple[How, ...]] = (
    "busy",
    "busy_retry_after",
    "timeout_408",
    "error_500",
    "html_502",
    "html_200",
    "slow",
    "reset_before",
    "reset_after",
)
_OF_PAGES: Final[tuple[How, ...]] = ("short_page", "empty_page", "repeated_page", "swapped_pages")
_DENIED: Final = 9
_DOWN: Final = 10
_SEVENTH: Final = 7


@dataclass(frozen=True, slots=True)
class Case:
    """One fault at one end, met by the command of one phase, which ends with ``code``."""

    end: str
    phase: Phase
    fault: Fault
    code: int

    def __str__(self) -> str:
        own = self.fault
        again = "" if own.times == 1 else " and ever after"
        return f"{own.how} at {self.end}, {own.at} {own.nth}{again}, {self.phase}"


@dataclass(frozen=True, slots=True)
class Result:
    found: Counter[str]
    notes: tuple[str, ...]


def measure(options: Options, pairs: Sequence[tuple[str, str]] = PAIRS) -> Section:
    """The whole matrix of each pair of ends; at a smaller scale a sample of it."""
    tallies = [_of_pair(*pair, options) for pair in pairs]
    rows = [tally.row("lost", "twice", "differ", "messages", "codes", "not quiet", "state") for tally in tallies]
    return Section(
        ("ends", "cases", "lost", "twice", "differ", "messages", "wrong exit codes", "not quiet", "wrong state"),
        rows,
        ("export → directory has no calls over a wire: its deaths are in `kill`.",),
        [line for tally in tallies for line in tally.told],
    )


def _of_pair(source: str, destination: str, options: Options) -> Tally:
    tally = Tally(f"{source} → {destination}")
    random = Random(options.seed)

    with lane(source, destination, options, 0) as first:
        everything = list(cases(first, random))
        chosen = random.sample(everything, options.of(len(everything)))
        others = [partial(lane, source, destination, options, number) for number in range(1, options.lanes)]
        lanes: list[Callable[[], AbstractContextManager[PoolMigration]]] = [lambda: nullcontext(first), *others]
        for case, result in each(chosen, lanes, lambda case, migration: run(case, migration, options.folder)):
            tally.add(str(case), result.found, *result.notes)
    return tally


@contextmanager
def lane(source: str, destination: str, options: Options, number: int) -> Iterator[PoolMigration]:
    """A migration with ends of its own, half of its people there already."""
    folder = options.folder / f"calls-{source}-{destination}-{number}"
    with Nursery() as nursery, PoolMigration(folder, nursery, source, destination, begun=True) as migration:
        yield migration


def cases(migration: PoolMigration, random: Random) -> Iterator[Case]:
    """What may go wrong at each end in each phase; where exactly is drawn."""
    terms = migration.server.terms
    for end in migration.ends:
        for phase in ("plan", "apply"):
            counts = (migration.clean.planning if phase == "plan" else migration.clean.applying)[end]
            good = 0 if phase == "plan" else DONE
            for at in ("page", "read", "create", "write"):
                hows = [*_ANY, *(_OF_PAGES if at == "page" and terms.has_page_tokens else ())]
                hows += ["late_commit"] if at in ("create", "write") else []
                for how in hows if counts[at] else ():
                    yield Case(end, phase, _drawn(how, at, counts[at], random), good)
            yield from _of_lists(end, phase, good, counts["page"], terms)
        if end == "destination":
            yield from _of_writes(migration.clean.applying[end], random, terms)


def _drawn(how: How, at: Nature, count: int, random: Random) -> Fault:
    """A page that can be bent is soon found; a commit is late by less than anybody waits, or by more."""
    nth = 1 if how in _OF_PAGES else random.randint(1, count)
    return Fault(how, at, nth, seconds=random.choice((0.2, 2.5)) if how == "late_commit" else 1.0)


def _of_lists(end: str, phase: Phase, good: int, pages: int, terms: Terms) -> Iterator[Case]:
    """A session that expires once is another's matter where the client gets itself a new one."""
    if terms.has_page_tokens:
        yield Case(end, phase, Fault("expired_page_token", "page", continued=True), good)
    yield Case(end, phase, Fault("expired_session", "page", max(1, pages // 2)), good if terms.renews else _DENIED)
    yield Case(end, phase, Fault("denied", "page", min(_SEVENTH, pages)), _DENIED)
    if phase == "plan":
        yield Case(end, phase, Fault("html_502", "page", 2, times=0), _DOWN)


def _of_writes(counts: Counter[Nature], random: Random, terms: Terms) -> Iterator[Case]:
    """lag: whoever was made is not listed while a plan is made; still nobody is made again, and the next is quiet."""
    if terms.lags:
        yield Case("destination", "apply", Fault("lag", "create", counts["create"], seconds=1.5), DONE)
    for at in ("create", "write"):
        for how in ("expired_session", "denied"):
            yield Case("destination", "apply", Fault(how, at, random.randint(1, counts[at]), times=0), _DENIED)


def run(case: Case, migration: PoolMigration, folder: Path) -> Result:
    """Disturbed, then undisturbed where the fault ended the command; then a plan that must be quiet."""
    own = migration.begin(folder / f"case-{id(migration)}", planned=case.phase == "apply")
    front = migration.ends[case.end]
    front.fail(case.fault)
    ran = migration.plan(own) if case.phase == "plan" else migration.apply(own)
    found = Counter({"codes": int(ran.code != case.code), "not met": int(not front.programme.met)})
    if case.fault.how != "lag":
        migration.heal()
    found += _planned(case, migration, own, ran) if case.phase == "plan" else _applied(case, migration, own)
    return Result(+found, (f"exit code {ran.code} {_told(ran)}",) if found else ())


def _planned(case: Case, migration: PoolMigration, folder: Path, ran: Ran) -> Counter[str]:
    """The very plan of a clean run; or none at all, and the next one is."""
    found: Counter[str] = Counter()
    if case.code:
        found["state"] += (folder / PLAN).exists()
        ran = migration.plan(folder)
        found["codes"] += ran.code != 0
    if not ran.code:
        found["differ"] += ran.document["plan"]["digest"] != migration.digest
    return found


def _applied(case: Case, migration: PoolMigration, folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    if case.code != DONE:
        found["codes"] += migration.apply_to_the_end(folder)[0][-1] != DONE
    found += migration.found(folder)
    if case.fault.how == "lag":
        # Lists that catch up while they are read may show somebody and not yet all of their groups.
        found += _looked(migration, folder, "create")
        migration.heal()
    return found + _looked(migration, folder, *WRITES)


def _looked(migration: PoolMigration, folder: Path, *actions: str) -> Counter[str]:
    """A plan now, and how many changes of these actions it holds."""
    looked = migration.look(folder)
    if looked.code:
        return Counter({"codes": 1})
    planned = sum(own["count"] for own in looked.document["summary"] if own["action"] in actions)
    return Counter({"not quiet": planned})


def _told(ran: Ran) -> str:
    """Codes of the errors, which hold no value of anybody."""
    return " ".join(sorted(set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", ran.err + ran.out))))
