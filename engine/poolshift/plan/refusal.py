"""Which routes create a person: asked while planning what the executor would ask."""

from dataclasses import dataclass
from typing import Final

import orjson

from poolshift.plan.person import Person
from poolshift.plan.rules import Rules
from poolshift.provider.operation import Operation, Put

ROUTE_REFUSES: Final = "ROUTE_REFUSES"


@dataclass(frozen=True, slots=True)
class Takers:
    """names: of the routes that take a person; why: reasons of the others, without a value of the person's."""

    names: frozenset[str]
    why: str


def takers(person: Person, rules: Rules) -> Takers:
    """Of ``rules.creating``.

    Asked without belongings: a route that refuses them is asked again without, and they follow by themselves.
    """
    operation = _create_of(person, rules)
    names, reasons = [], []
    for route in rules.creating:
        reason = route.takes(operation)
        if reason is None:
            names.append(route.name)
        else:
            reasons.append(f"{route.name}: {reason}")
    return Takers(frozenset(names), "; ".join(reasons))


def _create_of(person: Person, rules: Rules) -> Operation:
    """What apply would send: all that is desired of a record that is not there, but for what is only observed."""
    desired = orjson.loads(person.encoded)
    changes = {
        path: Put(desired[path])
        for path, own in rules.owned.items()
        if own.mode != "observe" and desired.get(path) is not None and path not in person.unknown
    }
    return Operation(person.address, "user", "create", changes)
