"""Change classes: all changes of one kind, action and set of fields; 300,000 changes are about ten of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from poolshift.canonical import encode
from poolshift.identity.kind import Kind
from poolshift.identity.value import ABSENT, Path, Value
from poolshift.plan.change import WRITES, Action, Change
from poolshift.privacy import mask
from poolshift.provider.schema import KindSchema
from poolshift.state.base import ABSENT_FP

SAMPLES: Final = 3

Key = tuple[Kind, Action, tuple[str, ...], tuple[str, ...]]
"""kind, action, sorted field paths, sorted rules and codes."""


@dataclass(slots=True)
class Sample:
    """An address with masked values; made while planning, never recomputed."""

    address: str
    fields: dict[Path, dict[str, str | None]] = field(default_factory=dict)


@dataclass(slots=True)
class ChangeClass:
    """One class: its count, what it counts against, and its first addresses in plan order.

    desired: by field that a route may force: the fingerprints that are desired, at most two of them.
    takers: how many of the changes these routes take, by names; empty where all routes take all of them.
    """

    key: Key
    count: int = 0
    dangers: frozenset[str] = frozenset()
    samples: list[Sample] = field(default_factory=list)
    desired: dict[Path, set[bytes]] = field(default_factory=dict)
    takers: Counter[frozenset[str]] = field(default_factory=Counter)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = blake2b(encode(self.key), digest_size=4).hexdigest()

    @property
    def is_change(self) -> bool:
        return self.key[1] in WRITES

    def wants(self, desired: Mapping[Path, bytes], paths: Iterable[Path]) -> None:
        """Remember the fingerprints one change desires of these fields, as far as that tells all from some."""
        for path in paths:
            seen = self.desired.setdefault(path, set())
            if len(seen) < 2:
                seen.add(desired.get(path, ABSENT_FP))


def key_of(change: Change) -> Key:
    """A create's fields are the record: they are not told apart."""
    decisions = () if change.action == "create" else change.fields
    fields = tuple(decision.path for decision in decisions)
    rules = {change.rule, *(decision.rule for decision in decisions)}
    if change.code:
        rules.add(change.code)
    return change.kind, change.action, tuple(sorted(fields)), tuple(sorted(rules))


def sample_of(change: Change, schema: KindSchema | None) -> Sample:
    """Masked values of a change. A value of tier secret is never shown; one of tier plain is."""
    fields = {
        path: {"from": _shown(before, path, schema), "to": _shown(after, path, schema)}
        for path, (before, after) in sorted(change.effect.shown.items())
    }
    return Sample(change.address, fields)


def _shown(value: Value, path: Path, schema: KindSchema | None) -> str | None:
    """None = absent."""
    if value is ABSENT:
        return None
    own = schema.field_at(path) if schema is not None else None
    tier = own.tier if own is not None else "pii"
    if tier == "secret":
        return "(secret)"
    if tier == "plain" and isinstance(value, (str, int, float, bool)):
        return mask(value) if isinstance(value, bool) else str(value)
    return mask(value)


def by_danger_then_count(classes: Mapping[Key, ChangeClass]) -> list[ChangeClass]:
    """The order a reviewer reads: dangerous ones first, then the large ones, ties by id."""
    return sorted(classes.values(), key=lambda own: (not own.dangers, -own.count, own.id))
