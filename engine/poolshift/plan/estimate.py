"""What a plan will cost: calls by quota, seconds at the allowed rate, messages, billed units."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.plan.canaries import canaries
from poolshift.plan.change import VERB_OF
from poolshift.plan.change_class import ChangeClass
from poolshift.plan.routes import route_for, routes_for
from poolshift.plan.tally import Tally
from poolshift.provider.schema import Route, Schema, Shape
from poolshift.provider.verb import Verb
from poolshift.spec.model import Rate

Fingerprint = Callable[[Path, Value], bytes]


@dataclass(slots=True)
class Estimate:
    """durations: seconds by quota, at the allowed rate; they run side by side, so ``seconds`` is the longest.

    messages: to people; ``senders``: ids of the classes they come from. billed: units by name.
    routes: class id -> route -> how many of its changes take it, in the order routes are tried.
    forces: class id -> what the route makes of a field, where not everybody desires that.
    read_back: class id -> how many are read back before the rest are sent.
    """

    calls: Counter[str] = field(default_factory=Counter)
    durations: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    messages: int = 0
    senders: set[str] = field(default_factory=set)
    billed: Counter[str] = field(default_factory=Counter)
    routes: dict[str, dict[str, int]] = field(default_factory=dict)
    forces: dict[str, dict[Path, Value]] = field(default_factory=dict)
    read_back: dict[str, int] = field(default_factory=dict)


def estimate(
    tally: Tally, schema: Schema, method: str, rates: Mapping[str, Rate], fingerprint: Fingerprint | None = None
) -> Estimate:
    """Costs by the routes the executor will choose, folded children included.

    ``fingerprint``: of a value of a path; without it, everything a route forces is told.
    """
    result = Estimate()
    counts = _counts(tally)
    riders = _riders(tally, schema, method, counts)
    for own in sorted(tally.classes.values(), key=lambda own: own.key):
        kind, action, fields, _ = own.key
        verb = VERB_OF.get(action)
        if verb is None or (action == "adopt" and not fields):
            continue
        riding = min(own.count, riders[kind]) if action == "add" else 0
        riders[kind] -= riding
        taken = {"with the user": riding} if riding else {}
        routes = routes_for(schema, kind, verb, counts[kind, verb], method)
        for route, count in _shares(own, own.count - riding, routes):
            taken[route.name] = count
            if forces := _forces(own, route, schema, fingerprint):
                result.forces[own.id] = result.forces.get(own.id, {}) | forces
            _add_cost(result, route, Shape(kind, verb, frozenset(fields), route.carries, count), own.id)
        result.routes[own.id] = taken
        if first := canaries(schema, kind, verb):
            result.read_back[own.id] = min(first, own.count)
    result.durations = {name: calls / allowed_rate(schema, name, rates) for name, calls in result.calls.items()}
    result.seconds = max(result.durations.values(), default=0.0)
    return result


def _shares(own: ChangeClass, count: int, routes: Sequence[Route]) -> Iterator[tuple[Route, int]]:
    """Each route with how many of the changes the executor will send on it: the first in order that takes them."""
    if not own.takers:
        yield from ((route, count) for route in routes[:1] if count)
        return
    left = own.takers.copy()
    for route in routes:
        mine = [names for names in left if route.name in names]
        if share := sum(left.pop(names) for names in mine):
            yield route, share


def _forces(own: ChangeClass, route: Route, schema: Schema, fingerprint: Fingerprint | None) -> dict[Path, Value]:
    about = schema.kinds[route.kind]

    def is_desired(path: Path, value: Value) -> bool:
        field = about.field_at(path)
        if fingerprint is None or field is None:
            return False
        return own.desired.get(path) == {fingerprint(path, field.canonical(value))}

    return {path: value for path, value in route.forces.items() if not is_desired(path, value)}


def add_reads(result: Estimate, source: Schema, wanted: frozenset[Path], people: int) -> None:
    """What reading the source's fields in ``wanted`` bills for this many people."""
    fields = (source.kinds["user"].field_at(path) for path in wanted)
    for unit in sorted({own.billed for own in fields if own is not None and own.billed is not None}):
        result.billed[f"{unit} at the source"] += people


def _counts(tally: Tally) -> Counter[tuple[Kind, Verb]]:
    counts: Counter[tuple[Kind, Verb]] = Counter()
    for own in tally.classes.values():
        if (verb := VERB_OF.get(own.key[1])) is not None:
            counts[own.key[0], verb] += own.count
    return counts


def _riders(tally: Tally, schema: Schema, method: str, counts: Mapping[tuple[Kind, Verb], int]) -> Counter[Kind]:
    """Element creates that ride along with a user's create, by kind."""
    route = route_for(schema, "user", "create", counts.get(("user", "create"), 0), method)
    carries = route.carries if route is not None else frozenset()
    return Counter(
        {
            kind: count
            for kind, count in tally.carried.items()
            if kind in carries and schema.kinds[kind].arrives in ("either", "with_parent")
        }
    )


def _add_cost(result: Estimate, route: Route, shape: Shape, class_id: str) -> None:
    cost = route.cost(shape)
    for name, calls in cost.calls.items():
        result.calls[name] += ceil(calls)
    if cost.messages:
        result.messages += cost.messages * shape.count
        result.senders.add(class_id)
    for unit, number in cost.billed.items():
        result.billed[unit] += number * shape.count


def allowed_rate(schema: Schema, name: str, rates: Mapping[str, Rate]) -> float:
    """Calls a second: the spec's rate, else half of a quota shared with live sign-ins."""
    if name in rates:
        return rates[name].calls / rates[name].seconds
    windows = next((quota for quota in schema.quotas if quota.name == name), None)
    if windows is None:
        return float("inf")
    slowest = min(calls / seconds for calls, seconds in windows.windows)
    return slowest / 2 if windows.shared else slowest
