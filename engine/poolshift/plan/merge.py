"""All fields of one person through tables F and M, and the base row that follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from poolshift import canonical
from poolshift.identity.value import ABSENT, UNKNOWN, Path, Value
from poolshift.plan.change import FieldDecision
from poolshift.plan.fields import CLEARED_FP, NO_PAIR, Verdict, decide_field, decide_first, decide_unread
from poolshift.plan.rules import Rules
from poolshift.provider.schema import FieldSchema
from poolshift.state.base import ABSENT_FP, Base, Pair

NOT_CLEARABLE: Final = "FIELD_NOT_CLEARABLE"


@dataclass(slots=True)
class Merge:
    """Decisions that are more than "keep"; `pairs` of every path as they are after all of them have landed."""

    decisions: tuple[FieldDecision, ...]
    pairs: dict[Path, Pair]

    def with_verdict(self, *verdicts: str) -> tuple[FieldDecision, ...]:
        return tuple(decision for decision in self.decisions if decision.verdict in verdicts)


def merge_fields(
    address: str,
    desired: Mapping[Path, Value],
    actual: Mapping[Path, Value],
    base: Base | None,
    unread: Sequence[Path],
    unmapped: Sequence[Path],
    rules: Rules,
) -> Merge:
    """unread: paths whose actual value is unknown; unmapped: whose desired value is. An unmapped one keeps its pair."""
    decisions = []
    pairs: dict[Path, Pair] = {}
    handed_over = base is not None and base.handover
    for path, mode, unreadable, fingerprint, _, _ in rules.owned.values():
        wanted, seen = desired.get(path, ABSENT), actual.get(path, ABSENT)
        pair = _pair(base, path, rules)
        if path in unmapped:
            pairs[path] = pair
            continue
        if wanted is ABSENT and seen is ABSENT and pair == NO_PAIR:
            continue
        want = _of(fingerprint, wanted)
        if wanted.__class__ is str and seen == wanted:  # most are the same text: one fingerprint will do
            have = want
        else:
            have = _of(fingerprint, seen)
        if unreadable or path in unread:
            verdict = decide_unread(mode, handed_over, pair, want)
        else:
            verdict = decide_field(mode, handed_over, rules.policy, pair, want, have)
            verdict = _refuse_raise(path, wanted, seen, verdict, rules)
        verdict = _resolved(address, path, want, have, verdict, rules)
        if verdict.verdict == "clear":
            verdict = refuse_clear(rules.user.field_at(path), verdict, rules)
        pairs[path] = pair_after(verdict, pair, want, have)
        if verdict.verdict != "keep":
            decisions.append(FieldDecision(path, verdict.rule, mode, verdict.verdict, want, have, verdict.code))
    return Merge(tuple(decisions), {path: pair for path, pair in pairs.items() if pair != NO_PAIR})


def first_fields(desired: Mapping[Path, Value], unmapped: Sequence[Path], rules: Rules) -> Merge:
    """The same for somebody whose record is not there yet. Nothing of it can be a conflict."""
    decisions = []
    pairs: dict[Path, Pair] = {}
    for path, mode, _, fingerprint, first, _ in rules.owned.values():
        wanted = desired.get(path, ABSENT)
        if wanted is ABSENT or path in unmapped:
            continue
        want = _of(fingerprint, wanted)
        verdict = decide_first(mode, rules.policy, want) if want == CLEARED_FP else first
        if (pair := pair_after(verdict, NO_PAIR, want, ABSENT_FP)) != NO_PAIR:
            pairs[path] = pair
        if verdict.verdict != "keep":
            decisions.append(FieldDecision(path, verdict.rule, mode, verdict.verdict, want, ABSENT_FP, verdict.code))
    return Merge(tuple(decisions), pairs)


def _of(fingerprint: Callable[[Value], bytes], value: Value) -> bytes:
    if value is ABSENT:
        return ABSENT_FP
    return CLEARED_FP if value is None else fingerprint(value)


def _pair(base: Base | None, path: Path, rules: Rules) -> Pair:
    """The base's pair; decided under another rule it counts as (last seen, last seen)."""
    if base is None:
        return NO_PAIR
    pair = base.fields.get(path)
    if pair is None:
        return NO_PAIR
    if base.rule_set != rules.rule_set:
        then = rules.rule_sets.get(base.rule_set, {}).get(path)
        if path in rules.own_rules and then != rules.own_rules[path]:
            return pair[1], pair[1]
    return pair


