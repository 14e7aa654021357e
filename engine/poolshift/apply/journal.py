"""Windows on disk: intents before the first call, outcomes in groups, closed when nothing of them is open."""

from collections.abc import Callable, Iterable, Sequence

from poolshift.apply.work import Work
from poolshift.state.store import Intent, Settled, Store, Window

GROUP = 100
"""Outcomes in one transaction."""

DELAY = 0.05
"""Seconds an outcome may wait for its group."""


class Journal:
    """The only writer of windows; used by the coordinating thread alone."""

    def __init__(self, store: Store, run: str, plan_id: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._run = run
        self._plan_id = plan_id
        self._clock = clock
        self._pending: dict[int, list[Settled]] = {}
        self._waiting = 0
        self._since = 0.0
        self._open: dict[int, int] = {}

    def open(self, route: str, works: Iterable[Work]) -> Window:
        """Durable when it returns."""
        intents = [_intent(work) for work in works]
        window = self._store.open_window(self._run, self._plan_id, route, intents)
        self._open[window.number] = len(intents)
        return window

    def settle(self, window: int, outcomes: Sequence[Settled]) -> None:
        """Outcomes given together (a parent with its children) are written in one transaction."""
        if not self._waiting:
            self._since = self._clock()
        self._pending.setdefault(window, []).extend(outcomes)
        self._waiting += len(outcomes)
        if self._waiting >= GROUP:
            self.flush()

    def flush_if_due(self) -> None:
        if self._waiting and self._clock() - self._since >= DELAY:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting; close the windows that have nothing open any more."""
        for number, outcomes in self._pending.items():
            self._store.settle(number, outcomes)
            self._open[number] -= len(outcomes)
            if not self._open[number]:
                del self._open[number]
                self._store.close_window(number)
        self._pending.clear()
        self._waiting = 0

    @property
    def left_open(self) -> int:
        """Changes whose window stays open: the next run asks what became of them."""
        return sum(self._open.values())


def _intent(work: Work) -> Intent:
    change = work.change
    return Intent(
        address=change.address,
        kind=change.kind,
        action=change.action,
        person=change.person,
        destination_id=change.destination_id,
        desired=change.desired,
        actual=change.actual,
        sent=work.sent,
        base=work.base,
        refs=change.effect.refs,
    )
