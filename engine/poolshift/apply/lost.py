"""Changes whose answer was lost: what became of them is asked of the destination, never guessed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from poolshift.apply.claim import Claims, Made
from poolshift.apply.coverage import Coverage
from poolshift.apply.listing import Listing, Sought
from poolshift.apply.lookup import Lookups, Question
from poolshift.apply.work import Work
from poolshift.identity.kind import Kind
from poolshift.provider.operation import Code, Failure
from poolshift.provider.session import Found

Next = Literal["again", "ended", "left"]
"""again: send what is open. ended: landed or failed. left: cannot be told now; the window stays open."""


class LostAnswers:
    """Settles works by lookup. Elements and belongings are sent again instead: that is idempotent by law 3."""

    def __init__(
        self,
        lookups: Lookups,
        listing: Listing,
        claims: Claims,
        coverage: Coverage,
        now: Callable[[], float],
        records: Mapping[Kind, int],
    ) -> None:
        """``records``: how many the destination held when it was read, by kind."""
        self._lookups = lookups
        self._listing = listing
        self._claims = claims
        self._coverage = coverage
        self._now = now
        self._records = records

    def settle(self, works: Sequence[Work]) -> list[tuple[Work, Next]]:
        """What is next for each, in the given order."""
        questions = [(work, self._question(work)) for work in works]
        found = self._found([(work, question) for work, question in questions if question is not None])
        return [(work, self._next(work, question, found.get(work.change.address))) for work, question in questions]

    def _found(self, asked: Sequence[tuple[Work, Question]]) -> Mapping[str, Found]:
        """Answers by address. Many creates at once, a job's for one, are found in a listing, and the rest by lookup."""
        found: dict[str, Found] = {}
        by_kind: dict[Kind, list[tuple[Work, Question]]] = {}
        for work, question in asked:
            by_kind.setdefault(work.change.kind, []).append((work, question))
        for kind, own in by_kind.items():
            found |= self._listed(kind, own)
            left = [(work, question) for work, question in own if work.change.address not in found]
            answers = self._lookups.ask(kind, [question for _, question in left])
            for work, question in left:
                found[work.change.address] = answers[question.key.path, question.value]
        return found

    def _listed(self, kind: Kind, asked: Sequence[tuple[Work, Question]]) -> Mapping[str, Found]:
        """Those a listing shows, where it costs less than asking for each; nothing is taken for absent by it."""
        creates = [(work, question) for work, question in asked if work.creates and not question.chosen]
        calls = sum(1 / question.key.at_once for _, question in creates)
        if not self._listing.is_cheaper(kind, int(calls), self._records.get(kind, 0) + len(creates)):
            return {}
        self._lookups.wait_for(question.key for _, question in creates)
        sought = [Sought(work.change.address, work.change.person, work.sent) for work, _ in creates]
        listed = self._listing.find(kind, sought)
        return {address: answer for address, answer in listed.items() if answer.records}

    def _question(self, work: Work) -> Question | None:
        change = work.change
        if not work.is_identified or work.messages:
            return None
        if work.creates:
            values = change.effect.values
            return self._lookups.of_create(change.kind, change.address, change.person, change.destination_id, values)
        return self._lookups.by_id(change.kind, work.id or change.destination_id)

    def _next(self, work: Work, question: Question | None, found: Found | None) -> Next:
        if question is None or found is None:
            return "left" if work.creates and work.is_identified else "again"
        if work.creates:
            return self._created(work, question, found)
        if work.verb == "delete":
            return self._deleted(work, found)
        return self._updated(work, found)

    def _created(self, work: Work, question: Question, found: Found) -> Next:
        change = work.change
        begin = work.window.opened_at if work.window is not None else self._now()
        made = Made(change.kind, change.person, work.sent, begin, self._now(), question.chosen)
        claim = self._claims.decide(made, found.records, sure=found.sure)
        if claim.verdict == "unsure":
            return "left"
        if claim.verdict == "foreign":
            work.fail(Failure(Code.EXISTS, "there is a record with this key that is not provably ours"), work.wanted)
            return "ended"
        if claim.record is None:
            return self._not_there(work)
        work.becomes_update(claim.record.id)
        self._landed(work, claim.record.id, found)
        return "again" if work.is_open else "ended"

    def _not_there(self, work: Work) -> Next:
        if work.landed or work.covered:
            work.landed.clear()
            work.failure = Failure(Code.GONE, "was reported as created, and is not there")
            return "ended"
        return "again"

    def _updated(self, work: Work, found: Found) -> Next:
        if found.records:
            self._landed(work, found.records[0].id, found)
            return "again" if work.is_open else "ended"
        if not found.sure:
            return "again"
        work.fail(Failure(Code.GONE, "the record is no longer there"), work.open_paths)
        return "ended"

    def _deleted(self, work: Work, found: Found) -> Next:
        if found.records or not found.sure:
            return "again"
        work.covered = True
        return "ended"

    def _landed(self, work: Work, id: str, found: Found) -> None:
        record = next(record for record in found.records if record.id == id)
        landed = self._claims.landed(record, {path: work.sent[path] for path in work.open_paths})
        landed |= self._claims.forced(record, work.forces).keys() & work.open_paths
        work.landed |= landed
        work.covered = work.covered or not work.wanted
        self._coverage.read_back(work, record, work.wanted if work.change.action == "create" else landed)