def _refuse_raise(path: Path, wanted: Value, seen: Value, verdict: Verdict, rules: Rules) -> Verdict:
    """The destination took a verified flag back: only a person may raise it again."""
    raises = path in rules.flags and wanted is True and seen is False
    if raises and verdict.verdict == "set" and verdict.rule in ("F10", "F11"):
        return Verdict(verdict.rule, "conflict", "VERIFIED_RAISED")
    return verdict


def refuse_clear(schema: FieldSchema | None, verdict: Verdict, rules: Rules) -> Verdict:
    """A field the destination cannot empty is held as it is; with the check lowered its value stands."""
    if schema is None or schema.clearable:
        return verdict
    return Verdict(verdict.rule, "hold" if rules.severity(NOT_CLEARABLE) == "error" else "rebase", NOT_CLEARABLE)


def _resolved(address: str, path: Path, want: bytes, have: bytes, verdict: Verdict, rules: Rules) -> Verdict:
    """A person's verdict stands while neither side has moved since."""
    if verdict.verdict != "conflict":
        return verdict
    resolution = rules.resolutions.get((address, path))
    if resolution is None or (resolution.desired, resolution.actual) != (want, have):
        return verdict
    if resolution.keep == "destination":
        return Verdict(verdict.rule, "rebase")
    return Verdict(verdict.rule, "clear" if want in (ABSENT_FP, CLEARED_FP) else "set")


def pair_after(verdict: Verdict, pair: Pair, want: bytes, have: bytes) -> Pair:
    """What the base holds of a field once its verdict has been carried out."""
    if verdict.verdict == "set":
        return want, want
    if verdict.verdict == "clear":
        return (want, ABSENT_FP) if want == CLEARED_FP else NO_PAIR
    if verdict.verdict == "rebase":
        return want, have
    if verdict.verdict == "release":
        return NO_PAIR
    return pair


def values_to_send(merge: Merge, desired: Mapping[Path, Value], rules: Rules) -> dict[Path, Value]:
    """path -> value (None = clear) of everything that is written, with companions nobody has to decide on first."""
    values: dict[Path, Value] = {}
    withheld = {decision.path for decision in merge.with_verdict("conflict", "hold")}
    for decision in merge.with_verdict("set", "clear"):
        values[decision.path] = desired.get(decision.path) if decision.verdict == "set" else None
        for companion in rules.owned[decision.path].companions:
            if companion not in withheld and desired.get(companion) is not None:
                values.setdefault(companion, desired[companion])
    return values


def shown_values(
    merge: Merge, desired: Mapping[Path, Value], actual: Mapping[Path, Value]
) -> dict[Path, tuple[Value, Value]]:
    return {
        decision.path: (actual.get(decision.path, ABSENT), desired.get(decision.path, ABSENT))
        for decision in merge.decisions
        if decision.verdict not in ("rebase", "report")
    }


def digest_after(actual: Mapping[Path, Value], values: Mapping[Path, Value], rules: Rules) -> bytes:
    """Digest of the destination record once `values` have landed, and with them what they imply there."""
    after = {path: value for path, value in actual.items() if value is not UNKNOWN}
    for path, value in values.items():
        if value is None:
            after.pop(path, None)
        elif not rules.unreadable(path):
            after[path] = value
    for path, value in rules.user.implied(after).items():
        if path in rules.owned:
            after.setdefault(path, value)
    return rules.records.of_bytes(canonical.encode(after))
