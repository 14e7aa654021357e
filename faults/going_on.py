"""What a person does after an apply that did not end: the same plan again, then a new one for what had half landed."""

from pathlib import Path
from typing import Any, Final, Protocol

from tests.end_to_end.migration import accepts

from faults.runs import Ran

DONE: Final = 4
"""The population holds a few conflicts: a whole apply ends so."""

_PARTLY: Final = 5
_USED: Final = 7


class Ends(Protocol):
    """A migration in a folder."""

    def plan(self, folder: Path) -> Ran: ...

    def apply(self, folder: Path, accept: Any = None) -> Ran: ...


def going_on(ends: Ends, folder: Path) -> tuple[tuple[int, ...], Ran]:
    """(exit codes, the first apply): the plan that was begun, and a new one where that left something for it."""
    first = ends.apply(folder)
    if first.code == _USED and "PLAN_USED" in first.err:
        return (DONE,), first  # death came between closing the plan and the end of the process: all of it was done
    if first.code != _PARTLY:
        return (first.code,), first
    planned = ends.plan(folder)
    if planned.code:
        return (first.code, planned.code), first
    return (first.code, ends.apply(folder, accept=accepts(planned.document)).code), first
