"""Whose role changes? Where a person acts by the role of their first group, the order of the groups decides."""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from poolshift.gather.gathered import Gathered
from poolshift.identity.address import address
from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.mapping.mapper import Mapper
from poolshift.plan.change import Change
from poolshift.plan.rules import Rules
from poolshift.plan.shared import SharedWant, decide_shared
from poolshift.planning.session import Session

_Parts = tuple[str, ...]
_Name = TypeVar("_Name", str, _Parts)
_LAST: Final = float("inf")
"""A group without precedence comes after all that have one."""


class FirstRoles:
    """Compares, for one person, the first group with a role at the source and its order at the destination.

    Without groups that carry a role at the source, or where one end does not go by precedence, nobody changes.
    """

    def __init__(self, session: Session, mapper: Mapper, gathered: Gathered, rules: Rules) -> None:
        self._before: dict[str, float] = {}
        self._after: dict[_Parts, float] = {}
        self._images: dict[str, _Parts | None] = {}
        ends = (session.source.schema, session.destination.schema)
        ignored = rules.severity("GROUP_ROLE_ARN") == "ignore"
        if ignored or not all(schema.facts.get("role_by_precedence") for schema in ends):
            return
        bases = session.store.shared()
        for record in gathered.source_parents.get("group", []):
            if not record.values.get("role_arn"):
                continue
            name = str(record.values.get("name", record.id))
            wanted = record.values.get("precedence")
            elements = mapper.groups.elements(name, ())
            image = next((own.parent_parts for own in elements if own.parent_kind == "group"), None)
            self._before[name], self._images[name] = _order(wanted), image
            if image is not None:
                there = gathered.shared.records.get("group", {}).get(image)
                want = SharedWant("group", image, {"precedence": wanted} if wanted is not None else {})
                base = bases.get(address("group", *image))
                changes = decide_shared(want, ends[1].kinds["group"], there, base, rules, _found_elsewhere)
                self._after[image] = _order(_planned("precedence", there, changes))

    def concerns(self, group: str) -> bool:
        """Whether it matters to its members where this source group comes in their order."""
        return group in self._before

    def changes(self, groups: Iterable[str]) -> bool:
        """Whether a member of these source groups would act by another role than before, or by none for certain."""
        own = [name for name in groups if name in self._before] if self._before else []
        if len(own) < 2:
            return False
        first = _first({name: self._before[name] for name in own})
        images = {image: self._after[image] for name in own if (image := self._images[name]) is not None}
        return first is not None and self._images[first] != _first(images)


def _found_elsewhere(_code: str, _address: str, _path: Path) -> None:
    """The plan's own decision on the group tells of it."""


def _planned(path: Path, there: Record | None, changes: Iterable[Change]) -> Value:
    """The value of a field once the changes have landed."""
    written = [change.effect.values[path] for change in changes if path in change.effect.values]
    return written[-1] if written else there.values.get(path) if there is not None else None


def _first(orders: Mapping[_Name, float]) -> _Name | None:
    """The one that comes first; None where several do, or there is none."""
    lowest = min(orders.values(), default=_LAST)
    names = [name for name, order in orders.items() if order == lowest]
    return names[0] if len(names) == 1 else None


def _order(precedence: object) -> float:
    return float(precedence) if isinstance(precedence, (int, float)) else _LAST
