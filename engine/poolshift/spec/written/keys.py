"""The keys each mapping of a spec may have, taken from the written models: for "did you mean"."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from poolshift.spec.written.document import WrittenSpec


@cache
def known_keys() -> Mapping[str, frozenset[str]]:
    """Keys by dotted path; ``*`` stands for a name the user gives; lists do not count as a step."""
    found: dict[str, frozenset[str]] = {}
    _collect(WrittenSpec, (), found)
    return found


def _collect(annotation: Any, path: tuple[str, ...], found: dict[str, frozenset[str]]) -> None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        found[".".join(path)] = frozenset(fields)
        for key, inner in fields.items():
            _collect(inner, (*path, key), found)
        return
    step = ("*",) if get_origin(annotation) is dict else ()
    for argument in get_args(annotation):
        _collect(argument, (*path, *step), found)
