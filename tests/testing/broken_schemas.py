"""Schemas of the directory with one thing false."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.operation import (
    Operation,
    Put,
)
from poolshift.provider.schema import Cost, FieldSchema, Level, Route, Schema, Support, anything
from poolshift.provider.verb import Verb

NUMBERS = itertools.count()


def members_with_people(schema: Schema) -> Schema:
    """A membership comes with its person, or never."""
    member = replace(schema.kinds["organization_member"], arrives="with_parent")
    return replace(schema, kinds={**schema.kinds, "organization_member": member})


def with_rows(schema: Schema) -> Schema:
    route = Route("rows", "group", frozenset({"create"}), _writes, items=10, lane="file", width=1)
    return replace(schema, routes=(*schema.routes, route))


def _writes(shape: Any) -> Cost:
    return Cost({"writes": shape.count})


def a_false_rule(schema: Schema) -> Schema:
    """9: a length the destination does not ask for."""
    return with_field(schema, "user", "nickname", lambda own: replace(own, max_length=12))


def not_clearable(schema: Schema) -> Schema:
    return with_field(schema, "user", "nickname", lambda own: replace(own, clearable=False))


def disabled(operation: Operation) -> str | None:
    return "nobody disabled" if operation.changes.get("enabled") == Put(False) else None


def with_people(schema: Schema, takes: Callable[[Operation], str | None] = anything) -> Schema:
    create: frozenset[Verb] = frozenset({"create"})
    route = Route("people", "user", create, _writes, takes=takes, worth=1_000_000, lane="file", width=1, method="file")
    return replace(schema, routes=(*schema.routes, route))


def with_choosy_people(schema: Schema) -> Schema:
    return with_people(schema, disabled)


def halved(value: Any) -> Any:
    return value[1:] if isinstance(value, str) and len(value) > 1 else value


def not_idempotent(schema: Schema) -> Schema:
    """10: a canonical form that has another one."""
    return with_field(schema, "group", "description", lambda own: replace(own, canonical=halved, on_ascii=None))


def dear(schema: Schema) -> Schema:
    """13: a route that says it costs more than it does."""
    return with_route(schema, "group", cost=lambda shape: Cost({"writes": shape.count * 3}))


def unsteady(schema: Schema) -> Schema:
    """15: a route that cannot say which operations belong together: its answer changes."""
    routes = tuple(
        replace(route, group=lambda _operation: next(NUMBERS)) if route.whole else route for route in schema.routes
    )
    return replace(schema, routes=routes)


def with_job(schema: Schema) -> Schema:
    route = Route("job", "group", frozenset({"create"}), _writes, items=10, worth=50, delivery="job", method="job")
    return replace(schema, routes=(*schema.routes, route))


def with_a_job_for_nobody(schema: Schema) -> Schema:
    """A job that takes no sample, and says that it forces something."""
    whole = with_job(schema)
    job = replace(whole.routes[-1], takes=lambda _: "only on Sundays", forces={"description": "forced"})
    return replace(whole, routes=(*schema.routes, job))


def carries_too_much(schema: Schema) -> Schema:
    """17: a route carries what only arrives by itself."""
    member = replace(schema.kinds["organization_member"], arrives="own_call")
    return replace(schema, kinds={**schema.kinds, "organization_member": member})


def forces_nothing(schema: Schema) -> Schema:
    """18: a route says it forces a value, and does not."""
    return with_route(schema, "group", forces={"description": "forced"})


def undocumented(schema: Schema) -> Schema:
    """25: a field nobody documented."""
    group = schema.kinds["group"]
    fields = {**group.fields, "colour": FieldSchema("text", tier="plain", write="never")}
    return replace(schema, kinds={**schema.kinds, "group": replace(group, fields=fields)})


def only_assumed(schema: Schema) -> Schema:
    """25: deleting is only assumed to work, and a record that is switched off can still be looked up."""
    users = schema.kinds["user"]
    verbs = {**users.verbs, "delete": Support(Level.FULL, evidence="assumed")}
    return replace(schema, kinds={**schema.kinds, "user": replace(users, verbs=verbs, delete_is="disable")})


def with_field(schema: Schema, kind: Kind, path: Path, change: Callable[[FieldSchema], FieldSchema]) -> Schema:
    about = schema.kinds[kind]
    fields = {**about.fields, path: change(about.fields[path])}
    return replace(schema, kinds={**schema.kinds, kind: replace(about, fields=fields)})


def with_route(schema: Schema, kind: Kind, **changed: Any) -> Schema:
    routes = tuple(replace(route, **changed) if route.kind == kind else route for route in schema.routes)
    return replace(schema, routes=routes)
