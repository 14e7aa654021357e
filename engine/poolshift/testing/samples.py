"""Values a field takes, as far as its schema says, and the hostile texts of the laws."""

import re
from typing import Final

from hypothesis import strategies as st

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema

_LATIN: Final = "Az09 -_.'\"\\<>&{}%;,/"
_OTHERS: Final = "éßİǆ漢ひ\u0301\u200b\U0001f600"
HOSTILE: Final = st.text(st.sampled_from(_LATIN + _OTHERS), min_size=1, max_size=24)
"""Case, composed and decomposed, four bytes, quotes, markup, templates."""

_FORMS: Final = (
    "text {n}", "text-{n}", "text{n}", "2001-02-03", "https://example.com/{n}", "en", "Europe/Brussels", "string",
    "+32470{n:06d}", "p{n}@example.com", "true", "{n}", "00000000-0000-4000-8000-{n:012d}", "global",
)  # fmt: skip
_BY_ROLE: Final = {
    "email": "p{n}@example.com",
    "phone": "+32470{n:06d}",
    "username": "name-{n}",
    "source_id": "source-{n}",
    "owner": "kit",
}


def sample(kind: Kind, path: Path, field: FieldSchema, number: int) -> Value:
    """A value for this field. Raises NotImplementedError where none of the known forms fits its pattern."""
    if "credential" in field.roles:
        return "reset"
    if (kind, path) == ("attribute", "type"):
        return "string"
    if field.type == "bool":
        return True
    if field.type == "number":
        return number
    if field.type == "set":
        return frozenset({f"m{number}.example.com"})
    if field.type == "json":
        return {"n": number}
    if field.type == "time":
        return f"2001-02-03T04:05:{number % 60:02d}Z"
    return text(kind, path, field, number)


def text(kind: Kind, path: Path, field: FieldSchema, number: int) -> str:
    """The role's own form, else the first form the pattern takes."""
    forms = tuple(form for role, form in _BY_ROLE.items() if role in field.roles) + _FORMS
    for form in forms:
        value = form.format(n=number)
        if fits(field, value):
            return value
    raise NotImplementedError(f"no sample fits {kind} {path}: let the world's `value` give one")


def fits(field: FieldSchema, value: str) -> bool:
    """Whether the schema takes this text."""
    if field.max_length is not None and len(value) > field.max_length:
        return False
    return field.pattern is None or re.fullmatch(field.pattern, value) is not None


def writable(field: FieldSchema) -> bool:
    return field.write != "never" and field.type != "ref"
