"""Taking over: what became of every change of an open window that has no outcome. Intents hold no values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from poolshift.apply.claim import Claims, Made
from poolshift.apply.coverage import Observe
from poolshift.apply.listing import Listing
from poolshift.apply.lookup import Lookups, Question
from poolshift.apply.membership import Asked, Memberships
from poolshift.apply.retry import Patience
from poolshift.diagnostics import Diagnostic
from poolshift.errors import NeedsPerson
from poolshift.identity.address import parse
from poolshift.identity.kind import ELEMENT_KINDS, SHARED_KINDS, Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.plan.element_keys import ElementKeys
from poolshift.provider.schema import Schema
from poolshift.provider.session import Found, Reader
from poolshift.state.base import ABSENT_FP, NEVER_QUIET, Base, Pair
from poolshift.state.store import Intent, Result, Settled, Store, Window

AMBIGUOUS = "RECOVERY_AMBIGUOUS"
UNSURE = "RECOVERY_UNSURE"


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """Changes of open windows, by what became of them. ``messages``: addresses whose message was or was not sent."""

    windows: int = 0
    done: int = 0
    not_done: int = 0
    partly: int = 0
    messages: tuple[str, ...] = ()


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
) -> RecoveryReport:
    """Settle every open window by looking its changes up. ``now`` is Unix time.

    Raises NeedsPerson, after all the others are settled, where several records could be ours or none provably is
    (RECOVERY_AMBIGUOUS), or the destination cannot tell (RECOVERY_UNSURE). Those changes stay open.
    """
    recovery = Recovery(store, schema, reader, observe, migration, now, sleep, patience or Patience())
    windows = store.open_windows()
    for window in windows:
        recovery.settle(window)
    if recovery.open:
        raise NeedsPerson(recovery.open)
    return replace(recovery.report, windows=len(windows))


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
    ) -> None:
        self._store = store
        self._schema = schema
        self._observe = observe
        self._now = now
        self._claims = Claims(schema, observe, migration)
        self._lookups = Lookups(reader, schema, sleep, patience.late)
        self._listing = Listing(reader, schema, observe)
        self._keys = ElementKeys(store.keys.fingerprints)
        self._memberships = Memberships(reader, schema, self._keys, self._shared_id)
        self.open: list[Diagnostic] = []
        self.report = RecoveryReport()

    def settle(self, window: Window) -> None:
        """Outcomes in one transaction; the window is closed unless something of it needs a person."""
        rows = window.open_rows
        records = [intent for intent in rows if _is_record(intent)]
        before = len(self.open)
        outcomes = self._creates([intent for intent in records if intent.action == "create"], window)
        outcomes += self._by_id([intent for intent in records if intent.action != "create"])
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
            return self._landed(intent, claim.record)
        self.open.append(_needs_person(intent, window, claim.candidates))
        return None

    def _by_id(self, intents: Sequence[Intent]) -> list[Settled]:
        settled: list[Settled] = []
        for kind, group in _by_kind(intents).items():
            questions = {intent.address: self._lookups.by_id(kind, intent.destination_id) for intent in group}
            answers = self._lookups.ask(kind, [question for question in questions.values() if question is not None])
            for intent in group:
                question = questions[intent.address]
                found = answers[question.key.path, question.value] if question is not None else None
                settled.append(self._written(intent, found))
        return settled

    def _written(self, intent: Intent, found: Found | None) -> Settled:
        """An update or a delete; where the destination cannot tell it is done again, which is idempotent."""
        if found is None or (not found.records and not found.sure):
            return _settled(intent, "not_done")
        if intent.action == "delete":
            return _settled(intent, "not_done") if found.records else replace(_settled(intent, "done"), drop=True)
        if not found.records:
            return _settled(intent, "not_done", "GONE")
        return self._landed(intent, found.records[0])

    def _landed(self, intent: Intent, record: Record) -> Settled:
        landed = self._claims.landed(record, intent.sent)
        whole = landed == intent.sent.keys()
        if not whole and intent.action != "create" and not landed:
            return _settled(intent, "not_done")
        base = self._base(intent, record, landed, whole=whole)
        outcome = _settled(intent, "done" if whole else "failed", "" if whole else "RECOVERED_PARTLY")
        return replace(outcome, destination_id=record.id, base=base)

    def _base(self, intent: Intent, record: Record, landed: frozenset[Path], *, whole: bool) -> Base | None:
        base = intent.base
        if base is None:
            return None
        if whole:
            return replace(base, destination_id=record.id)
        before = self._store.person(intent.person) if intent.person else None
        fields = dict(base.fields)
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
        self.report = replace(
            self.report,
            done=self.report.done + results.count("done"),
            not_done=self.report.not_done + results.count("not_done"),
            partly=self.report.partly + results.count("failed"),
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


def _needs_person(intent: Intent, window: Window, candidates: Sequence[str]) -> Diagnostic:
    if not candidates:
        return Diagnostic(
            UNSURE,
            f"{intent.address}: the destination cannot tell whether the create of window {window.number} landed",
            remedy="Wait until the destination answers surely, then run recover again.",
        )
    ids = ", ".join(candidates)
    return Diagnostic(
        AMBIGUOUS,
        f"{intent.address}: the create of window {window.number} may have made {ids}; none is provably ours",
        remedy="Look at these records at the destination, remove what should not be there, then run recover again.",
    )
