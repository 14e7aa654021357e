"""People that state knows and the source no longer has: rules R9 and R10."""

from poolshift.plan.change import Action, Change, Effect
from poolshift.plan.person import Person, Tallied
from poolshift.plan.rules import Rules


def decide_gone(person: Person, rules: Rules, tallied: Tallied) -> list[Change]:
    """Nothing is decided unless the source was read whole; nothing is destroyed unless the policy says so."""
    if person.base is None or not rules.source_read:
        return []
    match = next((match for match in person.matches if match.rank == 1), None)
    tallied.findings.append(("SOURCE_GONE", "", None))
    if match is None or match.standing == "missing":
        if not rules.destination_read:
            return []
        return [_row(person, "forget", "R10", None, records=True)]
    if match.standing != "ok":
        return [_row(person, "conflict", "R12", match.record, code="IDENTITY_REUSED", partner=match.taker)]
    action: Action = "retain"
    if rules.destructive and rules.policy.source_gone == "delete":
        action = "delete"
    elif rules.destructive and rules.policy.source_gone == "disable" and _is_enabled(person, match.place, rules):
        return [_disable(person, match.record, match.digest, rules)]
    return [_row(person, action, "R9", match.record, actual=match.digest)]


def _is_enabled(person: Person, place: int, rules: Rules) -> bool:
    if rules.enabled is None or person.actual is None:
        return False
    return person.actual(place).get(rules.enabled) is not False


def _row(
    person: Person,
    action: Action,
    rule: str,
    record: str | None,
    *,
    records: bool = False,
    code: str = "",
    partner: str = "",
    actual: bytes = bytes(8),
) -> Change:
    return Change(
        address=person.address,
        kind="user",
        action=action,
        rule=rule,
        person=person.source_id,
        destination_id=record,
        actual=actual,
        records=records,
        code=code,
        partner=partner,
        dangers=frozenset({"delete"}) if action == "delete" else frozenset(),
        effect=Effect(drop=action in ("forget", "delete")),
    )


def _disable(person: Person, record: str, digest: bytes, rules: Rules) -> Change:
    assert rules.enabled is not None
    return Change(
        address=person.address,
        kind="user",
        action="disable",
        rule="R9",
        person=person.source_id,
        destination_id=record,
        actual=digest,
        dangers=frozenset({"disable", "update"}),
        effect=Effect(values={rules.enabled: False}, base=person.base, shown={rules.enabled: (True, False)}),
    )
