"""Whom no route creates: asked while planning what the executor would ask."""

from typing import Final

import orjson

from poolshift.plan.person import Person
from poolshift.plan.rules import Rules
from poolshift.provider.operation import Operation, Put

ROUTE_REFUSES: Final = "ROUTE_REFUSES"


def refusal(person: Person, rules: Rules) -> str | None:
    """Each route of ``rules.creating`` with its reason, without a value of the person's; None = one takes them.

    Asked without belongings: a route that refuses them is asked again without, and they follow by themselves.
    """
    operation = _create_of(person, rules)
    reasons = []
    for route in rules.creating:
        reason = route.takes(operation)
        if reason is None:
            return None
        reasons.append(f"{route.name}: {reason}")
    return "; ".join(reasons)


def _create_of(person: Person, rules: Rules) -> Operation:
    """What apply would send: all that is desired of a record that is not there, but for what is only observed."""
    desired = orjson.loads(person.encoded)
    changes = {
        path: Put(desired[path])
        for path in rules.paths
        if desired.get(path) is not None and path not in person.unknown and rules.mode(path) != "observe"
    }
    return Operation(person.address, "user", "create", changes)
