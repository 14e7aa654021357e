"""The elements of one person (memberships, links) through table S."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from poolshift.identity.address import address
from poolshift.identity.kind import PARENT_OF, Kind
from poolshift.mapping.element import Element
from poolshift.plan.change import Action, Change, Effect
from poolshift.plan.elements import ElementDecision, ElementVerdict, decide_element
from poolshift.plan.person import Person, Present
from poolshift.plan.rules import Rules
from poolshift.state.base import ABSENT_FP, Base, ElementBase

_NOTHING = ElementBase(desired=False, actual=False)


@dataclass(slots=True)
class Wanted:
    """A desired element: parts of its address after the person, its parent, what the vendor needs to be told."""

    kind: Kind
    parts: tuple[str, ...]
    parent: tuple[Kind, tuple[str, ...]] | None = None
    privileged: bool = False
    values: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Sets:
    """Both sides by element key; `present` holds only what is desired or was ours: the rest is never touched."""

    wanted: dict[bytes, Wanted]
    present: dict[bytes, Present]


def sets_of(person: Person, rules: Rules) -> Sets:
    wanted = wanted_of(person.organizations, person.groups, person.links, rules)
    ours = person.base.elements if person.base is not None else {}
    present = {}
    for seen in person.present:
        if seen.kind in rules.kinds:
            key, parts = key_there(seen.kind, seen.parts, rules)
            if key in wanted or key in ours:
                present[key] = Present(seen.kind, parts, seen.record)
    return Sets(wanted, present)


def wanted_of(
    organizations: tuple[str, ...], groups: Iterable[str], links: Iterable[tuple[str, str]], rules: Rules
) -> dict[bytes, Wanted]:
    """What a person of these organizations, source groups and links should have, by element key."""
    wanted: dict[bytes, Wanted] = {}
    if organizations and "organization_member" in rules.kinds:
        for organization in organizations:
            wanted[rules.elements.key("organization_member", (organization,))] = Wanted(
                "organization_member", (organization,), ("organization", (organization,))
            )
    for group in groups:
        wanted.update(_of_group(group, organizations, rules))
    if links and "link" in rules.kinds:
        for provider, subject in links:
            parts: tuple[str, ...] = rules.elements.link_parts(provider, subject)
            values = {"provider": provider, "subject": subject}
            wanted[rules.elements.key("link", parts)] = Wanted("link", parts, values=values)
    return wanted


def key_there(kind: Kind, parts: tuple[str, ...], rules: Rules) -> tuple[bytes, tuple[str, ...]]:
    """The key of an element the destination has, and its parts as an address has them: no subject of a link."""
    if kind == "link":
        parts = rules.elements.link_parts(*parts)
    return rules.elements.key(kind, parts), parts


def _of_group(group: str, organizations: tuple[str, ...], rules: Rules) -> tuple[tuple[bytes, Wanted], ...]:
    """What a group gives people of these organizations; kept, for groups are few and people many."""
    kept: tuple[tuple[bytes, Wanted], ...] | None = rules.given.get((group, organizations))
    if kept is None:
        kept = rules.given[group, organizations] = tuple(
            (rules.elements.key(element.kind, element.parts), _wanted(element))
            for element in rules.members(group, organizations)
            if element.kind in rules.kinds
        )
    return kept


def _wanted(element: Element) -> Wanted:
    return Wanted(element.kind, element.parts, (element.parent_kind, element.parent_parts), element.privileged)


@dataclass(slots=True)
class Merged:
    """Changes of the elements; `base` as it is after everything landed; `open`: something waits for a person.

    recorded: base elements that only state learns (rebase, forget); the person's own row carries them.
    """

    changes: list[Change]
    base: dict[bytes, ElementBase]
    open: bool = False
    recorded: bool = False


def merge_sets(person: Person, sets: Sets, base: Base | None, destination_id: str | None, rules: Rules) -> Merged:
    """``base``: None for a person that is created or adopted."""
    merged = Merged([], dict(base.elements) if base is not None else {})
    for key in sorted({*sets.wanted, *sets.present, *merged.base}):
        wanted, present = sets.wanted.get(key), sets.present.get(key)
        kind = wanted.kind if wanted else present.kind if present else None
        was = merged.base.get(key, _NOTHING)
        if kind is None:
            if not rules.unread:
                del merged.base[key]
                merged.recorded = True
        elif kind in rules.unread:
            merged.open = True
        else:
            decision = decide_element(
                was_desired=was.desired,
                was_there=was.actual,
                desired=wanted is not None,
                actual=present is not None,
                handed_over=base is not None and base.handover,
                privileged=wanted is not None and wanted.privileged,
                policy=rules.policy,
            )
            _carry_out(person, key, wanted, present, decision, destination_id, rules, merged)
    return merged


def _carry_out(
    person: Person,
    key: bytes,
    wanted: Wanted | None,
    present: Present | None,
    decision: ElementDecision,
    destination_id: str | None,
    rules: Rules,
    merged: Merged,
) -> None:
    verdict = _resolved(person, key, wanted, present, decision.verdict, rules)
    if verdict == "keep":
        return
    if verdict == "forget":
        merged.base.pop(key, None)
        merged.recorded = True
    elif verdict == "rebase":
        merged.base[key] = ElementBase(desired=wanted is not None, actual=present is not None)
        merged.recorded = True
    else:
        merged.open = merged.open or verdict == "conflict"
        merged.changes.append(_change(person, key, wanted, present, verdict, decision.rule, destination_id, rules))


def _change(
    person: Person,
    key: bytes,
    wanted: Wanted | None,
    present: Present | None,
    action: Action,
    rule: str,
    destination_id: str | None,
    rules: Rules,
) -> Change:
    kind = wanted.kind if wanted else present.kind if present else "link"
    parts = wanted.parts if wanted else present.parts if present else ()
    name = address(kind, person.source_id, *parts)
    dangers = set()
    if action == "remove":
        dangers.add("remove_membership")
    if action == "add" and wanted is not None and wanted.privileged:
        dangers.add("privilege_grants")
    refs, ref_ids = {"user": person.address}, {}
    if destination_id is not None:
        ref_ids["user"] = destination_id
    if kind in PARENT_OF:
        parent = PARENT_OF[kind]
        refs[parent] = address(parent, *parts)
        if (parent_id := rules.parents.get((parent, parts))) is not None:
            ref_ids[parent] = parent_id
    return Change(
        address=name,
        kind=kind,
        action=action,
        rule=rule,
        person=person.source_id,
        destination_id=present.record if present else None,
        desired=key if wanted else ABSENT_FP,
        actual=key if present else ABSENT_FP,
        code=_code(action, dangers),
        dangers=frozenset(dangers),
        effect=Effect(values=dict(wanted.values) if wanted else {}, refs=refs, ref_ids=ref_ids),
    )


def _code(action: Action, dangers: set[str]) -> str:
    """Privileged elements are a class of their own: a reviewer looks at them one by one."""
    if action == "conflict":
        return "PRIVILEGE_REMOVED"
    return "PRIVILEGED" if "privilege_grants" in dangers else ""


def _resolved(
    person: Person, key: bytes, wanted: Wanted | None, present: Present | None, verdict: ElementVerdict, rules: Rules
) -> ElementVerdict:
    """A person's verdict stands while neither side has moved since."""
    if verdict != "conflict" or wanted is None:
        return verdict
    resolution = rules.resolutions.get((address(wanted.kind, person.source_id, *wanted.parts), ""))
    if resolution is None or (resolution.desired, resolution.actual) != (key, key if present else ABSENT_FP):
        return verdict
    return "add" if resolution.keep == "source" else "rebase"


def parents_of(wanted: Iterable[Wanted]) -> Iterable[tuple[Kind, tuple[str, ...]]]:
    """Shared records these elements need at the destination."""
    return (element.parent for element in wanted if element.parent is not None)
