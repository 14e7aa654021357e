"""explain: the story of one person, from the source record to the verdict. Names fields and rules, never values."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from poolshift.identity.findings import FINDINGS
from poolshift.identity.value import UNKNOWN
from poolshift.plan.change import Change
from poolshift.plan.decide import UNKNOWN_PATHS
from poolshift.plan.match import Match
from poolshift.plan.merge import first_fields
from poolshift.plan.person import Person
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.one_person import OnePerson, one_person
from poolshift.planning.session import Session

_RANKS: Final[Mapping[int, str]] = {
    1: "state knows it as this person's",
    2: "it carries our marker or this source id",
    3: "a verified address, or a key the spec declares, is the same on both sides",
    4: "only an unverified address or a login name is the same",
}
_STANDINGS: Final[Mapping[str, str]] = {
    "ok": "nobody else claims it as well",
    "tie": "another person claims it equally well",
    "taken": "another person claims it better",
    "missing": "it is not at the destination any more",
}
_VERDICTS: Final[Mapping[str, str]] = {
    "set": "the source's value is written",
    "clear": "the value is cleared",
    "rebase": "both values are recorded, nothing is written",
    "release": "the value stays and is no longer ours",
    "conflict": "a person has to decide",
    "hold": "it waits: the actual value is unknown",
    "report": "reported only",
    "keep": "nothing to do",
}


def explain(session: Session, who: str) -> dict[str, Any]:
    """The explain document. Raises UsageError where nobody answers to ``who``."""
    with one_person(session, who) as one:
        changes = [_change(change, one) for change in one.decided.changes]
        return {
            "format_version": FORMAT_VERSION,
            "person": {"address": one.person.address},
            "story": [
                {"title": "Source", "lines": list(_source(one))},
                {"title": "Mapping", "lines": list(_mapping(one))},
                {"title": "Match", "lines": list(_match(one.person))},
                {"title": "Base", "lines": list(_base(one.person))},
                {"title": "Verdict", "lines": list(_verdict(one))},
            ],
            "changes": changes,
            "exit_code": 0,
        }


def _source(one: OnePerson) -> Iterator[str]:
    if one.record is None:
        yield "The source does not have this person."
        return
    values = one.record.values
    enabled = "enabled" if values.get("enabled") else "disabled"
    created = values.get("created_at", "at an unknown time")
    yield f"Status {values.get('status', 'unknown')}, {enabled}, created {created}."
    named = sorted(name for name, value in values.items() if value not in (None, "") and value is not UNKNOWN)
    yield f"Has values for: {', '.join(named)}."
    groups = ", ".join(one.person.groups) or "none"
    yield f"Groups: {groups}."


def _mapping(one: OnePerson) -> Iterator[str]:
    person = one.person
    if person.standing == "gone":
        yield "Nothing to map."
    elif person.standing == "unselected":
        yield f"Left out by `users.{person.why or 'if'}`; what is at the destination stays as it is."
    elif person.standing == "unmappable":
        yield "Could not be mapped; the findings say why."
    else:
        yield f"Destination fields: {', '.join(sorted(orjson.loads(person.encoded)))}."
        if person.organizations:
            yield f"Organizations: {', '.join(person.organizations)}."
    for finding in person.findings:
        about = f" ({finding.path})" if finding.path else ""
        yield f"Finding {finding.code}{about}: {FINDINGS[finding.code].title}"


def _match(person: Person) -> Iterator[str]:
    if not person.matches:
        yield "No record at the destination answers to any of this person's keys."
    for match in sorted(person.matches, key=lambda match: (match.rank, match.record)):
        yield _claim(match)
    for note in person.notes:
        code = note.code.removeprefix("SKIPPED:")
        shared = f'user["{note.partner}"]' if note.partner else "many records of the destination"
        yield f"{code}: a key is shared with {shared}."


def _claim(match: Match) -> str:
    taker = f' (user["{match.taker}"])' if match.taker else ""
    return f"Record {match.record}: {_RANKS[match.rank]}; {_STANDINGS[match.standing]}{taker}."


def _base(person: Person) -> Iterator[str]:
    base = person.base
    if base is None:
        yield "State does not know this person: nothing was applied yet."
        return
    elements = "1 element" if len(base.elements) == 1 else f"{len(base.elements)} elements"
    yield f"Applied before to record {base.destination_id}: {len(base.fields)} fields, {elements}."
    yield "The destination rules the profile (handover)." if base.handover else "The source rules the profile."


def _verdict(one: OnePerson) -> Iterator[str]:
    if not one.decided.changes:
        yield {
            "noop": "No changes.",
            "repeated": "Counts as part of another person.",
            "unselected": "Out of scope.",
            "unmappable": "Not planned until it can be mapped.",
        }.get(one.decided.tallied.verdict, "Nothing to decide.")
    for change in one.decided.changes:
        what = "recorded in state only" if change.records else change.action
        because = f", {change.code}" if change.code else ""
        yield f"{change.address}: {what} by rule {change.rule}{because}."
        if change.partner:
            yield f'The other one is user["{change.partner}"].'
        if change.candidates:
            yield f"Records to choose between: {', '.join(change.candidates)}."


def _change(change: Change, one: OnePerson) -> dict[str, Any]:
    fields = [
        {"path": own.path, "rule": own.rule, "mode": own.mode, "verdict": own.verdict, "why": _VERDICTS[own.verdict]}
        for own in (change.fields or _created_fields(change, one))
    ]
    return {"address": change.address, "action": change.action, "rule": change.rule, "fields": fields}


def _created_fields(change: Change, one: OnePerson) -> Any:
    """A create writes the whole record: a plan row does not list its fields, the story does."""
    if change.kind != "user" or change.action != "create":
        return ()
    desired = orjson.loads(one.person.encoded)
    desired.pop(UNKNOWN_PATHS, None)
    return first_fields(desired, one.person.unknown, one.rules).decisions
