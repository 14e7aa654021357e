"""One person: everything the stages found out, and the verdict."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.plan.match import Match
from poolshift.state.base import Base

Standing = Literal["selected", "unselected", "unmappable", "twice", "gone"]


@dataclass(frozen=True, slots=True)
class Note:
    """A finding of stage 1: its code, and the smallest other holder of the value."""

    code: str
    partner: str


@dataclass(frozen=True, slots=True)
class LocalFinding:
    code: str
    path: Path | None
    message: str


@dataclass(slots=True)  # nobody changes it; a frozen one takes three times as long to make
class Present:
    """An element the destination record has: kind, parts of its address after the person, the vendor's id of it."""

    kind: Kind
    parts: tuple[str, ...]
    record: str


@dataclass(slots=True)
class Person:
    """encoded: canonical JSON of the desired fields, parsed only where it is needed; ``unknown``: paths whose desired
    value could not be worked out: neither written nor cleared, a finding says why.

    groups: source group names; links: (provider, subject) at the destination's words. actual(place) reads the
    destination record's canonical fields.
    """

    source_id: str
    address: str
    standing: Standing
    encoded: bytes = b""
    organizations: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    unknown: tuple[Path, ...] = ()
    groups: tuple[str, ...] = ()
    findings: tuple[LocalFinding, ...] = ()
    base: Base | None = None
    matches: Sequence[Match] = ()
    notes: Sequence[Note] = ()
    present: Sequence[Present] = ()
    actual: Callable[[int], Mapping[Path, Value]] | None = None
    why: str = ""


@dataclass(slots=True)
class Tallied:
    """What one person adds to the counts, beside its changes.

    verdict: the word that stands in the equation of counts: a verdict, unselected, unmappable, repeated, or "" for
    people without a source record. takers: names of the routes that would create the person, where they were asked.
    """

    verdict: str = ""
    findings: list[tuple[str, str, Path | None]] = field(default_factory=list)
    parents: set[tuple[Kind, tuple[str, ...]]] = field(default_factory=set)
    takers: frozenset[str] = frozenset()
