"""The fresh plan, change by change: what runs, what only writes state, what is stale, waits, or is left out."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from poolshift.apply.approval import Approved
from poolshift.apply.claim import fingerprints
from poolshift.apply.coverage import Observe
from poolshift.apply.operations import verb_of
from poolshift.apply.report import Tally
from poolshift.apply.settlement import Settlement
from poolshift.apply.work import Work
from poolshift.plan.change import WRITES, Change
from poolshift.state.store import Settled

CHUNK = 5_000
"""Changes held in memory before they are carried out."""

JOB_CHUNK = 50_000
"""The same where people are created by jobs, which take minutes each, whatever their size."""


@dataclass(slots=True)
class Load:
    """What one chunk of people asks for.

    works: calls. silent: changes that need none; elements: such ones of people's sets, for after the calls.
    records: rows that only write state, before the calls; late: after them, with the user each depends on.
    blocked: their user is not written in this run.
    """

    works: list[Work] = field(default_factory=list)
    silent: list[Work] = field(default_factory=list)
    elements: list[Work] = field(default_factory=list)
    stale: list[Work] = field(default_factory=list)
    blocked: list[Work] = field(default_factory=list)
    records: list[Settled] = field(default_factory=list)
    late: list[tuple[Work | None, Settled]] = field(default_factory=list)

    def __len__(self) -> int:
        works = len(self.works) + len(self.silent) + len(self.elements) + len(self.stale) + len(self.blocked)
        return works + len(self.records) + len(self.late)


class Admission:
    """One function owns whether a change runs: `_admit`."""

    def __init__(
        self,
        approved: Approved,
        finished: Collection[str],
        settlement: Settlement,
        observe: Observe,
        tally: Tally,
        chunk: int = CHUNK,
    ) -> None:
        self._approved = approved
        self._finished = finished
        self._settlement = settlement
        self._observe = observe
        self._tally = tally
        self._chunk = chunk

    def loads(self, changes: Iterable[Change]) -> Iterator[Load]:
        """Chunks of whole people, so that memory does not grow with their number."""
        load = Load()
        for _, group in groupby(changes, key=lambda change: change.person or change.address):
            self._person(list(group), load)
            if len(load) >= self._chunk:
                yield load
                load = Load()
        yield load

    def _person(self, changes: list[Change], load: Load) -> None:
        user: Work | None = None
        withheld = False
        for change in changes:
            if change.action in ("conflict", "hold"):
                self._left_out(change)
            elif change.records:
                self._record(change, changes, user, load)
            elif change.action in WRITES and change.address not in self._finished:
                work = self._work(change, changes)
                work.user = user
                ran = self._admit(work, load, withheld=withheld)
                if change.kind == "user":
                    arrives = change.action in ("create", "adopt")
                    user = work if ran and arrives else None
                    withheld = arrives and not ran

    def _admit(self, work: Work, load: Load, *, withheld: bool) -> bool:
        permission = self._approved.verdict(work.change)
        if permission == "waits":
            self._tally.waits += 1
        elif permission == "stale":
            load.stale.append(work)
        elif withheld:
            load.blocked.append(work)
        elif verb_of(work.change) is None:
            (load.silent if work.is_identified else load.elements).append(work)
        else:
            load.works.append(work)
        return permission == "run" and not withheld

    def _work(self, change: Change, siblings: list[Change]) -> Work:
        sent = fingerprints(change, self._observe) if change.effect.values else {}
        base = self._settlement.intended(change, _elements(change, siblings))
        return Work(change, verb_of(change) or "update", base=base, sent=sent)

    def _record(self, change: Change, siblings: list[Change], user: Work | None, load: Load) -> None:
        self._tally.recorded += 1
        base = self._settlement.intended(change, _elements(change, siblings))
        settled = self._settlement.recorded(change, base)
        if change.person and change.kind != "user":
            load.late.append((user, settled))
        else:
            load.records.append(settled)

    def _left_out(self, change: Change) -> None:
        if change.action == "conflict":
            self._tally.conflicts += 1
        else:
            self._tally.holds += 1


def _elements(change: Change, siblings: list[Change]) -> list[Change]:
    return [sibling for sibling in siblings if sibling is not change and sibling.person and sibling.kind != "user"]
