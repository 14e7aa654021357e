"""How a change ends: its result, what is written about it, and that it is counted once."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from poolshift.apply.journal import Journal
from poolshift.apply.report import Tally
from poolshift.apply.settlement import Settlement
from poolshift.apply.work import Work
from poolshift.state.store import Result, Settled

_HELD = frozenset({"lost", "unproven", "left", "deferred"})


class Ending(NamedTuple):
    """code, message: of what did not go as it should."""

    work: Work
    result: Result
    code: str = ""
    message: str = ""


def ending_of(work: Work) -> Ending:
    """Of a work of which nothing is open."""
    failure = work.failure or next(iter(work.refused.values()), None)
    if failure is not None:
        return Ending(work, "failed", failure.code.name, failure.message)
    if work.not_yet:
        return Ending(work, "not_yet")
    return Ending(work, "already" if work.already else "done")


class Endings:
    """Used by the coordinating thread alone."""

    def __init__(self, journal: Journal, settlement: Settlement, tally: Tally, ended: Callable[[], None]) -> None:
        """``ended``: told of every change."""
        self._journal = journal
        self._settlement = settlement
        self._tally = tally
        self._ended = ended

    def settle(self, endings: Sequence[Ending]) -> None:
        """Those of one window that belong together: a parent with its children."""
        outcomes: list[Settled] = []
        for work, result, code, message in endings:
            work.result = result
            outcomes.append(self._settlement.of(work, result, code, message))
            self._tally.add(work.change, result, code)
            self._ended()
        window = endings[0].work.window
        if window is not None:
            self._journal.settle(window.number, outcomes)

    def give_up(self, works: Iterable[Work], code: str) -> None:
        """Settle what was never sent, or wrote nothing, as not done. What nobody knows of stays open."""
        for work in works:
            waits = work.waits or (work.parent.waits if work.parent is not None else "")
            unsure = work.unsure or (work.parent is not None and work.parent.unsure)
            if work.result is None and waits not in _HELD and not unsure:
                self.settle([Ending(work, "not_done", code)])
