"""Carries out the changes of one step: chooses routes, opens windows, and flies them one after the other."""

from collections.abc import Iterator, Mapping, Sequence

from poolshift.apply.canary import Canaries
from poolshift.apply.endings import Ending, Endings
from poolshift.apply.flight import Flight
from poolshift.apply.journal import Journal
from poolshift.apply.packing import Packet, pack
from poolshift.apply.references import Missing
from poolshift.apply.routing import Chosen, Routing
from poolshift.apply.verdicts import Verdicts
from poolshift.apply.work import BLOCKED, Work
from poolshift.provider.operation import Failure
from poolshift.state.store import Result

WINDOW = 1_000
"""Changes in one window; one import job may be more, a message is always alone."""

NO_CALL = "none"
"""Route of windows whose changes are settled without a call."""


class Executor:
    """Used by the coordinating thread alone."""

    def __init__(
        self,
        journal: Journal,
        routing: Routing,
        flight: Flight,
        verdicts: Verdicts,
        endings: Endings,
        canaries: Canaries,
    ) -> None:
        self._journal = journal
        self._routing = routing
        self._flight = flight
        self._verdicts = verdicts
        self._endings = endings
        self._canaries = canaries
        self.waiting: list[Work] = []
        self.silent: list[Work] = []
        """Works whose parent is tried once more at the end of the run; those that need a call, those that do not."""

    def carry_out(self, works: Sequence[Work], belongings: Mapping[str, Sequence[Work]]) -> None:
        """Works of one kind and verb. ``belongings``: creates by person that may ride in a user's create."""
        chosen: list[Chosen] = []
        blocked: list[Work] = []
        for work in works:
            if work.parent is not None or work.result is not None:
                continue
            one = _standing(work) or self._routing.choose(work, _riders(work, belongings))
            if isinstance(one, Chosen):
                chosen.append(one)
            elif isinstance(one, Failure):
                self.settle([work], "failed", one.code.name, one.message)
            elif one == "deferred":
                self.waiting.append(work)
            else:
                blocked.append(work)
        self.settle(blocked, "not_done", BLOCKED)
        first = self._canaries.first(chosen[0].work) if chosen else 0
        for one in chosen[:first]:
            self._canaries.sends(one.work)
        for part in (chosen[:first], chosen[first:]):
            for windows in _flights(pack(part)):
                if self._flight.stopping:
                    return
                self._fly(windows)

    def carry_over(self, works: Sequence[Work]) -> None:
        """Elements that only the state learns of, once their people have a row."""
        ready: list[Work] = []
        blocked: list[Work] = []
        for work in works:
            standing = _standing(work)
            if standing == "deferred":
                self.silent.append(work)
            else:
                (blocked if standing else ready).append(work)
        self.settle(ready, "done")
        self.settle(blocked, "not_done", BLOCKED)

    def settle(self, works: Sequence[Work], result: Result, code: str = "", message: str = "") -> None:
        """Changes that need no call, or can have none."""
        for start in range(0, len(works), WINDOW):
            part = works[start : start + WINDOW]
            window = self._journal.open(NO_CALL, part)
            for work in part:
                work.window = window
            for work in part:
                self._endings.settle([Ending(work, result, code, message)])
            self._journal.flush()

    def finish(self) -> list[Work]:
        """The second try of rows whose unique value was taken. Gives the works that waited for one of them."""
        if self._flight.stopping:
            self._verdicts.give_up_deferred()
            return []
        self._verdicts.retry_deferred()
        waiting, self.waiting = self.waiting, []
        return waiting

    def _fly(self, windows: Sequence[Sequence[Packet]]) -> None:
        """All of them are open before the first call; how many batches go at once is the lane's width."""
        everything: list[Work] = []
        for packets in windows:
            works = [work for packet in packets for work in packet.changes]
            window = self._journal.open(packets[0].route.name, works)
            for work in works:
                work.window = window
            self._flight.queue(self._verdicts.labelled(packets))
            everything += works
        self._flight.run(self._verdicts)
        self._endings.give_up(everything, "STOPPED")
        self._journal.flush()


def _riders(work: Work, belongings: Mapping[str, Sequence[Work]]) -> Sequence[Work]:
    return belongings.get(work.change.person, ()) if work.creates else ()


def _standing(work: Work) -> Missing | None:
    """Why a work cannot go, where its user is made or adopted in this run and has no row in the state."""
    user = work.user
    if user is None or (user.result is not None and user.leaves_row):
        return None
    return "deferred" if user.result is None and user.waits == "deferred" else "failed"


def _flights(packets: Sequence[Packet]) -> Iterator[list[list[Packet]]]:
    """One window at a time; but jobs of a route, which are long to wait for, together."""
    jobs: list[list[Packet]] = []
    for window in _windows(packets):
        if window[0].route.delivery == "now":
            yield [window]
        elif jobs and jobs[0][0].route is not window[0].route:
            yield jobs
            jobs = [window]
        else:
            jobs.append(window)
    if jobs:
        yield jobs


def _windows(packets: Sequence[Packet]) -> Iterator[list[Packet]]:
    """Packets of one route, at most WINDOW changes together; a job, a file or a message is a window of its own."""
    by_route: dict[tuple[str, str], list[Packet]] = {}
    for packet in packets:
        by_route.setdefault((packet.route.kind, packet.route.name), []).append(packet)
    for pile in by_route.values():
        window: list[Packet] = []
        size = 0
        for packet in pile:
            alone = packet.route.delivery != "now" or any(work.messages for work in packet.changes)
            count = sum(1 for _ in packet.changes)
            if window and (alone or size + count > WINDOW):
                yield window
                window, size = [], 0
            window.append(packet)
            size = WINDOW if alone else size + count
        if window:
            yield window
