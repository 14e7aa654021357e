"""The spec's group rules: ordered, first match wins, one decision a group and set of organizations."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from poolshift.identity.address import address
from poolshift.identity.finding import Finding
from poolshift.identity.kind import Kind
from poolshift.identity.value import UNKNOWN, Path, Value
from poolshift.mapping.element import Element
from poolshift.mapping.emitter import template_function
from poolshift.mapping.operators import text
from poolshift.mapping.privileges import Privileges
from poolshift.provider.schema import Schema, same
from poolshift.spec.model import GroupRule, Spec, Table

ORGANIZATION: Final = "organization"


@dataclass(frozen=True, slots=True)
class Granted:
    """What one group gives: memberships, or a name added to a field; codes say what could not be given."""

    elements: tuple[Element, ...] = ()
    field: Path | None = None
    value: str = ""
    codes: tuple[tuple[str, str], ...] = ()


class GroupRules:
    """Groups of the source -> memberships at the destination. Answers are kept, so asking again is a dict look-up."""

    def __init__(self, spec: Spec, destination: Schema) -> None:
        self._rules = tuple(_Rule(rule, spec.tables) for rule in spec.groups or ())
        self._migrated = spec.groups is not None
        self._names = {kind: _canonical_name(destination, kind) for _, kind in _KINDS.values()}
        self._privileges = Privileges(spec.groups or (), dict.fromkeys(self._names.values()))
        self._kept: dict[tuple[str, tuple[str, ...]], Granted] = {}

    @property
    def fields(self) -> tuple[Path, ...]:
        """Paths that rules with ``as: field`` write, sorted."""
        return tuple(sorted({rule.spec.field for rule in self._rules if rule.spec.field is not None}))

    def elements(self, group: str, organizations: Sequence[str]) -> tuple[Element, ...]:
        """The memberships a person of these organizations gets from a source group."""
        return self._granted(group, tuple(organizations)).elements

    def codes(self, group: str, organizations: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """(code, message) of what a group cannot give: GROUP_UNMAPPED, ROLE_AMBIGUOUS, ORGANIZATION_MISSING."""
        return self._granted(group, tuple(organizations)).codes

    def findings(self, source_id: str, groups: Iterable[str], organizations: Sequence[str]) -> tuple[Finding, ...]:
        """The findings of one person's groups, without repetition."""
        own = tuple(organizations)
        codes = dict.fromkeys(code for group in groups for code in self._granted(group, own).codes)
        return tuple(Finding(code, address("user", source_id), message=message) for code, message in codes)

    def field_values(self, groups: Iterable[str], organizations: Sequence[str]) -> Mapping[Path, list[str]]:
        """What rules with ``as: field`` add up to: a sorted list for every such path, empty ones included."""
        own = tuple(organizations)
        values: dict[Path, set[str]] = {path: set() for path in self.fields}
        for group in groups:
            granted = self._granted(group, own)
            if granted.field is not None:
                values[granted.field].add(granted.value)
        return {path: sorted(names) for path, names in values.items()}

    def _granted(self, group: str, organizations: tuple[str, ...]) -> Granted:
        key = (group, organizations)
        if key not in self._kept:
            self._kept[key] = self._decide(group, organizations)
        return self._kept[key]

    def _decide(self, group: str, organizations: tuple[str, ...]) -> Granted:
        if not self._migrated:
            return Granted()
        rule = next((rule for rule in self._rules if rule.matches(group)), None)
        if rule is None:
            return Granted(codes=(("GROUP_UNMAPPED", f"group {group}"),))
        if rule.spec.target == "skip":
            return Granted()
        name = rule.name(group)
        if not name:
            return Granted(codes=(("GROUP_UNMAPPED", f"group {group}: its rule yields no name"),))
        if rule.spec.target == "field":
            return Granted(field=rule.spec.field, value=name)
        scope, code = rule.scope(group, organizations)
        if code:
            return Granted(codes=((code, f"group {group}"),))
        return Granted((self._element(rule.spec, name, scope),))

    def _element(self, rule: GroupRule, name: str, scope: str) -> Element:
        member, parent = _KINDS[rule.target]
        own = str(self._names[parent](name))
        privileged = rule.privileged or self._privileges.cover(name) or self._privileges.cover(own)
        parts = (scope, own) if rule.target == "role" else (own,)
        return Element(member, parts, parent, parts, privileged, rule.create)


def _canonical_name(destination: Schema, kind: Kind) -> Callable[[Value], Value]:
    """What the destination makes of the name a shared record goes by: a group's path begins with a slash there."""
    about = destination.kinds.get(kind)
    own = about.field_at(about.keys[0].path) if about is not None and about.keys else None
    return own.canonical if own is not None else same


_KINDS: Final[Mapping[str, tuple[Kind, Kind]]] = {
    "group": ("group_member", "group"),
    "role": ("role_member", "role"),
    "organization": ("organization_member", "organization"),
}


class _Rule:
    """One rule with its glob and templates compiled."""

    def __init__(self, rule: GroupRule, tables: Mapping[str, Table]) -> None:
        self.spec = rule
        self._glob = glob(rule.match)
        self._name = _name_function(rule.name, tables)
        self._organization = _name_function(rule.organization, tables)

    def matches(self, group: str) -> bool:
        return self._glob.fullmatch(group) is not None

    def name(self, group: str) -> str:
        return group if self._name is None else _text(self._name(group))

    def scope(self, group: str, organizations: tuple[str, ...]) -> tuple[str, str]:
        """The scope part of a role's address, and the code of the finding that prevents one."""
        if self.spec.target != "role" or self.spec.scope == "global":
            return "", ""
        if self.spec.scope != ORGANIZATION:
            return self.spec.scope, ""
        if self._organization is not None:
            named = _text(self._organization(group))
            return (f"{ORGANIZATION}:{named}", "") if named else ("", "ORGANIZATION_MISSING")
        if len(organizations) == 1:
            return f"{ORGANIZATION}:{organizations[0]}", ""
        return "", "ROLE_AMBIGUOUS" if organizations else "ORGANIZATION_MISSING"


def glob(pattern: str) -> re.Pattern[str]:
    """A glob of the spec (`*` and `?`), case-sensitive, over the whole name."""
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(character, re.escape(character)) for character in pattern), re.DOTALL)


def _name_function(template: str | None, tables: Mapping[str, Table]) -> Callable[..., Any] | None:
    return None if template is None else template_function(template, ("group",), tables)


def _text(value: Any) -> str:
    return "" if value is UNKNOWN else text(value) or ""
