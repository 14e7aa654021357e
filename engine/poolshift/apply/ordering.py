"""The order of work: references in the schema are the order; deletes run it backwards."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from poolshift.errors import PoolshiftError
from poolshift.identity.kind import SHARED_KINDS, Kind
from poolshift.plan.change import Change
from poolshift.provider.schema import Schema
from poolshift.provider.verb import Verb

Step = tuple[Kind, Verb]
Item = TypeVar("Item")


def kind_order(schema: Schema) -> tuple[Kind, ...]:
    """Kinds so that each comes after all it refers to; ties by name. Raises PoolshiftError on a cycle (law 17)."""
    sorter: TopologicalSorter[Kind] = TopologicalSorter()
    for kind in sorted(schema.kinds):
        needs = {field.ref for field in schema.kinds[kind].fields.values() if field.type == "ref" and field.ref}
        sorter.add(kind, *sorted(need for need in needs if need != kind and need in schema.kinds))
    order: list[Kind] = []
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = " -> ".join(error.args[1])
        raise PoolshiftError.of(
            "PROVIDER_LAW_17",
            f"the destination's schema refers in a circle: {cycle}",
            "Report this to the author of the destination's provider.",
        ) from error
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return tuple(order)


def shared_steps(schema: Schema) -> tuple[Step, ...]:
    """Creates and updates of the kinds that belong to nobody, parents first."""
    kinds = [kind for kind in kind_order(schema) if kind in SHARED_KINDS or kind == "hook"]
    return tuple((kind, verb) for kind in kinds for verb in _FORWARD)


def shared_deletes(schema: Schema) -> tuple[Step, ...]:
    """Deletes of the kinds that belong to nobody, children first; run when no person refers to them any more."""
    kinds = [kind for kind in kind_order(schema) if kind in SHARED_KINDS or kind == "hook"]
    return tuple((kind, "delete") for kind in reversed(kinds))


def person_steps(schema: Schema) -> tuple[Step, ...]:
    """Users; what is taken from them; what they are given; at last, the users that go.

    Updates come before creates (they may set a login free) and removes before adds (a set may be full).
    """
    kinds = [kind for kind in kind_order(schema) if kind not in SHARED_KINDS and kind not in ("hook", "user")]
    users: list[Step] = [("user", verb) for verb in _FORWARD]
    removes: list[Step] = [(kind, "delete") for kind in reversed(kinds)]
    adds: list[Step] = [(kind, verb) for kind in kinds for verb in _FORWARD]
    return (*users, *removes, *adds, ("user", "delete"))


_FORWARD: tuple[Verb, ...] = ("update", "create")


def record_levels(changes: Sequence[tuple[Change, Item]], *, backwards: bool = False) -> list[list[Item]]:
    """Items of one kind in levels, so that a record comes after the records of its kind it refers to (a tree)."""
    inside = {change.address: change for change, _ in changes}
    depths: dict[str, int] = {}
    levels: dict[int, list[Item]] = {}
    for change, item in changes:
        levels.setdefault(_depth(change, inside, depths), []).append(item)
    return [levels[depth] for depth in sorted(levels, reverse=backwards)]


def _depth(change: Change, inside: Mapping[str, Change], depths: dict[str, int]) -> int:
    chain: list[Change] = [change]
    while (parent := _parent(chain[-1], inside)) is not None and parent.address not in depths:
        if parent in chain:
            raise PoolshiftError.of("PLAN_CYCLE", f"{change.address} refers to itself through its parents")
        chain.append(parent)
    for link in reversed(chain):
        above = _parent(link, inside)
        depths[link.address] = 0 if above is None else depths[above.address] + 1
    return depths[change.address]


def _parent(change: Change, inside: Mapping[str, Change]) -> Change | None:
    parents: Iterable[Change | None] = (inside.get(address) for address in change.effect.refs.values())
    return next((parent for parent in parents if parent is not None and parent is not change), None)
