"""`poolshift plan` of a migration that was applied before, against the floor; its memory; the run without a state."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.figure import Figure, ratios
from bench.options import Options
from bench.people import MEMBERSHIPS, counts
from bench.process import POOLSHIFT, Cost, Failed, call, command_of, cost_of
from bench.spec import SPEC_FILE

NAME: Final = "plan"
_GOAL: Final = 3.5
_MEMORY_GOAL: Final = 200.0
_GROWTH_GOAL: Final = 1.25
_PARSING_BOUND: Final = 3.0


def measure(options: Options) -> Iterator[Figure]:
    """Raises Failed where a side does not find what the population holds."""
    world, fewer = _world(options, options.people), _world(options, options.fewer)
    hot, stateless = options.folder / "one-email", options.folder / "without-base"
    shared = int(call("bench.world:with_one_email", world, hot, options.people, cwd=options.folder))
    call("bench.world:without_base", world, stateless, cwd=options.folder)
    yield _parsing(options, world)
    rounds = Rounds()
    for number in range(options.rounds):
        rounds.floor.append(run_floor(world, options.people))
        rounds.plan.append(run_plan(world, options.people))
        rounds.fewer.append(run_plan(fewer, options.fewer))
        if number:  # the other two are judged by their memory, which is the same in every round
            continue
        rounds.hot.append(plan_once(hot))
        check_hot(rounds.hot[-1].document, shared)
        rounds.stateless.append(plan_once(stateless))
        check_adopted_again(rounds.stateless[-1].document, options.people)
    yield from _cpu(options, rounds)
    yield from _memory(options, rounds, shared)


@dataclass(frozen=True)
class Rounds:
    """What each side cost, one a round: the floor; the plan; that of fewer people. Of the first round only: the plan
    with a hot value, the plan without a state.
    """

    floor: list[Cost] = field(default_factory=list)
    plan: list[Cost] = field(default_factory=list)
    fewer: list[Cost] = field(default_factory=list)
    hot: list[Cost] = field(default_factory=list)
    stateless: list[Cost] = field(default_factory=list)


def _world(options: Options, people: int) -> Path:
    folder = options.folder / f"world-{people}"
    call("bench.world:build", people, folder, cwd=options.folder)
    return folder


def _parsing(options: Options, world: Path) -> Figure:
    """Asserts that the floor is one: reading the export takes it less than three times parsing alone."""
    took, alone = [], []
    for _ in range(options.rounds):
        alone.append(float(call("bench.timing:loads_alone", world, cwd=options.folder)))
        took.append(float(call("bench.timing:source_side", world, cwd=options.folder)))
    own = Figure(NAME, "source side of the floor against orjson.loads alone", ratios(took, alone), _PARSING_BOUND)
    if not own.met:
        raise Failed(f"the floor is none: {own.told()}")
    return own


def run_floor(world: Path, people: int) -> Cost:
    """Raises Failed for wrong counts."""
    with tempfile.TemporaryDirectory(dir=world.parent) as work:
        cost = cost_of(command_of("bench.floor:plan", world, work), world)
    fates = counts(people)
    expected = {
        "created": fates["new"] + fates["shared"] + fates["by_email"],
        "changed": fates["changed"] + fates["drifted"] + fates["conflicting"],
        "equal": fates["equal"] + fates["settled"],
        "gone": fates["gone"],
    }
    if cost.document != expected:
        raise Failed(f"the floor counts {cost.document} instead of {expected}")
    return cost


def run_plan(world: Path, people: int) -> Cost:
    """Raises Failed for wrong counts."""
    cost = plan_once(world)
    check_counts(cost.document, people)
    return cost


def check_counts(document: Mapping[str, Any], people: int) -> None:
    """Raises Failed for wrong counts by kind, action and rules."""
    found, expected = by_rule(document), expected_by_rule(people)
    if found != expected:
        raise Failed(f"the plan counts {found} instead of {expected}")


def plan_once(world: Path) -> Cost:
    return cost_of([POOLSHIFT, "plan", SPEC_FILE, "--format", "json", "--out", "bench.plan"], world)


def by_rule(document: Mapping[str, Any]) -> dict[str, int]:
    """Classes as ``kind action rules`` -> count, and the equation of the counts."""
    found: Counter[str] = Counter()
    for own in document["classes"]:
        found[f"{own['kind']} {own['action']} {' '.join(own['rules'])}"] += own["count"]
    for word, count in document["counts"].items():
        found[f"records {word}"] += count
    return {name: count for name, count in found.items() if count}


def expected_by_rule(people: int) -> dict[str, int]:
    fates = counts(people)
    return {
        "user create R1": fates["new"],
        "user adopt F4 R3": fates["by_email"],
        "user update F12 R7": fates["changed"],
        "user update F11 R7": fates["drifted"],
        "user conflict F15 FIELD_CONFLICT R7": fates["conflicting"],
        "user conflict ID_EMAIL_CASE_DUP N": fates["shared"],
        "user retain R9": fates["gone"],
        "group_member add S2": fates["new"] * MEMBERSHIPS,
        "group_member adopt S3": fates["by_email"] * MEMBERSHIPS,
        "records source": people,
        "records verdicts": people,
    }


def check_hot(document: Mapping[str, Any], shared: int) -> None:
    """Raises Failed where not everybody who shares the e-mail is a conflict."""
    found = by_rule(document)
    if found.get("user conflict ID_EMAIL_CASE_DUP N", 0) < shared:
        raise Failed(f"{shared} people share one e-mail, and the plan says {found}")


def check_adopted_again(document: Mapping[str, Any], people: int) -> None:
    """The same two ends with the state lost: every record bears our marker. Raises Failed where one is not adopted."""
    fates = counts(people)
    marked = sum(fates[fate] for fate in ("changed", "drifted", "conflicting", "settled", "equal"))
    found = by_rule(document)
    adopted = sum(count for name, count in found.items() if name.startswith("user adopt") and name.endswith(" R2"))
    if adopted != marked:
        raise Failed(f"{marked} records bear our marker, and the plan says {found}")


def _cpu(options: Options, rounds: Rounds) -> Iterator[Figure]:
    plan, floors = _seconds(rounds.plan), _seconds(rounds.floor)
    yield Figure(NAME, "CPU of the whole process against the floor", ratios(plan, floors), _GOAL)
    each = 1e6 / options.people
    yield Figure(NAME, "CPU a person", tuple(cpu * each for cpu in plan), unit="µs")
    yield Figure(NAME, "CPU a person of the floor", tuple(cpu * each for cpu in floors), unit="µs")
    name = "CPU without a state against the floor with one"
    yield Figure(NAME, name, ratios(_seconds(rounds.stateless), floors[:1]), note="every record is adopted again")
    share = options.people / options.fewer
    values = tuple(value / share for value in ratios(plan, _seconds(rounds.fewer)))
    yield Figure(NAME, "growth of CPU a person", values, note=_sizes(options))


def _memory(options: Options, rounds: Rounds, shared: int) -> Iterator[Figure]:
    peaks, hot = _megabytes(rounds.plan), _megabytes(rounds.hot)
    yield Figure(NAME, "peak memory", tuple(peaks), _MEMORY_GOAL, unit="MB")
    values = ratios(peaks, _megabytes(rounds.fewer))
    yield Figure(NAME, "growth of peak memory", values, _GROWTH_GOAL, note=_sizes(options))
    note = f"{shared:,} people with one e-mail address"
    yield Figure(NAME, "peak memory with a hot value", tuple(hot), _MEMORY_GOAL, unit="MB", note=note)
    values = ratios(hot, peaks[:1])
    yield Figure(NAME, "peak memory with a hot value against without", values, _GROWTH_GOAL, note=note)


def _sizes(options: Options) -> str:
    return f"{options.people:,} people against {options.fewer:,}"


def _seconds(costs: list[Cost]) -> list[float]:
    return [cost.cpu for cost in costs]


def _megabytes(costs: list[Cost]) -> list[float]:
    return [cost.megabytes for cost in costs]
