"""What follows from an answer: each failure code has one consequence, decided here."""

from collections.abc import Sequence
from random import Random

from poolshift.apply.canary import Canaries
from poolshift.apply.coverage import Coverage
from poolshift.apply.defect import defect_of
from poolshift.apply.endings import Ending, Endings, ending_of
from poolshift.apply.flight import Flight
from poolshift.apply.jobs import Unfinished, WaitsForPerson
from poolshift.apply.journal import Journal
from poolshift.apply.lost import LostAnswers
from poolshift.apply.packing import Packet, pack
from poolshift.apply.references import References
from poolshift.apply.report import Tally
from poolshift.apply.retry import REPEATED, Patience
from poolshift.apply.routing import Chosen, Routing
from poolshift.apply.work import BLOCKED, Work
from poolshift.errors import AccessDenied, PoolshiftError, ProviderDown
from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failed, Failure, Outcome, WholeRejected

DEFERRED = 10_000
"""Rows kept in memory to be tried once more at the end of the run; beyond that a taken value fails at once."""

_MAYBE_SENT = "sent or not: the answer was lost; never sent again"


class Verdicts:
    """Sums answers, repeats what may be repeated, and settles every change once. One thread only."""

    def __init__(
        self,
        *,
        flight: Flight,
        routing: Routing,
        journal: Journal,
        references: References,
        coverage: Coverage,
        lost: LostAnswers,
        canaries: Canaries,
        tally: Tally,
        patience: Patience,
        random: Random,
        endings: Endings,
    ) -> None:
        self._flight = flight
        self._routing = routing
        self._journal = journal
        self._references = references
        self._coverage = coverage
        self._answers = lost
        self._canaries = canaries
        self._tally = tally
        self._patience = patience
        self._random = random
        self._endings = endings
        self._lost: list[Work] = []
        self._unproven: list[Work] = []
        self._again: list[Work] = []
        self._delay = 0.0
        self._pauses = 0
        self._labels = 0
        self.deferred: list[Work] = []

    # -- the crew of a flight
    def landed(self, packet: Packet, outcomes: Sequence[Outcome], error: BaseException | None) -> None:
        for work in packet.changes:
            work.waits = ""
        for work in packet.works:
            work.forces = packet.route.forces
        try:
            refusals = self._coverage.take(packet, outcomes)
        except PoolshiftError as broken:
            self._flight.halt(broken)
            self._leave(packet)
            return
        if outcomes and error is None and not refusals:
            self._pauses = 0
        for refusal in refusals:
            self._refused(refusal.work, refusal.failure, refusal.paths)
        self._judge(packet, error)
        for work in packet.works:
            self._conclude(work)
        self._send_again()

    def settle_lost(self) -> bool:
        """Nothing is in flight: ask what became of changes whose answer was lost, and of the first of their kind."""
        works, self._lost = self._lost, []
        unproven, self._unproven = self._unproven, []
        if not works and not unproven:
            return False
        self._journal.flush()
        self._prove(unproven)
        for work, following in self._answers.settle(works):
            work.waits = ""
            if work.id is not None:
                self._references.learn(work.change, work.id)
            if following == "left":
                work.waits = "left"
            elif following == "again":
                self._repeat(work, None)
            self._conclude(work)
        self._send_again()
        return True

    def _prove(self, works: Sequence[Work]) -> None:
        if (trouble := self._canaries.check(works)) is not None:
            self._flight.halt(trouble)
        for work in works:
            work.waits = ""
            self._conclude(work)

    def flush_if_due(self) -> None:
        self._journal.flush_if_due()

    def flush(self) -> None:
        self._journal.flush()

    # -- what came back
    def _judge(self, packet: Packet, error: BaseException | None) -> None:
        works = _open_works(packet)
        if not works:
            return
        if isinstance(error, WholeRejected):
            self._whole_rejected(packet, works, error)
        elif isinstance(error, Failed):
            self._failed(works, error.failure)
        elif isinstance(error, WaitsForPerson):
            self._tally.person += len(works)
            self._leave(packet)
        elif isinstance(error, Unfinished):
            self._flight.halt(error.reason)
            self._leave(packet)
        else:
            if isinstance(error, PoolshiftError):
                self._flight.halt(error)
            defect = defect_of(packet, error)
            for work in works:
                work.defect = defect
                self._lose(work)

    def _whole_rejected(self, packet: Packet, works: Sequence[Work], error: WholeRejected) -> None:
        known = {work.change.address: work for work in packet.changes}
        if strange := error.rows.keys() - known.keys():
            what = f"route {packet.route.name} rejected {min(strange)}, which was not in the batch"
            self._flight.halt(PoolshiftError.of("PROVIDER_LAW_7", what, "Report this to the provider's author."))
        guilty = [address for address in error.rows if address in known]
        if not guilty:
            self._failed(works, error.failure)
            return
        for address in guilty:
            work = known[address]
            self._refused(work, error.rows[address], work.open_paths)
        self._repack([work for work in works if work.is_open and not work.waits])

    def _failed(self, works: Sequence[Work], failure: Failure) -> None:
        """Nothing of these was written. A failure of a row that could be any of several is searched by halves."""
        if failure.code in REPEATED or failure.code in (Code.SPENT, Code.DENIED) or len(works) == 1:
            for work in works:
                self._refused(work, failure, work.open_paths)
            return
        middle = len(works) // 2
        self._repack(works[:middle])
        self._repack(works[middle:])

    def _refused(self, work: Work, failure: Failure, paths: frozenset[Path]) -> None:
        code = failure.code
        if code in REPEATED and not work.messages:
            self._repeat(work, failure)
        elif code is Code.SPENT and not work.messages:
            self._spent(work, failure)
        elif code is Code.DENIED:
            work.waits = "stopped"
            self._flight.halt(AccessDenied.of("ACCESS_DENIED", failure.message, "Run doctor to see what is missing."))
        elif code is Code.TAKEN and not work.retaken and not work.messages and len(self.deferred) < DEFERRED:
            work.retaken = True
            work.waits = "deferred"
            self.deferred.append(work)
            self._references.defer(work.change.address)
        elif code is Code.EXISTS and work.creates:
            self._exists(work, failure)
        elif code is Code.GONE and work.verb == "delete":
            work.covered = work.already = True
        else:
            work.fail(failure, paths)

    def _exists(self, work: Work, failure: Failure) -> None:
        if not work.is_identified:
            work.landed |= work.wanted
            work.covered = work.already = True
        elif work.attempts + 1 < self._patience.attempts:
            self._lose(work)
        else:
            work.fail(failure, work.wanted)

    def _spent(self, work: Work, failure: Failure) -> None:
        pause = self._patience.spent if failure.retry_after is None else failure.retry_after
        self._pauses += self._flight.pause(pause)
        if self._pauses > self._patience.pauses:
            work.waits = "stopped"
            self._flight.halt(ProviderDown.of("QUOTA_SPENT", failure.message, "Run apply again when there is quota."))
            return
        work.waits = "again"
        self._again.append(work)

    def _repeat(self, work: Work, failure: Failure | None) -> None:
        """Send what is open once more, within bounds. ``failure`` is None after a lost answer."""
        work.attempts += 1
        if work.attempts < self._patience.attempts:
            work.waits = "again"
            self._again.append(work)
            self._delay = max(self._delay, self._patience.delay(failure, work.attempts, self._random))
        elif failure is None:
            work.waits = "left"
            if work.defect is not None:
                self._flight.halt(work.defect)
        elif failure.code is Code.BUSY:
            work.fail(failure, work.open_paths)
        else:
            work.waits = "stopped"
            self._flight.halt(ProviderDown.of("DESTINATION_DOWN", failure.message, "Run apply again later."))

    def _lose(self, work: Work) -> None:
        if work.messages:
            self._endings.settle([Ending(work, "unknown", "MESSAGE_UNKNOWN", _MAYBE_SENT)])
            return
        work.waits = "lost"
        for own in (work, *work.children):
            own.unsure = own.is_open
        self._lost.append(work)

    def _leave(self, packet: Packet) -> None:
        for work in packet.changes:
            if work.result is None:
                work.waits = "left"

    # -- once more
    def _send_again(self) -> None:
        works, self._again = self._again, []
        delay, self._delay = self._delay, 0.0
        self._repack(works, delay)

    def _repack(self, works: Sequence[Work], delay: float = 0.0) -> None:
        """Choose anew, for what is open now, and queue within the same window."""
        chosen: list[Chosen] = []
        for work in works:
            work.waits = "again"
            if work.id is not None:
                work.becomes_update(work.id)
            one = self._routing.choose(work, [child for child in work.riders if child.is_open])
            if isinstance(one, Chosen):
                chosen.append(one)
                continue
            work.waits = ""
            work.fail(one if isinstance(one, Failure) else Failure(Code.PARENT_GONE, BLOCKED), work.open_paths)
            self._conclude(work)
        self._flight.queue(self.labelled(pack(chosen)), delay)

    def labelled(self, packets: Sequence[Packet]) -> Sequence[Packet]:
        """Each batch is named after its window, with a number of its own."""
        for packet in packets:
            window = packet.works[0].window
            self._labels += 1
            packet.label = f"{window.label if window else ''}-{self._labels}"
        return packets

    # -- the end of a change
    def _conclude(self, work: Work) -> None:
        """Settle a work that has ended, with all that rode in it and has ended too."""
        if work.is_open or work.waits or work.result is not None or self._lacks_id(work):
            return
        if work.canary is not None and work.failure is None and not work.not_yet:
            work.waits = "unproven"
            self._unproven.append(work)
            return
        if work.id is not None:
            self._references.learn(work.change, work.id)
        if work.parent is not None and work.parent.result is None:
            return
        endings = [ending_of(work)]
        work.result = endings[0].result
        own: list[Work] = []
        for child in work.riders:
            if child.result is not None or child.waits:
                continue
            if not child.is_open:
                endings.append(ending_of(child))
            elif work.is_missing or (work.result != "done" and work.result != "already" and work.id is None):
                endings.append(Ending(child, "not_done", BLOCKED))
            else:
                own.append(child)
        self._endings.settle(endings)
        self._repack(own)

    def _lacks_id(self, work: Work) -> bool:
        """Created, and nobody said under which id: asked by lookup."""
        made = work.creates and work.is_identified and (work.covered or bool(work.landed)) and not work.failure
        if made and not work.waits:
            self._lose(work)
        return made

    def give_up_deferred(self) -> None:
        """The run ends before their second try: nothing of them was written."""
        works, self.deferred = self.deferred, []
        for work in works:
            work.waits = ""
            self._endings.give_up([work, *work.riders], Code.TAKEN.name)
        self._journal.flush()

    def retry_deferred(self) -> None:
        """A value that was another's may have been set free in this run: once more, each in its own window."""
        works, self.deferred = self.deferred, []
        self._repack(works)
        self._flight.run(self)
        for work in works:
            self._endings.give_up([work, *work.riders], "STOPPED")
        self._journal.flush()


def _open_works(packet: Packet) -> list[Work]:
    """Works that need a verdict: parents that are open, and open children of those that are not."""
    works: list[Work] = []
    for work in packet.works:
        if work.is_open:
            works += [] if work.waits else [work]
        elif work.result is None and not work.failure and not work.not_yet and not work.waits:
            works += [child for child in work.children if child.is_open and not child.waits]
    return works
