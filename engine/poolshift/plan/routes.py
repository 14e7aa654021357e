"""Which of a vendor's ways to write is taken: pinned by the spec's `method`, else by how many operations there are."""

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.schema import Route, Schema, anything
from poolshift.provider.verb import Verb


def routes_for(schema: Schema, kind: Kind, verb: Verb, count: int, method: str) -> tuple[Route, ...]:
    """Routes in the order they are tried; the executor asks each one's `takes`.

    Of those worth taking for ``count`` operations the one worth most comes first, then the one with the larger batch;
    then the rest. A file that a person has to upload is never taken while the vendor can be asked directly.
    """
    fitting = [route for route in schema.routes if route.kind == kind and verb in route.verbs]
    pinned = [route for route in fitting if route.method == method]
    if not pinned:
        pinned = [route for route in fitting if route.delivery != "person"] or fitting
    worthy = [route for route in pinned if count >= route.worth]
    ordered = sorted(worthy, key=lambda route: (-route.worth, -route.items, route.name))
    return (*ordered, *sorted((route for route in pinned if route not in worthy), key=lambda route: route.worth))


def selective(routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """The same routes if one of them may refuse; () = all take everything, so nothing has to be asked."""
    return () if all(route.takes is anything for route in routes) else routes


def route_for(schema: Schema, kind: Kind, verb: Verb, count: int, method: str) -> Route | None:
    """The route most operations will take."""
    return next(iter(routes_for(schema, kind, verb, count, method)), None)


def route_named(schema: Schema, kind: Kind, verb: Verb, name: str) -> Route | None:
    """The route a window was opened for."""
    fitting = (route for route in schema.routes if (route.kind, route.name) == (kind, name) and verb in route.verbs)
    return next(fitting, None)


def forced_fields(schema: Schema) -> dict[Kind, frozenset[Path]]:
    """By kind, the fields that some route forces."""
    fields: dict[Kind, frozenset[Path]] = {}
    for route in schema.routes:
        if route.forces:
            fields[route.kind] = fields.get(route.kind, frozenset()) | route.forces.keys()
    return fields
