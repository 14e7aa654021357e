"""What decides, compiled once a plan: modes, roles, policy, keys. Every worker has the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

from poolshift.identity.kind import ELEMENT_KINDS, Kind
from poolshift.identity.value import Path, Value
from poolshift.mapping.element import Element
from poolshift.plan.element_keys import ElementKeys
from poolshift.plan.fields import CLEARED_FP, Verdict, decide_first
from poolshift.privacy import Fingerprinter
from poolshift.provider.schema import FieldSchema, KindSchema, Route
from poolshift.spec.model import Mode, Policy
from poolshift.state.store import Resolution

_ANY_FP: Final = b"\xff" * 8
"""Stands for every value that is there: which one it is does not matter where there is no record."""

Members = Callable[[str, tuple[str, ...]], tuple[Element, ...]]
"""Source group, organizations of the person -> the person's elements."""


class OwnedField(NamedTuple):
    """What is asked of one owned path for every person.

    unreadable: its actual value is never in a listing. fingerprint: of a value that is there.
    first: what happens to a value where there is no record yet. companions: paths that are sent along with it.
    """

    path: Path
    mode: str
    unreadable: bool
    fingerprint: Callable[[Value], bytes]
    first: Verdict
    companions: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything a person is decided by.

    paths: owned destination paths, sorted. records: digests of whole records, salted with modes and policies.
    source_read, destination_read: the users of that end were read completely; False withdraws what rests on absence.
    kinds: element kinds this migration owns; with_parent: those that come and go with their person only.
    at_most: how many of a kind the destination lets a person have, where it is bounded.
    creating: the routes that create people, where one of them may refuse somebody; else nothing has to be asked.
    unread, unread_shared: kinds that were not read completely.
    member_codes: (code, message) of what a group could not give to a person of these organizations.
    destructive: disable, delete and recreate may be planned. parents: destination ids of shared records by name.
    effects: also work out what apply needs. given: elements by group and organizations, kept by `sets`.
    """

    migration: str
    paths: tuple[Path, ...]
    modes: Mapping[Path, Mode]
    user: KindSchema
    policy: Policy
    fingerprints: Fingerprinter
    records: Fingerprinter
    rule_set: int
    shared_rule_set: int
    rule_sets: Mapping[int, Mapping[Path, str]]
    own_rules: Mapping[Path, str]
    source_id: Path | None
    owner: Path | None
    enabled: Path | None
    login: frozenset[Path]
    flags: frozenset[Path]
    kinds: frozenset[Kind]
    unread: frozenset[Kind]
    unread_shared: frozenset[Kind]
    source_read: bool
    destination_read: bool
    destructive: bool
    members: Members
    member_codes: Callable[[str, tuple[str, ...]], tuple[tuple[str, str], ...]]
    elements: ElementKeys
    parents: Mapping[tuple[Kind, tuple[str, ...]], str]
    severity: Callable[[str], str]
    resolutions: Mapping[tuple[str, Path], Resolution] = field(default_factory=dict)
    effects: bool = False
    with_parent: frozenset[Kind] = frozenset()
    at_most: Mapping[Kind, int] = field(default_factory=dict)
    creating: tuple[Route, ...] = ()
    given: dict[tuple[str, tuple[str, ...]], Any] = field(default_factory=dict, compare=False, repr=False)
    owned: Mapping[Path, OwnedField] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "owned", {path: self._owned(path) for path in self.paths})

    def _owned(self, path: Path) -> OwnedField:
        mode, schema = self.mode(path), self.user.field_at(path)
        return OwnedField(
            path=path,
            mode=mode,
            unreadable=schema is None or schema.read != "listed",
            fingerprint=self.fingerprints.at(path),
            first=decide_first(mode, self.policy, _ANY_FP),
            companions=schema.companions if schema is not None else frozenset(),
        )

    def mode(self, path: Path) -> str:
        return self.modes.get(path, "authority")

    def fingerprint(self, path: Path, value: Value) -> bytes:
        return CLEARED_FP if value is None else self.fingerprints.of_value(path, value)

    def unreadable(self, path: Path) -> bool:
        if (own := self.owned.get(path)) is not None:
            return own.unreadable
        schema = self.user.field_at(path)  # a companion that is not owned itself
        return schema is None or schema.read != "listed"

    @property
    def identity(self) -> frozenset[Path]:
        """Fields a conflict on which withholds the whole person."""
        return self.login | {path for path in (self.source_id, self.owner) if path is not None}


def element_kinds(
    schema_kinds: Mapping[Kind, KindSchema], has_groups: bool, has_links: bool, has_organizations: bool
) -> frozenset[Kind]:
    """The element kinds a spec owns at a destination: those it maps and the destination has."""
    wanted: set[Kind] = set()
    if has_groups:
        wanted |= {"group_member", "role_member"}
    if has_groups or has_organizations:
        wanted.add("organization_member")
    if has_links:
        wanted.add("link")
    return frozenset(kind for kind in ELEMENT_KINDS if kind in wanted and kind in schema_kinds)


SHARED_RULE: Final = "shared"
"""The rule of every field of a shared kind: they have one mode, and no history of others."""


def field_rule(mode: str, schema: FieldSchema | None) -> str:
    """The rule a pair is decided under: mode and canonical form. A change of it un-settles the pair."""
    return mode if schema is None else f"{mode}|{_name(schema.canonical)}"


def _name(function: Callable[..., Any]) -> str:
    if isinstance(function, partial):
        arguments = [
            *map(repr, function.args),
            *(f"{key}={value!r}" for key, value in sorted(function.keywords.items())),
        ]
        return f"{_name(function.func)}({','.join(arguments)})"
    return f"{function.__module__}.{function.__qualname__}"
