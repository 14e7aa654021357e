"""Stage 3: one person -> its changes. Pure; every change names the rule that made it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from poolshift.identity.value import ABSENT, Path, Value
from poolshift.plan.alias import stolen_alias
from poolshift.plan.change import Action, Change, Effect, FieldDecision
from poolshift.plan.gone import decide_gone
from poolshift.plan.match import Match, Matched, choose_match
from poolshift.plan.merge import (
    NOT_CLEARABLE,
    Merge,
    digest_after,
    first_fields,
    merge_fields,
    shown_values,
    values_to_send,
)
from poolshift.plan.person import Person, Tallied
from poolshift.plan.quiet import quiet_pair
from poolshift.plan.refusal import ROUTE_REFUSES, takers
from poolshift.plan.rules import Rules
from poolshift.plan.sets import Merged, Sets, is_crowded, merge_sets, parents_of, sets_of
from poolshift.state.base import NEVER_QUIET, Base

UNKNOWN_PATHS: Final = "?"
TOO_MANY: Final = "TOO_MANY"
"""More elements of a kind than the destination lets a person have."""
AMBIGUOUS_HOT: Final = "AMBIGUOUS_HOT"
"""A key value that too many records hold to compare them one by one."""


@dataclass(slots=True)
class Decided:
    """A person's changes, and what they add to the counts. verdict: one word a person with a source record."""

    changes: list[Change]
    tallied: Tallied


def decide(person: Person, rules: Rules) -> Decided:
    """The person's own changes first, then those of its elements, in order of their keys."""
    tallied = Tallied()
    for finding in person.findings:
        tallied.findings.append((finding.code, finding.message, finding.path))
    if person.standing in ("unselected", "unmappable"):
        tallied.verdict = person.standing
        return Decided([], tallied)
    if person.standing == "gone":
        return Decided(decide_gone(person, rules, tallied), tallied)
    if (blocked := _blocked(person, rules, tallied)) is not None:
        return Decided(blocked, tallied)
    matched = choose_match(person.matches, person.base is not None, rules.policy)
    matched = _with_evidence(person, matched, rules)
    if matched.action in ("hold", "conflict"):
        tallied.verdict = matched.action
        if (path := stolen_alias(person, matched, rules)) is not None:
            tallied.findings.append(("LOGIN_ALIAS_THEFT", "", path))
        return Decided([_standing_still(person, matched)], tallied)
    sets = sets_of(person, rules)
    if is_crowded(sets, rules):
        # Which of them to leave out is nobody's decision but a person's.
        tallied.verdict = "hold"
        return Decided([_finding_row(person, "hold", TOO_MANY, "")], tallied)
    if matched.match is None and rules.creating and (refused := _refused(person, rules, tallied)) is not None:
        return Decided(refused, tallied)
    tallied.parents.update(parents_of(sets.wanted.values()))
    if matched.match is None:
        changes = _create(person, sets, matched, rules)
    else:
        changes = _reconcile(person, sets, matched.rule, matched.match, rules, tallied)
    tallied.verdict = next((change.action for change in changes if change.kind == "user"), "noop")
    return Decided(changes, tallied)


def _blocked(person: Person, rules: Rules, tallied: Tallied) -> list[Change] | None:
    """Findings that decide instead of the tables: collisions, twins, errors of the record itself."""
    for note in person.notes:
        if note.code == AMBIGUOUS_HOT:
            tallied.verdict = "conflict"
            return [replace(_finding_row(person, "conflict", "AMBIGUOUS", note.partner), rule="R6")]
        if note.code == "MERGED":
            tallied.verdict = "repeated"
            return []
        code = note.code.removeprefix("SKIPPED:")
        level = rules.severity(code)
        tallied.findings.append((code, "", None))
        if note.code != code or level == "skip":
            tallied.verdict = "unselected"
            return []
        if level == "error":
            tallied.verdict = "conflict"
            return [_finding_row(person, "conflict", code, note.partner)]
    if person.standing == "twice":
        tallied.verdict = "conflict"
        tallied.findings.append(("SOURCE_ID_TWICE", "", None))
        return [_finding_row(person, "conflict", "SOURCE_ID_TWICE", "")]
    for finding in person.findings:
        if rules.severity(finding.code) == "error":
            tallied.verdict = "hold"
            return [_finding_row(person, "hold", finding.code, "")]
    return _of_groups(person, rules, tallied)


def _of_groups(person: Person, rules: Rules, tallied: Tallied) -> list[Change] | None:
    """What the person's groups cannot give. A group that no rule takes is the group's finding, not the person's."""
    codes = dict.fromkeys(code for group in person.groups for code in rules.member_codes(group, person.organizations))
    for code, message in codes:
        level = rules.severity(code)
        if code == "GROUP_UNMAPPED" or level == "ignore":
            continue
        tallied.findings.append((code, message, None))
        if level in ("skip", "error"):
            tallied.verdict = "unselected" if level == "skip" else "hold"
            return [] if level == "skip" else [_finding_row(person, "hold", code, "")]
    return None


