"""A computed plan: the file that was written, and the means to decide again with what apply needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from poolshift.gather.gathered import Gathered
from poolshift.plan.change import Change
from poolshift.plan.change_class import ChangeClass
from poolshift.plan.decide import decide
from poolshift.plan.envelope import Envelope
from poolshift.plan.rules import Rules
from poolshift.planning.observation import Observation
from poolshift.planning.partition import people
from poolshift.planning.plan_file import PlanFile
from poolshift.planning.quiet_people import QuietPeople
from poolshift.planning.session import Session
from poolshift.provider.schema import Schema
from poolshift.provider.session import Reader


@dataclass
class Computed:
    """Implements ``Planned``; alive as long as its work folder. ``classes`` and ``envelope`` are for approval."""

    session: Session
    gathered: Gathered
    rules: Rules
    plan: PlanFile
    shared_changes: tuple[Change, ...]
    classes: tuple[ChangeClass, ...]
    envelope: Envelope

    @property
    def schema(self) -> Schema:
        return self.session.destination.schema

    @property
    def destination(self) -> Reader:
        return self.session.destination.reader

    @property
    def partitions(self) -> int:
        return self.gathered.partitions

    def shared(self) -> Sequence[Change]:
        return self.shared_changes

    @cached_property
    def _with_effects(self) -> Rules:
        return replace(self.rules, effects=True)

    def changes(self, partition: int) -> Iterator[Change]:
        rules = self._with_effects
        for person, _ in people(self.gathered, self.session.store, partition, QuietPeople(rules)):
            yield from decide(person, rules).changes

    @cached_property
    def observe(self) -> Observation:
        return Observation(self.schema, self.rules.fingerprints)

    def element_fingerprint(self, address: str) -> bytes:
        return self.rules.elements.key_of_address(address)
