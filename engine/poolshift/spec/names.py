"""Expressions in the spec: that they parse, and that every name in them stands for something."""

from collections.abc import Iterable
from typing import Final, Protocol

from poolshift.diagnostics import Place
from poolshift.spec import expression
from poolshift.spec.context import Context
from poolshift.spec.nodes import ScalarNode, Step
from poolshift.spec.problems import did_you_mean

PERSON: Final = frozenset(
    {"sub", "username", "status", "enabled", "created_at", "updated_at", "groups", "identities", "mfa"}
)
"""Names every source offers beside its attributes."""

ORGANIZATION: Final = frozenset({"key"})
GROUP: Final = frozenset({"group"})


class _Parsed(Protocol):
    @property
    def names(self) -> frozenset[str]: ...
    @property
    def table_lookups(self) -> tuple[tuple[str, str | None], ...]: ...


def is_template(value: object) -> bool:
    return isinstance(value, str) and "{{" in value


def check_expression(context: Context, path: tuple[Step, ...], text: str) -> None:
    """A bare expression about a person. Errors: SPEC_EXPRESSION, SPEC_NAME_UNKNOWN, SPEC_TABLE_UNKNOWN."""
    try:
        parsed = expression.parse(text)
    except expression.ExpressionError as error:
        _report(context, path, error)
        return
    _check_names(context, path, parsed, frozenset(), of_person=True)


def check_template(
    context: Context, path: tuple[Step, ...], value: object, extra: Iterable[str] = (), *, of_person: bool = True
) -> None:
    """A text with ``{{ }}``; other values are constants. ``of_person``: names of a person mean something here."""
    if not is_template(value):
        return
    try:
        parsed = expression.parse_template(str(value))
    except expression.ExpressionError as error:
        _report(context, path, error)
        return
    _check_names(context, path, parsed, frozenset(extra), of_person=of_person)


def source_attribute_exists(context: Context, raw: str) -> bool:
    """Whether the source has an attribute of this raw name; True where the source is not known."""
    users = context.source_kind("user")
    if users is None or raw in PERSON or users.field_at(raw) is not None:
        return True
    head, colon, rest = raw.partition(":")
    return bool(colon) and (f"{head}:*" in users.fields or users.field_at(f"{head}.{rest}") is not None)


def source_attributes(context: Context) -> frozenset[str]:
    """Raw names the source offers; open maps are left out."""
    users = context.source_kind("user")
    return frozenset(path for path in users.fields if not path.endswith("*")) | PERSON if users else frozenset()


def _report(context: Context, path: tuple[Step, ...], error: expression.ExpressionError) -> None:
    place = context.place(*path)
    node = context.at(*path)
    quote = 1 if isinstance(node, ScalarNode) and node.quoted else 0
    if isinstance(node, ScalarNode) and not node.filled and "\n" not in node.written and place.line:
        place = Place(place.file, place.line, place.column + quote + max(error.column, 1) - 1)
    context.problems.error("SPEC_EXPRESSION", error.message, place, error.hint)


def _check_names(
    context: Context, path: tuple[Step, ...], parsed: _Parsed, extra: frozenset[str], *, of_person: bool
) -> None:
    for name in sorted(parsed.names):
        head, dot, table = name.partition(".")
        if head == "tables" and dot:
            _check_table(context, path, table.partition(".")[0])
        elif name not in extra and not (of_person and _is_of_person(context, name)):
            known = extra | _person_names(context) if of_person else extra
            remedy = did_you_mean(name, {*known, "tables.NAME"})
            context.error("SPEC_NAME_UNKNOWN", f'"{name}" means nothing in this expression', path, remedy)
    for table, column in parsed.table_lookups:
        _check_column(context, path, table, column)


def _is_of_person(context: Context, name: str) -> bool:
    if name in PERSON:
        return True
    raw = expression.source_key(name)
    # `custom.x` reads custom:x; a raw name with a colon is no name of the expression language.
    return source_attribute_exists(context, raw)


def _person_names(context: Context) -> frozenset[str]:
    names = source_attributes(context)
    return frozenset(name.replace(":", ".", 1) if name.startswith("custom:") else name for name in names)


def _check_table(context: Context, path: tuple[Step, ...], table: str) -> None:
    if table not in context.table_names:
        remedy = did_you_mean(table, context.table_names) or f"Declare it: tables: {{{table}: {{file: …, key: …}}}}."
        context.error("SPEC_TABLE_UNKNOWN", f'the table "{table}" is not declared', path, remedy)


def _check_column(context: Context, path: tuple[Step, ...], name: str, column: str | None) -> None:
    table = context.tables.get(name)
    if table is None or column is None or not table.rows:
        return
    columns = next(iter(table.rows.values()))
    if column not in columns:
        remedy = did_you_mean(column, columns)
        context.error("SPEC_NAME_UNKNOWN", f'the table "{name}" has no column "{column}"', path, remedy)