def _refused(person: Person, rules: Rules, tallied: Tallied) -> list[Change] | None:
    """Somebody whom no route creates is held, and with them all they have; None = one does, or it is to be tried."""
    asked = takers(person, rules)
    tallied.takers = asked.names
    if asked.names or (level := rules.severity(ROUTE_REFUSES)) == "ignore":
        return None
    tallied.findings.append((ROUTE_REFUSES, asked.why, None))
    if level not in ("skip", "error"):
        return None
    tallied.verdict = "unselected" if level == "skip" else "hold"
    return [] if level == "skip" else [_finding_row(person, "hold", ROUTE_REFUSES, "")]


def _finding_row(person: Person, action: Action, code: str, partner: str) -> Change:
    return Change(person.address, "user", action, "N", person.source_id, code=code, partner=partner)


def _with_evidence(person: Person, matched: Matched, rules: Rules) -> Matched:
    """Absence is not evidence: no create while the destination was not read whole; no recreate unasked."""
    if matched.action == "create" and not rules.destination_read:
        return replace(matched, action="hold", code="RUN_PARTIAL")
    if matched.rule in ("R8m", "R8e") and not rules.destination_read:
        found = matched.candidates or ((matched.match.record,) if matched.match else ())
        return Matched("R8", action="hold", code="RUN_PARTIAL", candidates=found)
    if matched.rule == "R8" and matched.action == "create" and not rules.destructive:
        return replace(matched, action="hold", code="EXPECT_COUNT")
    if matched.rule == "R8" and matched.action == "hold":
        if not rules.destination_read:
            return replace(matched, code="RUN_PARTIAL")
        resolution = rules.resolutions.get((person.address, ""))
        if resolution is not None and resolution.keep == "source" and not matched.candidates:
            return replace(matched, action="create", code="")
    return matched


def _standing_still(person: Person, matched: Matched) -> Change:
    return Change(
        address=person.address,
        kind="user",
        action=matched.action or "hold",
        rule=matched.rule,
        person=person.source_id,
        destination_id=matched.match.record if matched.match else None,
        code=matched.code,
        partner=matched.partner,
        candidates=matched.candidates,
    )


def _create(person: Person, sets: Sets, matched: Matched, rules: Rules) -> list[Change]:
    desired_digest = rules.records.of_bytes(person.encoded)
    elements = merge_sets(person, sets, None, None, rules)
    effect = Effect()
    if rules.effects:
        desired = orjson.loads(person.encoded)
        merge = first_fields(desired, person.unknown, rules)
        values = values_to_send(merge, desired, rules)
        base = _base_after(person, "", sets, merge, elements, desired_digest, digest_after({}, values, rules), rules)
        effect = Effect(values=values, base=base)
    own = Change(
        address=person.address,
        kind="user",
        action="create",
        rule=matched.rule,
        person=person.source_id,
        desired=desired_digest,
        effect=effect,
    )
    return [own, *elements.changes]


def _reconcile(person: Person, sets: Sets, rule: str, match: Match, rules: Rules, tallied: Tallied) -> list[Change]:
    """A person whose record is known: the quiet test, else field by field and element by element."""
    base = person.base if rule == "R7" else None
    desired_digest = rules.records.of_bytes(person.encoded)
    if (
        base is not None
        and base.rule_set == rules.rule_set
        and base.quiet[0] != NEVER_QUIET
        and base.quiet == quiet_pair(desired_digest, match.digest, sets.wanted, sets.present, rules.records)
    ):
        return []
    if person.actual is None:
        raise ValueError("a matched person needs a reader of destination records")
    actual = dict(person.actual(match.place))
    unknown = actual.pop(UNKNOWN_PATHS, ())
    if base is None and (foreign := _foreign_owner(person, rule, match, actual, rules)) is not None:
        return [foreign]
    desired = orjson.loads(person.encoded)
    merge = merge_fields(person.address, desired, actual, base, unknown, person.unknown, rules)
    stuck = [d for d in merge.with_verdict("conflict") if d.path in rules.identity]
    if stuck:
        return [_conflict(person, rule, match, tuple(stuck), merge, desired, actual, desired_digest)]
    elements = merge_sets(person, sets, base, match.record, rules)
    values = values_to_send(merge, desired, rules)
    after = digest_after(actual, values, rules)
    next_base = _base_after(person, match.record, sets, merge, elements, desired_digest, after, rules)
    own = _own_change(person, rule, match, merge, desired, actual, values, desired_digest, next_base, rules)
    conflicts = merge.with_verdict("conflict")
    rows = [own] if own is not None else []
    if conflicts:
        rows.append(_conflict(person, rule, match, conflicts, merge, desired, actual, desired_digest))
    if holds := merge.with_verdict("hold"):
        code = next((decision.code for decision in holds if decision.code), "UNREADABLE")
        rows.append(replace(_bare(person, rule, match), desired=desired_digest, fields=holds, code=code))
    tallied.findings += [(NOT_CLEARABLE, "", own.path) for own in merge.decisions if own.code == NOT_CLEARABLE]
    return [*rows, *elements.changes]


