"""Batches: how many operations of a route go in one send."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from poolshift.apply.routing import Chosen
from poolshift.apply.work import Work
from poolshift.provider.operation import Operation
from poolshift.provider.schema import Route


@dataclass(slots=True, eq=False)
class Packet:
    """One batch to send. ``ready_at``: not before, on the run's clock. ``locks``: nobody else may hold in flight."""

    route: Route
    works: tuple[Work, ...]
    operations: tuple[Operation, ...]
    locks: frozenset[Hashable]
    ready_at: float = 0.0
    label: str = ""

    @property
    def lane(self) -> str:
        return lane_of(self.route)

    @property
    def changes(self) -> Iterator[Work]:
        """All of its changes, children after their parents."""
        for work in self.works:
            yield work
            yield from work.children


def lane_of(route: Route) -> str:
    """Routes that name no lane have one of their own."""
    return route.lane or f"{route.kind} {route.name}"


def pack(chosen: Iterable[Chosen]) -> list[Packet]:
    """Batches within `items` and `weight`, of equal `group`; a vendor document's operations stay together."""
    piles: dict[Hashable, list[Chosen]] = {}
    for one in chosen:
        piles.setdefault((one.route.name, one.route.kind, _together(one)), []).append(one)
    return [_packet(part) for pile in piles.values() for part in _parts(pile)]


def _together(one: Chosen) -> Hashable:
    return ("document", *document_of(one)) if one.route.document else ("group", one.route.group(one.operation))


def document_of(one: Chosen) -> tuple[str, ...]:
    """The vendor document a record lives in: the addresses it refers to; a name that is no reference is a constant."""
    refs = one.operation.refs
    return tuple(refs[name].address if name in refs else name for name in one.route.document)


def _parts(pile: Sequence[Chosen]) -> Iterator[list[Chosen]]:
    route = pile[0].route
    if route.document:
        yield list(pile)
        return
    part: list[Chosen] = []
    weight = 0
    for one in pile:
        heavy = route.weigh(one.operation)
        if part and (len(part) >= route.items or (route.weight and weight + heavy > route.weight)):
            yield part
            part, weight = [], 0
        part.append(one)
        weight += heavy
    if part:
        yield part


def _packet(part: Sequence[Chosen]) -> Packet:
    locks: set[Hashable] = set()
    for one in part:
        change = one.work.change
        locks.add(("person", change.person) if change.person else ("record", change.address))
        if one.route.document:
            locks.add(("document", one.route.name, document_of(one)))
        one.work.children = one.children
    return Packet(
        part[0].route,
        tuple(one.work for one in part),
        tuple(one.operation for one in part),
        frozenset(locks),
    )
