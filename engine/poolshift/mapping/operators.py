"""What operators, filters and calls of an expression do. A null or unfit operand yields null, never an error.

The generated function calls these by name; texts are the common case and come first.
"""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.identity.value import Value


def text(value: Value) -> str | None:
    """A scalar as text (true, false, 12, 1.5); null for null, lists and mappings."""
    if isinstance(value, str):
        return value
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value) if isinstance(value, (int, float)) else None


def lower(value: Value) -> str | None:
    own = text(value)
    return None if own is None else own.lower()


def upper(value: Value) -> str | None:
    own = text(value)
    return None if own is None else own.upper()


def trim(value: Value, characters: Value = None) -> str | None:
    own = text(value)
    return None if own is None else own.strip(text(characters) or None)


def replace(value: Value, old: Value, new: Value) -> str | None:
    own, before, after = text(value), text(old), text(new)
    if own is None or not before or after is None:
        return own
    return own.replace(before, after)


def split(value: Value, separator: Value = None) -> list[str] | None:
    """Parts of a text; at white space when there is no separator."""
    own = text(value)
    return None if own is None else own.split(text(separator) or None)


def join(value: Value, separator: Value = "") -> str | None:
    """The scalars of a list, joined; a text stays as it is."""
    if isinstance(value, (list, tuple)):
        return (text(separator) or "").join([part for item in value if (part := text(item)) is not None])
    return text(value)


def default(value: Value, other: Value, falsy: Value = False) -> Value:
    """`other` for null; with a true third argument for every false value (as in Jinja2)."""
    return other if value is None or (falsy and not value) else value


def removeprefix(value: Value, prefix: Value) -> str | None:
    own = text(value)
    return None if own is None else own.removeprefix(text(prefix) or "")


def removesuffix(value: Value, suffix: Value) -> str | None:
    own = text(value)
    return None if own is None else own.removesuffix(text(suffix) or "")


def words(*values: Value) -> str | None:
    """The non-empty ones joined by a blank; null when there is none."""
    parts = [part for value in values if (part := value if value.__class__ is str else text(value))]
    return " ".join(parts) if parts else None


def concat(*values: Value) -> str | None:
    """One text; null when one of the values is null or no scalar."""
    parts: list[str] = []
    for value in values:
        part = text(value)
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def less(left: Value, right: Value) -> bool:
    """Whether left < right: texts with texts, numbers with numbers; anything else is false."""
    if isinstance(left, str):
        return isinstance(right, str) and left < right
    return isinstance(left, (int, float)) and isinstance(right, (int, float)) and left < right


def less_or_equal(left: Value, right: Value) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and left <= right
    return isinstance(left, (int, float)) and isinstance(right, (int, float)) and left <= right


def greater(left: Value, right: Value) -> bool:
    return less(right, left)


def greater_or_equal(left: Value, right: Value) -> bool:
    return less_or_equal(right, left)


def contains(item: Value, container: Value) -> bool:
    """``item in container``: element of a list, key of a mapping, part of a text; false for null."""
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, Mapping):
        return isinstance(item, str) and item in container
    return isinstance(container, (list, tuple)) and item in container


def at(value: Value, index: Value) -> Value:
    """``value[index]``; null where there is nothing."""
    if isinstance(value, Mapping):
        return value.get(index) if isinstance(index, str) else None
    if not isinstance(value, (list, tuple, str)) or not isinstance(index, int) or isinstance(index, bool):
        return None
    return value[index] if -len(value) <= index < len(value) else None


def look(column: Mapping[str, str], key: Value) -> str | None:
    """A cell of a table's column (row key -> cell, without empty cells)."""
    own = text(key)
    return None if own is None else column.get(own)


def has_row(key: Value, rows: frozenset[str]) -> bool:
    return text(key) in rows


FILTERS: Final[Mapping[str, Any]] = {
    "lower": lower,
    "upper": upper,
    "trim": trim,
    "replace": replace,
    "split": split,
    "join": join,
    "default": default,
    "removeprefix": removeprefix,
    "removesuffix": removesuffix,
}