def _bare(person: Person, rule: str, match: Match) -> Change:
    return Change(person.address, "user", "hold", rule, person.source_id, match.record, actual=match.digest)


def _foreign_owner(
    person: Person, rule: str, match: Match, actual: Mapping[Path, Value], rules: Rules
) -> Change | None:
    """R5: the record bears the marker of another migration."""
    if rules.owner is None:
        return None
    owner = actual.get(rules.owner)
    if owner is None or owner == rules.migration:
        return None
    return Change(
        person.address,
        "user",
        "conflict",
        "R5",
        person.source_id,
        match.record,
        code="FOREIGN_OWNER",
        candidates=(match.record,),
    )


def _own_change(
    person: Person,
    rule: str,
    match: Match,
    merge: Merge,
    desired: Mapping[Path, Value],
    actual: Mapping[Path, Value],
    values: dict[Path, Value],
    desired_digest: bytes,
    next_base: Base,
    rules: Rules,
) -> Change | None:
    writes = merge.with_verdict("set", "clear")
    if rule != "R7":
        action: Action = "adopt"
    elif writes:
        action = _update_action(writes, values, rules)
    elif next_base == person.base:
        return None
    else:
        action = "noop"
    return Change(
        address=person.address,
        kind="user",
        action=action,
        rule=rule,
        person=person.source_id,
        destination_id=match.record,
        fields=writes if action != "noop" else merge.with_verdict("rebase", "release"),
        desired=desired_digest,
        actual=match.digest,
        records=action == "noop",
        dangers=_dangers(rule, action, writes, actual, rules),
        effect=Effect(values=values, base=next_base, shown=shown_values(merge, desired, actual)),
    )


def _update_action(writes: tuple[FieldDecision, ...], values: Mapping[Path, Any], rules: Rules) -> Action:
    if rules.enabled is not None and any(decision.path == rules.enabled for decision in writes):
        return "enable" if values.get(rules.enabled) else "disable"
    return "update"


def _dangers(
    rule: str, action: Action, writes: tuple[FieldDecision, ...], actual: Mapping[Path, Value], rules: Rules
) -> frozenset[str]:
    dangers = set()
    if any(decision.path in rules.login and decision.path in actual for decision in writes):
        dangers.add("login_change")
    if action == "adopt" and rule in ("R3", "R8m"):
        dangers.add("adopt")
    if action in ("update", "enable", "disable"):
        dangers.add("update")
    if action == "disable":
        dangers.add("disable")
    return frozenset(dangers)


def _conflict(
    person: Person,
    rule: str,
    match: Match,
    decisions: tuple[FieldDecision, ...],
    merge: Merge,
    desired: Mapping[Path, Value],
    actual: Mapping[Path, Value],
    desired_digest: bytes,
) -> Change:
    shown = {
        decision.path: (actual.get(decision.path, ABSENT), desired.get(decision.path, ABSENT)) for decision in decisions
    }
    return Change(
        address=person.address,
        kind="user",
        action="conflict",
        rule=rule,
        person=person.source_id,
        destination_id=match.record,
        fields=decisions,
        desired=desired_digest,
        actual=match.digest,
        code=next((decision.code for decision in decisions if decision.code), "FIELD_CONFLICT"),
        effect=Effect(shown=shown),
    )


def _base_after(
    person: Person,
    destination_id: str,
    sets: Sets,
    merge: Merge,
    elements: Merged,
    desired_digest: bytes,
    digest: bytes,
    rules: Rules,
) -> Base:
    """The base row once every write of this person has landed. Open questions keep it from being quiet."""
    quiet = (NEVER_QUIET, NEVER_QUIET)
    if not (elements.open or person.unknown or merge.with_verdict("conflict", "hold")):
        quiet = quiet_pair(desired_digest, digest, sets.wanted, _present_after(sets, elements), rules.records)
    handover = person.base.handover if person.base is not None else False
    return Base(
        source_id=person.source_id,
        destination_id=destination_id,
        rule_set=rules.rule_set,
        quiet=quiet,
        handover=handover,
        fields=merge.pairs,
        elements=elements.base,
    )


def _present_after(sets: Sets, elements: Merged) -> set[bytes]:
    """Keys of the owned elements at the destination once every element change has landed."""
    present = set(sets.present)
    present.update(change.desired for change in elements.changes if change.action == "add")
    return present - {change.actual for change in elements.changes if change.action == "remove"}
