"""Changes whose answer was lost: what became of them is asked of the destination, never guessed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from poolshift.apply.claim import Claims, Made
from poolshift.apply.coverage import Coverage
from poolshift.apply.lookup import Lookups, Question
from poolshift.apply.work import Work
from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failure
from poolshift.provider.session import Found

Next = Literal["again", "ended", "left"]
"""again: send what is open. ended: landed or failed. left: cannot be told now; the window stays open."""

Answers = Mapping[tuple[Path, str], Found]


class LostAnswers:
    """Settles works by lookup. Elements and belongings are sent again instead: that is idempotent by law 3."""

    def __init__(self, lookups: Lookups, claims: Claims, coverage: Coverage, now: Callable[[], float]) -> None:
        self._lookups = lookups
        self._claims = claims
        self._coverage = coverage
        self._now = now

    def settle(self, works: Sequence[Work]) -> list[tuple[Work, Next]]:
        """What is next for each, in the given order."""
        questions = [self._question(work) for work in works]
        by_kind: dict[Kind, list[Question]] = {}
        for work, question in zip(works, questions, strict=True):
            if question is not None:
                by_kind.setdefault(work.change.kind, []).append(question)
        answers = {kind: self._lookups.ask(kind, asked) for kind, asked in by_kind.items()}
        settled: list[tuple[Work, Next]] = []
        for work, question in zip(works, questions, strict=True):
            found = None
            if question is not None:
                found = answers[work.change.kind][question.key.path, question.value]
            settled.append((work, self._next(work, question, found)))
        return settled

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
