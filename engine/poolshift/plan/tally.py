"""Counts of a plan: a monoid, so that any order of partitions gives the same result."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.plan.change import WRITES, Change
from poolshift.plan.change_class import SAMPLES, ChangeClass, Key, key_of, sample_of
from poolshift.plan.person import Person, Tallied
from poolshift.provider.schema import KindSchema

_LEFT: Final = frozenset({"unselected", "unmappable", "repeated"})


@dataclass(slots=True)
class FindingCount:
    count: int = 0
    samples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """classes by key; dangers by limit name; findings by code; counts of the equation; parents elements need.

    carried: element creates by kind whose person is created in the same plan: they may ride along.
    forced: by kind, the fields that some route forces.
    """

    classes: dict[Key, ChangeClass] = field(default_factory=dict)
    dangers: Counter[str] = field(default_factory=Counter)
    findings: dict[str, FindingCount] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    carried: Counter[Kind] = field(default_factory=Counter)
    records: int = 0
    parents: set[tuple[Kind, tuple[str, ...]]] = field(default_factory=set)
    forced: Mapping[Kind, frozenset[Path]] = field(default_factory=dict)

    def add_person(self, person: Person, tallied: Tallied, copies: int) -> None:
        """``copies``: how often the source listed this person."""
        if tallied.verdict:
            self.words[tallied.verdict] += 1
            self.words["repeated"] += copies - 1
        for code, message, path in tallied.findings:
            self.find(code, person.address, path, message)
        self.parents.update(tallied.parents)

    def add_quiet(self, count: int, parents: set[tuple[Kind, tuple[str, ...]]]) -> None:
        """``count`` people about whom nothing is to be decided; parents: shared records their elements need."""
        if count:
            self.words["noop"] += count
        self.parents.update(parents)

    def find(self, code: str, address: str, path: str | None = None, message: str = "", count: int = 1) -> None:
        """``count``: how many it is true of, where one sample stands for all."""
        own = self.findings.setdefault(code, FindingCount())
        own.count += count
        if len(own.samples) < SAMPLES:
            about = f"{address} {path}" if path else address
            own.samples.append(f"{about}: {message}" if message else about)

    def add(self, change: Change, schema: KindSchema | None) -> ChangeClass:
        key = key_of(change)
        own = self.classes.get(key)
        if own is None:
            own = self.classes[key] = ChangeClass(key)
        own.count += 1
        if change.dangers:
            own.dangers = own.dangers | change.dangers
            self.dangers.update(change.dangers)
        if len(own.samples) < SAMPLES:
            own.samples.append(sample_of(change, schema))
        if change.kind in self.forced and change.action in WRITES and change.action != "create":
            own.wants({decision.path: decision.desired for decision in change.fields}, self.forced[change.kind])
        self.records += change.records
        return own

    def add_create(
        self, change: Change, schema: KindSchema, desired: Callable[[Path], bytes], takers: frozenset[str]
    ) -> ChangeClass:
        """A create says nothing of its fields; ``desired``: fingerprint of what it wants of one."""
        own = self.add(change, schema)
        if takers:
            own.takers[takers] += 1
        forced = self.forced.get(change.kind, ())
        own.wants({path: desired(path) for path in forced}, forced)
        return own

    def add_all(self, changes: Iterable[Change]) -> None:
        """Elements that ride along with their person's create."""
        for change in changes:
            if change.action == "add":
                self.carried[change.kind] += 1

    def of_action(self, *actions: str) -> int:
        return sum(own.count for own in self.classes.values() if own.key[1] in actions)

    @property
    def changes(self) -> int:
        return self.of_action(*WRITES)

    @property
    def verdicts(self) -> int:
        """People with a source record that were decided on."""
        return sum(count for word, count in self.words.items() if word not in _LEFT)
