"""Shared kinds (attributes, organizations, roles, groups): few, in memory, decided by the same field tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from poolshift import canonical
from poolshift.identity.address import address, parse
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import ABSENT, Path, Value
from poolshift.plan.change import Action, Change, Effect, FieldDecision
from poolshift.plan.fields import NO_PAIR, Verdict, decide_field
from poolshift.plan.merge import NOT_CLEARABLE, pair_after, refuse_clear
from poolshift.plan.rules import Rules
from poolshift.provider.schema import KindSchema
from poolshift.state.base import ABSENT_FP, Base, Pair


@dataclass(frozen=True, slots=True)
class SharedWant:
    """A shared record the migration needs. create: False = adopt only. refs: path -> address of a parent.

    whole: a field that is not in ``fields`` is known to be absent; else nothing is known of it.
    """

    kind: Kind
    parts: tuple[str, ...]
    fields: Mapping[Path, Value]
    create: bool = True
    refs: Mapping[Path, str] = field(default_factory=dict)
    whole: bool = True


def decide_shared(
    want: SharedWant,
    schema: KindSchema,
    record: Record | None,
    base: Base | None,
    rules: Rules,
    find: Callable[[str, str, Path], object],
) -> list[Change]:
    """The record's change, if any, and beside it rows for fields that differ and are not ours, or cannot be emptied.

    ``find`` is told code, address and path of every finding.
    """
    name = address(want.kind, *want.parts)
    fields = {path: _canonical(schema, path, value) for path, value in want.fields.items() if schema.field_at(path)}
    desired = rules.records.of_bytes(canonical.encode(fields))
    if record is None:
        return [_missing(want, name, fields, desired, rules)]
    paths = {*fields, *_ours(schema, base)} if want.whole else set(fields)
    actual = {
        path: _canonical(schema, path, value)
        for path, value in record.values.items()
        if path in paths and value is not None
    }
    decisions, pairs = _merge(name, schema, paths, fields, actual, base, rules)
    for own in decisions:
        if own.code:
            find(own.code, name, own.path)
    writes = _with(decisions, "set", "clear")
    conflicts = _with(decisions, "conflict")
    held = _with(decisions, "hold")
    seen = Change(
        address=name,
        kind=want.kind,
        action="conflict",
        rule="R7" if base is not None else "R3n",
        destination_id=record.id,
        desired=desired,
        actual=rules.records.of_bytes(canonical.encode(actual)),
    )
    shown = {d.path: (actual.get(d.path, ABSENT), fields.get(d.path, ABSENT)) for d in (*writes, *conflicts, *held)}
    rows = []
    if (action := _action(base, record.id, bool(writes), pairs)) is not None:
        next_base = Base(name, record.id, rules.shared_rule_set, fields=pairs)
        values = {decision.path: fields.get(decision.path) for decision in writes}
        effect = Effect(values=values, base=next_base, shown=shown)
        rows.append(replace(seen, action=action, fields=writes, records=action == "noop", effect=effect))
    if conflicts:
        rows.append(replace(seen, fields=conflicts, code="FIELD_CONFLICT", effect=Effect(shown=shown)))
    if held:
        effect = Effect(shown=shown)
        rows.append(replace(seen, action="hold", rule="R7", fields=held, code=NOT_CLEARABLE, effect=effect))
    return rows


def _ours(schema: KindSchema, base: Base | None) -> list[Path]:
    """Fields we have sent before: where they are absent at the source now, that is a decision too."""
    return [path for path in base.fields if schema.field_at(path)] if base is not None else []


def _with(decisions: list[FieldDecision], *verdicts: str) -> tuple[FieldDecision, ...]:
    return tuple(decision for decision in decisions if decision.verdict in verdicts)


def _action(base: Base | None, record_id: str, writes: bool, pairs: Mapping[Path, Pair]) -> Action | None:
    if base is None or base.destination_id != record_id:
        return "adopt"
    if writes:
        return "update"
    return "noop" if pairs != base.fields else None


def _missing(want: SharedWant, name: str, fields: dict[Path, Value], desired: bytes, rules: Rules) -> Change:
    """Not there: create it, unless the spec only adopts or the reading was cut."""
    code = ""
    if want.kind in rules.unread_shared:
        code = "RUN_PARTIAL"
    elif not want.create:
        code = "CREATE_FALSE"
    if code:
        return Change(name, want.kind, "hold", "R1", desired=desired, code=code)
    pairs = {path: (fp, fp) for path, value in fields.items() if (fp := rules.fingerprint(path, value)) != ABSENT_FP}
    base = Base(name, "", rules.shared_rule_set, fields=pairs)
    known = {path: id for path, to in want.refs.items() if (id := rules.parents.get(parse(to))) is not None}
    effect = Effect(values=fields, base=base, refs=want.refs, ref_ids=known)
    return Change(name, want.kind, "create", "R1", desired=desired, effect=effect)


def _merge(
    name: str,
    schema: KindSchema,
    paths: set[Path],
    fields: Mapping[Path, Value],
    actual: Mapping[Path, Value],
    base: Base | None,
    rules: Rules,
) -> tuple[list[FieldDecision], dict[Path, Pair]]:
    """The decisions on ``paths``, and the base's pairs after them; of what is not decided on it keeps its own."""
    decisions = []
    pairs = {path: own for path, own in base.fields.items() if path not in paths} if base is not None else {}
    for path in sorted(paths):
        own = schema.field_at(path)
        mode = "write_once" if own is not None and own.write != "always" else "authority"
        pair = base.fields.get(path, NO_PAIR) if base is not None else NO_PAIR
        want = rules.fingerprint(path, fields[path]) if path in fields else ABSENT_FP
        have = rules.fingerprint(path, actual[path]) if path in actual else ABSENT_FP
        verdict = decide_field(mode, False, rules.policy, pair, want, have)
        resolution = rules.resolutions.get((name, path))
        if verdict.verdict == "conflict" and resolution and (resolution.desired, resolution.actual) == (want, have):
            verdict = Verdict(verdict.rule, "set" if resolution.keep == "source" else "rebase")
        if verdict.verdict == "clear":
            verdict = refuse_clear(own, verdict, rules)
        if verdict.verdict != "keep":
            decisions.append(FieldDecision(path, verdict.rule, mode, verdict.verdict, want, have, verdict.code))
        if (after := pair_after(verdict, pair, want, have)) != NO_PAIR:
            pairs[path] = after
    return decisions, pairs


def _canonical(schema: KindSchema, path: Path, value: Value) -> Value:
    own = schema.field_at(path)
    return value if own is None or value is None else own.canonical(value)
