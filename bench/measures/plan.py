"""`poolshift plan` of a migration that was applied before, against the floor; its memory; the run without a state."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
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
    world = _world(options, options.people)
    yield _parsing(options, world)
    floors, plans = [], []
    for _ in range(options.rounds):
        floors.append(run_floor(world, options.people))
        plans.append(run_plan(world, options.people))
    yield _ratio("CPU of the whole process against the floor", plans, floors, _GOAL)
    yield _told("CPU a person", [cost.cpu / options.people * 1e6 for cost in plans], "µs")
    yield _told("CPU a person of the floor", [cost.cpu / options.people * 1e6 for cost in floors], "µs")
    yield from _memory(options, plans)
    yield from _hot_value(options, world, plans)
    yield _without_base(options, world)


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
    """Raises Failed for wrong counts by kind, action and rules."""
    cost = plan_once(world)
    found, expected = by_rule(cost.document), expected_by_rule(people)
    if found != expected:
        raise Failed(f"the plan counts {found} instead of {expected}")
    return cost


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


def _memory(options: Options, plans: list[Cost]) -> Iterator[Figure]:
    yield _peak("peak memory", [cost.megabytes for cost in plans])
    world = _world(options, options.fewer)
    fewer = [run_plan(world, options.fewer) for _ in range(options.rounds)]
    values = ratios([cost.megabytes for cost in plans], [cost.megabytes for cost in fewer])
    note = f"{options.people:,} people against {options.fewer:,}"
    yield Figure(NAME, "growth of peak memory", values, _GROWTH_GOAL, note=note)
    values = ratios(
        [cost.cpu / options.people for cost in plans],
        [cost.cpu / options.fewer for cost in fewer],
    )
    yield Figure(NAME, "growth of CPU a person", values, note=note)


def _hot_value(options: Options, world: Path, plans: list[Cost]) -> Iterator[Figure]:
    folder = options.folder / "one-email"
    shared = call("bench.world:with_one_email", world, folder, options.people, cwd=options.folder)
    costs = [plan_once(folder) for _ in range(options.rounds)]
    for cost in costs:
        found = by_rule(cost.document)
        if found.get("user conflict ID_EMAIL_CASE_DUP N", 0) < shared:
            raise Failed(f"{shared} people share one e-mail, and the plan says {found}")
    note = f"{shared:,} people with one e-mail address"
    peaks = [cost.megabytes for cost in costs]
    yield _peak("peak memory with a hot value", peaks, note)
    values = ratios(peaks, [cost.megabytes for cost in plans])
    yield Figure(NAME, "peak memory with a hot value against without", values, _GROWTH_GOAL, note=note)


def _without_base(options: Options, world: Path) -> Figure:
    """The same two ends with the state lost: every record bears our marker and is adopted again."""
    folder = options.folder / "without-base"
    call("bench.world:without_base", world, folder, cwd=options.folder)
    fates = counts(options.people)
    marked = sum(fates[fate] for fate in ("changed", "drifted", "conflicting", "settled", "equal"))
    floors, plans = [], []
    for _ in range(options.rounds):
        floors.append(run_floor(world, options.people))
        plans.append(plan_once(folder))
        found = by_rule(plans[-1].document)
        adopted = sum(count for name, count in found.items() if name.startswith("user adopt") and name.endswith(" R2"))
        if adopted != marked:
            raise Failed(f"{marked} records bear our marker, and the plan says {found}")
    return _ratio("CPU without a state against the floor with one", plans, floors, None)


def _ratio(name: str, over: list[Cost], under: list[Cost], goal: float | None) -> Figure:
    return Figure(NAME, name, ratios([cost.cpu for cost in over], [cost.cpu for cost in under]), goal)


def _told(name: str, values: list[float], unit: str) -> Figure:
    return Figure(NAME, name, tuple(values), unit=unit)


def _peak(name: str, values: list[float], note: str = "") -> Figure:
    return Figure(NAME, name, tuple(values), _MEMORY_GOAL, unit="MB", note=note)
