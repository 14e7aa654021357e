"""Opening the summary of a plan of 1,000,000 changes against one of 10,000."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.figure import Figure, ratios
from bench.measures.plan import by_rule, plan_once
from bench.options import Options
from bench.people import MEMBERSHIPS
from bench.process import POOLSHIFT, Failed, call, cost_of

NAME: Final = "summary"
_GOAL: Final = 2.0
_CHANGES_A_PERSON: Final = 1 + MEMBERSHIPS
_LARGE: Final = 1_000_000
_TIMES: Final = 100


def measure(options: Options) -> Iterator[Figure]:
    """Raises Failed where a plan does not hold the changes it should."""
    many = min(options.people, _LARGE // _CHANGES_A_PERSON) // 100 * 100
    large, small = _planned(options, many), _planned(options, many // _TIMES)
    opened, opened_small, shown, shown_small = [], [], [], []
    for _ in range(options.rounds):
        opened_small.append(float(call("bench.opening:seconds", small, cwd=options.folder)))
        opened.append(float(call("bench.opening:seconds", large, cwd=options.folder)))
        shown_small.append(_show(small))
        shown.append(_show(large))
    note = f"{many * _CHANGES_A_PERSON:,} changes against {many // _TIMES * _CHANGES_A_PERSON:,}"
    yield Figure(NAME, "opening a plan file and reading its summary", ratios(opened, opened_small), _GOAL, note=note)
    yield Figure(NAME, "wall time of `poolshift show`", ratios(shown, shown_small), _GOAL, note=note)
    yield Figure(NAME, "opening the large one", tuple(second * 1000 for second in opened), unit="ms")


def _planned(options: Options, people: int) -> Path:
    """The plan file of a first run of so many people."""
    folder = options.folder / f"new-{people}"
    call("bench.world:build_new", people, folder, cwd=options.folder)
    found = by_rule(plan_once(folder).document)
    if found.get("user create R1") != people or found.get("group_member add S2") != people * MEMBERSHIPS:
        raise Failed(f"the plan of {people} new people says {found}")
    return folder / "bench.plan"


def _show(file: Path) -> float:
    return cost_of([POOLSHIFT, "show", file.name, "--format", "json"], file.parent).wall
