"""Whose record is it? Only our marker, or an id we chose, claims a record; a login alone never does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from poolshift.apply.coverage import Observe
from poolshift.identity.kind import SHARED_KINDS, Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.plan.change import Change
from poolshift.provider.schema import Schema
from poolshift.state.base import ABSENT_FP

SKEW = 60.0
"""Seconds by which the destination's clock may differ from ours."""


@dataclass(frozen=True, slots=True)
class Claim:
    """ours: ``record`` is what our create made. foreign: there are records, none of them provably ours."""

    verdict: Literal["ours", "absent", "foreign", "unsure"]
    record: Record | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What our create would have made: by whom, with which fingerprints, within which time (Unix, seconds)."""

    kind: Kind
    person: str
    sent: Mapping[Path, bytes]
    begin: float
    end: float
    chosen: bool = False


class Claims:
    """Decides by the schema's neutral roles: source_id and owner are the marker, created is the time."""

    def __init__(self, schema: Schema, observe: Observe, migration: str) -> None:
        self._schema = schema
        self._observe = observe
        self._migration = migration

    def decide(self, made: Made, records: Sequence[Record], *, sure: bool) -> Claim:
        """The claim on the records found for one create; ``sure``: their absence may be believed."""
        if made.kind in SHARED_KINDS:
            records = [record for record in records if self._same_name(made, record)]
        if not records:
            return Claim("absent" if sure else "unsure")
        ours = [record for record in records if self._is_ours(made, record)]
        if len(ours) == 1:
            return Claim("ours", ours[0])
        return Claim("foreign", candidates=tuple(sorted(record.id for record in records)))

    def landed(self, record: Record, sent: Mapping[Path, bytes]) -> frozenset[Path]:
        """Sent paths that read back as sent. Paths no listing shows count only if they cannot be sent again."""
        paths = list(sent)
        seen = self._observe(record, paths)
        empty = self._observe(Record(record.kind, record.id, dict.fromkeys(paths)), paths)
        about = self._schema.kinds[record.kind]
        found: set[Path] = set()
        for path in paths:
            if path not in seen:
                field = about.field_at(path)
                if field is not None and field.write == "create":
                    found.add(path)
            elif seen[path] == sent[path] or (sent[path] == ABSENT_FP and seen[path] == empty.get(path)):
                found.add(path)
        return frozenset(found)

    def forced(self, record: Record, forces: Mapping[Path, Value]) -> Mapping[Path, bytes]:
        """Paths that read as a route forces them to, with how they read."""
        seen = self._observe(record, list(forces))
        wanted = self._observe(Record(record.kind, record.id, forces), list(forces))
        return {path: own for path, own in seen.items() if own == wanted.get(path)}

    def marker(self, kind: Kind, sent: Mapping[Path, bytes]) -> Path | None:
        """The field our source id was sent in, where it can be read."""
        about = self._schema.kinds[kind]
        paths = about.with_role("source_id")
        return next((path for path in paths if path in sent and about.fields[path].read != "never"), None)

    def _is_ours(self, made: Made, record: Record) -> bool:
        if made.kind in SHARED_KINDS:
            return self._equal(made, record)
        if made.chosen:
            return True
        marker = self.marker(made.kind, made.sent)
        if marker is None:
            return self._equal(made, record) and self._created_within(record, made.begin, made.end)
        owners = [path for path in self._schema.kinds[made.kind].with_role("owner") if path in made.sent]
        owned = all(record.values.get(owner) == self._migration for owner in owners)
        return owned and record.values.get(marker) == made.person

    def _same_name(self, made: Made, record: Record) -> bool:
        """Of a shared record: equal in every part of its natural name, a role's scope included."""
        unique = self._schema.kinds[made.kind].unique
        parts = unique[0][0] if unique else frozenset({self._schema.kinds[made.kind].keys[0].path})
        shown = self._observe(record, [part for part in parts if record.values.get(part)])
        return all(shown.get(part, ABSENT_FP) == made.sent.get(part, ABSENT_FP) for part in parts)

    def _equal(self, made: Made, record: Record) -> bool:
        shown = self._observe(record, list(made.sent))
        visible = {path: fingerprint for path, fingerprint in made.sent.items() if path in shown}
        return self.landed(record, visible) == visible.keys()

    def _created_within(self, record: Record, begin: float, end: float) -> bool:
        times = self._schema.kinds[record.kind].with_role("created")
        created = [seconds(record.values.get(path)) for path in times]
        return any(time is not None and begin - SKEW <= time <= end + SKEW for time in created)


def seconds(value: Value) -> float | None:
    """Unix time of a neutral time value: ISO 8601 with a zone, or a number of seconds; None = neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def fingerprints(change: Change, observe: Observe) -> dict[Path, bytes]:
    """Fingerprints of what a change sends, as it would read back: None is sent as "explicitly empty".

    A value that was decided on has the fingerprint of the decision: desired values are canonical already.
    """
    values, base = change.effect.values, change.effect.base
    if change.action == "create" and base is not None:
        decided = {path: pair[0] for path, pair in base.fields.items() if values.get(path) is not None}
    else:
        decided = {one.path: one.desired for one in change.fields if values.get(one.path) is not None}
    rest = {path: value for path, value in values.items() if path not in decided}
    seen = observe(Record(change.kind, "", rest), list(rest)) if rest else {}
    return {path: decided.get(path) or seen.get(path, ABSENT_FP) for path in values}
