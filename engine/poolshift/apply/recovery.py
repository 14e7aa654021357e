"""Taking over: what became of every change of an open window that has no outcome. Intents hold no values."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import cast

from poolshift.apply.claim import Claims, Made
from poolshift.apply.coverage import Observe
from poolshift.apply.jobs import Jobs
from poolshift.apply.listing import Listing
from poolshift.apply.lookup import Lookups, Question
from poolshift.apply.membership import Asked, Memberships
from poolshift.apply.recovery_report import AMBIGUOUS, BY_HAND, PARTLY, UNSURE, RecoveryReport, Unsettled
from poolshift.apply.resuming import resume
from poolshift.apply.retry import Patience
from poolshift.identity.address import parse
from poolshift.identity.kind import ELEMENT_KINDS, SHARED_KINDS, Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.plan.change import VERB_OF
from poolshift.plan.element_keys import ElementKeys
from poolshift.plan.routes import route_named
from poolshift.privacy import redact
from poolshift.provider.schema import Schema
from poolshift.provider.session import Found, Reader
from poolshift.state.base import ABSENT_FP, NEVER_QUIET, Base, Pair
from poolshift.state.store import Intent, Result, Settled, Store, Window


def settle_open_windows(
    store: Store,
    schema: Schema,
    reader: Reader,
    observe: Observe,
    *,
    migration: str,
    now: Callable[[], float],
    sleep: Callable[[float], None],
    patience: Patience | None = None,
    jobs: Jobs | None = None,
) -> RecoveryReport:
    """Settle every open window: its jobs are waited for, then its changes are looked up. ``now`` is Unix time.

    What stays open is in the report: where several records could be ours or none provably is (RECOVERY_AMBIGUOUS),
    the destination cannot tell (RECOVERY_UNSURE), or a job waits for a person (JOB_WAITS_FOR_PERSON). ``jobs`` is
    needed where a window has some. Raises what `resuming.resume` raises.
    """
    recovery = Recovery(store, schema, reader, observe, migration, now, sleep, patience or Patience(), jobs)
    windows = store.open_windows()
    for window in windows:
        recovery.settle(window)
    return replace(recovery.report, windows=len(windows), unsettled=tuple(recovery.open))


class Recovery:
    """Settles windows one by one; collects what only a person can settle."""

    def __init__(
        self,
        store: Store,
        schema: Schema,
        reader: Reader,
        observe: Observe,
        migration: str,
        now: Callable[[], float],
        sleep: Callable[[float], None],
        patience: Patience,
        jobs: Jobs | None,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._schema = schema
        self._observe = observe
        self._now = now
        self._claims = Claims(schema, observe, migration)
        self._lookups = Lookups(reader, schema, sleep, patience.late)
        self._listing = Listing(reader, schema, observe)
        self._keys = ElementKeys(store.keys.fingerprints)
        self._memberships = Memberships(reader, schema, self._keys, self._shared_id)
        self._told: Mapping[str, frozenset[Path]] = {}
        self.open: list[Unsettled] = []
        self.report = RecoveryReport()

    def settle(self, window: Window) -> None:
        """Outcomes in one transaction; the window is closed unless something of it needs a person."""
        before = len(self.open)
        rows, outcomes = self._after_jobs(window)
        records = [intent for intent in rows if _is_record(intent)]
        outcomes += self._creates([intent for intent in records if intent.action == "create"], window)
        outcomes += self._by_id([intent for intent in records if intent.action != "create"], window)
        ids = {outcome.person: outcome.destination_id for outcome in outcomes if outcome.base is not None}
        outcomes += self._elements([intent for intent in rows if intent.action in ("add", "remove")], ids)
        settled = {outcome.address for outcome in outcomes}
        for intent in rows:
            if intent.address in settled or _is_record(intent):
                continue
            if intent.action == "message":
                self.report = replace(self.report, messages=(*self.report.messages, intent.address))
                outcomes.append(_settled(intent, "unknown", "MESSAGE_UNKNOWN"))
            else:
                outcomes.append(_settled(intent, "not_done"))
        self._count(outcomes)
        self._store.settle(window.number, outcomes)
        if len(self.open) == before:
            self._store.close_window(window.number)

    def _after_jobs(self, window: Window) -> tuple[list[Intent], list[Settled]]:
        """The rows that are left to look up, and the outcomes of those that its jobs refused."""
        self._told = {}
        if not window.jobs:
            return list(window.open_rows), []
        if self._jobs is None:
            raise ValueError(f"window {window.number} has jobs, and there is nobody to ask")
        resumed = resume(self._jobs, window)
        self._told = resumed.told
        for label, instructions in resumed.instructions.items():
            handle = next(job.handle for job in resumed.waiting.values() if job.label == label)
            self.open.append(
                Unsettled(window, BY_HAND, "", job=handle.id if handle else label, instructions=instructions)
            )
        left: list[Intent] = []
        settled: list[Settled] = []
        for intent in window.open_rows:
            if intent.address in resumed.ended:
                result, failure = resumed.ended[intent.address]
                own = _settled(intent, result, failure.code.name if failure else "")
                settled.append(replace(own, message=redact(failure.message) if failure else ""))
            elif intent.address not in resumed.waiting:
                left.append(intent)
        return left, settled

    def _creates(self, intents: Sequence[Intent], window: Window) -> list[Settled]:
        settled: list[Settled] = []
        for kind, group in _by_kind(intents).items():
            questions = {intent.address: self._question(intent) for intent in group}
            asked = [question for question in questions.values() if question is not None]
            answers = self._lookups.ask(kind, asked)
            listed = self._listing.find(kind, [intent for intent in group if questions[intent.address] is None])
            for intent in group:
                question = questions[intent.address]
                found = listed.get(intent.address) or Found("", (), sure=False)
                if question is not None:
                    found = answers[question.key.path, question.value]
                outcome = self._claimed(intent, question, found, window)
                settled += [outcome] if outcome is not None else []
        return settled

    def _question(self, intent: Intent) -> Question | None:
        """By our marker, by an id we chose, or by natural name: an intent holds no value to ask for a login."""
        kind = cast(Kind, intent.kind)
        markers = self._schema.kinds[kind].with_role("source_id")
        values = {path: intent.person for path in markers if path in intent.sent}
        return self._lookups.of_create(kind, intent.address, intent.person, intent.destination_id, values)

    def _claimed(self, intent: Intent, question: Question | None, found: Found, window: Window) -> Settled | None:
        chosen = question is not None and question.chosen
        kind = cast(Kind, intent.kind)
        made = Made(kind, intent.person, intent.sent, window.opened_at, self._now(), chosen)
        claim = self._claims.decide(made, found.records, sure=found.sure)
        if claim.verdict == "absent":
            return _settled(intent, "not_done")
        if claim.verdict == "ours" and claim.record is not None:
            return self._landed(intent, claim.record, window)
        code = AMBIGUOUS if claim.candidates else UNSURE
        self.open.append(Unsettled(window, code, intent.address, claim.candidates))
        return None

    def _by_id(self, intents: Sequence[Intent], window: Window) -> list[Settled]:
        settled: list[Settled] = []
        for kind, group in _by_kind(intents).items():
            questions = {intent.address: self._lookups.by_id(kind, intent.destination_id) for intent in group}
            answers = self._lookups.ask(kind, [question for question in questions.values() if question is not None])
            for intent in group:
                question = questions[intent.address]
                found = answers[question.key.path, question.value] if question is not None else None
                settled.append(self._written(intent, found, window))
        return settled

    def _written(self, intent: Intent, found: Found | None, window: Window) -> Settled:
        """An update or a delete; where the destination cannot tell it is done again, which is idempotent."""
        if found is None or (not found.records and not found.sure):
            return _settled(intent, "not_done")
        if intent.action == "delete":
            return _settled(intent, "not_done") if found.records else replace(_settled(intent, "done"), drop=True)
        if not found.records:
            return _settled(intent, "not_done", "GONE")
        return self._landed(intent, found.records[0], window)

    def _landed(self, intent: Intent, record: Record, window: Window) -> Settled:
        forced = self._forced(intent, record, window)
        landed = self._claims.landed(record, intent.sent) | forced.keys() | self._unseen(intent)
        whole = landed == intent.sent.keys()
        if not whole and intent.action != "create" and not landed:
            return _settled(intent, "not_done")
        base = self._base(intent, record, landed, forced, whole=whole)
        outcome = _settled(intent, "done" if whole else "failed", "" if whole else PARTLY)
        return replace(outcome, destination_id=record.id, base=base)

    def _unseen(self, intent: Intent) -> frozenset[Path]:
        """Sent paths that a job said it wrote, and that nobody can look at."""
        fields = self._schema.kinds[cast(Kind, intent.kind)]
        told = self._told.get(intent.address, frozenset()) & intent.sent.keys()
        return frozenset(path for path in told if (own := fields.field_at(path)) is not None and own.read == "never")

    def _forced(self, intent: Intent, record: Record, window: Window) -> Mapping[Path, bytes]:
        """Sent paths that read as the window's route forces them to, whatever was sent."""
        route = route_named(self._schema, cast(Kind, intent.kind), VERB_OF[intent.action], window.route)
        forced = self._claims.forced(record, route.forces) if route is not None and route.forces else {}
        return {path: seen for path, seen in forced.items() if path in intent.sent}

    def _base(
        self, intent: Intent, record: Record, landed: Collection[Path], forced: Mapping[Path, bytes], *, whole: bool
    ) -> Base | None:
        base = intent.base
        if base is None:
            return None
        other = {path: seen for path, seen in forced.items() if path in base.fields and base.fields[path][1] != seen}
        if whole and not other:
            return replace(base, destination_id=record.id)
        before = self._store.person(intent.person) if intent.person else None
        fields = dict(base.fields)
        for path, seen in other.items():
            fields[path] = (fields[path][0], seen)
        for path in intent.sent.keys() - landed:
            pair = before.fields.get(path) if before is not None else None
            if pair is None and intent.action == "create":
                pair = self._made(record, path)
            if pair is None:
                fields.pop(path, None)
            else:
                fields[path] = pair
        return replace(base, destination_id=record.id, fields=fields, quiet=(NEVER_QUIET, NEVER_QUIET))

    def _made(self, record: Record, path: Path) -> Pair | None:
        """What our own half of a create left there: still to be changed, and no conflict with anybody."""
        seen = self._observe(record, [path]).get(path, ABSENT_FP)
        return (seen, seen) if seen != ABSENT_FP else None

    def _elements(self, intents: Sequence[Intent], ids: Mapping[str, str | None]) -> list[Settled]:
        """Memberships and links; one that cannot be decided is left out: doing it again is idempotent (law 3)."""
        settled: list[Settled] = []
        for kind, group in _by_kind(intents).items():
            asked: list[Asked] = []
            for intent in group:
                row = self._store.person(intent.person)
                user = ids.get(intent.person) or (row.destination_id if row is not None else None)
                if user:
                    asked.append(Asked(intent.address, user))
            present = self._memberships.present(kind, asked) if kind in ELEMENT_KINDS and asked else {}
            for intent in group:
                there = present.get(intent.address)
                if there is None or there != (intent.action == "add"):
                    settled.append(_settled(intent, "not_done"))
                    continue
                key = self._keys.key_of_address(intent.address)
                settled.append(replace(_settled(intent, "done"), elements={key: (there, there)}))
        return settled

    def _shared_id(self, address: str) -> str | None:
        """Of a group and its like: as the state knows it, else looked up by its natural name."""
        kind, parts = parse(address)
        about = self._schema.kinds.get(kind)
        row = self._store.shared().get(address)
        if row is not None and row.destination_id:
            return row.destination_id
        if about is None or not about.keys:
            return None
        found = next(iter(self._lookups.ask(kind, [Question(about.keys[0], parts[-1])]).values()))
        same = [record for record in found.records if about.name_of(record) == parts]
        return same[0].id if len(same) == 1 else None

    def _count(self, outcomes: Sequence[Settled]) -> None:
        results = [outcome.result for outcome in outcomes]
        partly = sum(outcome.code == PARTLY for outcome in outcomes)
        self.report = replace(
            self.report,
            done=self.report.done + results.count("done"),
            not_done=self.report.not_done + results.count("not_done"),
            partly=self.report.partly + partly,
            failed=self.report.failed + results.count("failed") - partly,
        )


def _is_record(intent: Intent) -> bool:
    return intent.kind == "user" or intent.kind in SHARED_KINDS


def _by_kind(intents: Sequence[Intent]) -> Mapping[Kind, list[Intent]]:
    groups: dict[Kind, list[Intent]] = {}
    for intent in intents:
        groups.setdefault(cast(Kind, intent.kind), []).append(intent)
    return groups


def _settled(intent: Intent, result: Result, code: str = "") -> Settled:
    return Settled(intent.address, result, intent.destination_id, intent.person, code=code)
