"""Which of a vendor's ways to write is taken: pinned by the spec's `method`, else by how many there are."""

from collections.abc import Iterator

from poolshift.identity.kind import Kind
from poolshift.provider.schema import Route, Schema, Verb


def routes_for(schema: Schema, kind: Kind, verb: Verb, count: int, method: str) -> Iterator[Route]:
    """Routes worth taking for `count` operations, the preferred one first; the executor asks each one's `takes`."""
    fitting = [
        route
        for route in schema.routes
        if route.kind == kind and verb in route.verbs and (method == "auto" or route.method == method or kind != "user")
    ]
    worthy = [route for route in fitting if route.worth <= count] or fitting
    yield from sorted(worthy, key=lambda route: (-route.worth, -route.items, route.name))


def route_for(schema: Schema, kind: Kind, verb: Verb, count: int, method: str) -> Route | None:
    return next(routes_for(schema, kind, verb, count, method), None)
