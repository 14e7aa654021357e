"""What moves: systems against what each end shows or takes, from what their providers document."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from poolshift.identity.kind import Kind
from poolshift.provider.examples import documented
from poolshift.provider.schema import FieldSchema, Schema
from poolshift.provider.session import Provider

_CAN: Final = {"full": "yes", "partial": "partly"}
_NO: Final = "no"
_PREFIXES: Final = (".*", ":*")


def table(providers: Iterable[Provider]) -> list[str]:
    """A Markdown table, a row an end: sources first, each by name."""
    own = sorted(providers, key=lambda provider: provider.name)
    schemas = {provider.name: documented(provider) for provider in own}
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    for end, word, cells in (("source", "from", _shown), ("destination", "to", _taken)):
        for provider in own:
            if end in provider.ends:
                lines.append(f"| {word} `{provider.name}` | {' | '.join(cells(schemas[provider.name]))} |")
    return lines


def reasons(provider: Provider) -> list[str]:
    """Why something is not there, and what a way to write brings with it."""
    schema = documented(provider)
    absent = [f"- no {kind}: {why.note}" for kind, why in sorted(schema.absent.items()) if why.note]
    limited = [
        f"- {verb} {kind}: {own.level.value}, {own.note}"
        for kind, about in schema.kinds.items()
        for verb, own in sorted(about.verbs.items())
        if own.note and own.level.value != "full" and "destination" in provider.ends
    ]
    routes = [f"- {route.kind} by {route.name}: {route.note}" for route in schema.routes if route.note]
    return [*absent, *limited, *routes]


def _taken(schema: Schema) -> Iterator[str]:
    """A destination: what can be written."""
    fields = schema.kinds["user"].fields
    writable = {path: own for path, own in fields.items() if own.write != "never" and own.type != "ref"}
    yield _word(any(not path.endswith(_PREFIXES) for path in writable))
    yield _word(any(path.endswith(_PREFIXES) for path in writable) or _creates(schema, "attribute") != _NO)
    for kinds in _PAIRS:
        yield min((_creates(schema, kind) for kind in kinds), key=_WORST)
    yield _word(_with_role(writable, "enabled"))
    yield _word(any(own.verified_by in writable for own in fields.values()))
    yield _creates(schema, "factor")
    yield _creates(schema, "credential")
    yield _creates(schema, "hook")
    yield _word(_with_role(writable, "credential"))
    yield _id(schema, writable)


def _shown(schema: Schema) -> Iterator[str]:
    """A source: what is read."""
    fields = {path: own for path, own in schema.kinds["user"].fields.items() if own.read != "never"}
    yield _word(bool(fields))
    yield _word(any(path.endswith(_PREFIXES) for path in fields))
    for kinds in _PAIRS[:3]:
        yield _word(all(_reads(schema, kind) for kind in kinds))
    yield _word(_reads(schema, "link") or "identities" in fields)
    yield _word(_with_role(fields, "enabled"))
    yield _word(any(own.verified_by in fields for own in fields.values()))
    yield _word(_reads(schema, "factor"))
    yield _word(_reads(schema, "credential"))
    yield "–"
    yield "–"
    yield _word(_with_role(fields, "source_id") or bool(schema.kinds["user"].keys))


_PAIRS: Final[tuple[tuple[Kind, ...], ...]] = (
    ("group", "group_member"),
    ("role", "role_member"),
    ("organization", "organization_member"),
    ("link",),
)
COLUMNS: Final = (
    "attributes",
    "custom attributes",
    "groups",
    "roles",
    "organizations",
    "links",
    "disabled",
    "verified flags",
    "factors",
    "hashes",
    "just-in-time",
    "reset",
    "ids",
)
_WORST: Final[Callable[[str], int]] = ("no", "partly", "yes").index


def _word(can: bool) -> str:
    return "yes" if can else _NO


def _creates(schema: Schema, kind: Kind) -> str:
    about = schema.kinds.get(kind)
    support = about.verbs.get("create") if about is not None else None
    return _CAN.get(support.level.value, _NO) if support is not None else _NO


def _reads(schema: Schema, kind: Kind) -> bool:
    return kind in schema.kinds and schema.kinds[kind].reading.how != "never"


def _with_role(fields: Mapping[str, FieldSchema], role: str) -> bool:
    return any(role in own.roles for own in fields.values())


def _id(schema: Schema, writable: Mapping[str, FieldSchema]) -> str:
    """Whether the id people had stays their id, or is kept in a field."""
    if any(route.chosen_id for route in schema.routes if route.kind == "user"):
        return "stay"
    kept = _with_role(writable, "source_id") or any(path.endswith(_PREFIXES) for path in writable)
    return "in a field" if kept else _NO
