"""Judges a request by Cognito's own service model, the part botocore leaves to the server included."""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from typing import Any, Final

import botocore.session  # type: ignore[import-untyped]
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape  # type: ignore[import-untyped]

from tests.servers.cognito.refusal import Refusal

_PROPERTY: Final = re.compile(r"\\p\{(\w)\}")


@cache
def operation_of(name: str, service: str = "cognito-idp") -> OperationModel | None:
    """The model of an operation; None for one that the service does not have."""
    model = botocore.session.get_session().get_service_model(service)
    return model.operation_model(name) if name in model.operation_names else None


def checked(operation: OperationModel, request: object) -> dict[str, Any]:
    """The request without members that are null, which count as left out.

    Raises Refusal: SerializationException for types and unknown members, else InvalidParameterException.
    """
    request = _without_nulls(request)
    problems = list(_problems(operation.input_shape, request, ""))
    if any(kind == "type" for kind, _ in problems):
        raise Refusal("SerializationException", "; ".join(text for kind, text in problems if kind == "type"))
    if problems:
        errors = "1 validation error" if len(problems) == 1 else f"{len(problems)} validation errors"
        raise Refusal.parameter(f"{errors} detected: {'; '.join(text for _, text in problems)}")
    assert isinstance(request, dict)
    return request


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    return [_without_nulls(member) for member in value] if isinstance(value, list) else value


_Problems = Iterator[tuple[str, str]]


def _problems(shape: Shape, value: object, path: str) -> _Problems:
    judge = _JUDGES.get(shape.type_name)
    if judge is None:
        raise LookupError(f"shapes of type {shape.type_name} are not used by Cognito's requests: judge them first")
    types, inside = judge
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        yield "type", f"Value at '{path}' is not a {shape.type_name}"
        return
    yield from inside(shape, value, path)


def _structure(shape: StructureShape, value: dict[str, object], path: str) -> _Problems:
    for name in shape.required_members:
        if name not in value:
            yield "constraint", _failed(_under(path, name), "Member must not be null")
    for name, member in value.items():
        if name not in shape.members:
            yield "type", f"Unknown member '{_under(path, name)}'"
        else:
            yield from _problems(shape.members[name], member, _under(path, name))


def _list(shape: ListShape, value: list[object], path: str) -> _Problems:
    yield from _range(shape, len(value), path, "length")
    for number, member in enumerate(value, 1):
        yield from _problems(shape.member, member, f"{path}.{number}.member")


def _map(shape: MapShape, value: dict[str, object], path: str) -> _Problems:
    yield from _range(shape, len(value), path, "length")
    for key, member in value.items():
        yield from _problems(shape.key, key, f"{path}.key")
        yield from _problems(shape.value, member, f"{path}.{key}.member")


def _string(shape: Shape, value: str, path: str) -> _Problems:
    yield from _range(shape, len(value), path, "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not compiled(pattern).fullmatch(value):
        yield "constraint", _failed(path, f"Member must satisfy regular expression pattern: {pattern}")
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield "constraint", _failed(path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")


def _number(shape: Shape, value: int, path: str) -> _Problems:
    yield from _range(shape, value, path, "value")


def _nothing(_shape: Shape, _value: object, _path: str) -> _Problems:
    yield from ()


_JUDGES: Final[dict[str, tuple[tuple[type, ...], Callable[[Any, Any, str], _Problems]]]] = {
    "structure": ((dict,), _structure),
    "list": ((list,), _list),
    "map": ((dict,), _map),
    "string": ((str,), _string),
    "integer": ((int,), _number),
    "long": ((int,), _number),
    "boolean": ((bool,), _nothing),
    "blob": ((str,), _nothing),
    "timestamp": ((int, float), _nothing),
}


def _range(shape: Shape, size: int, path: str, what: str) -> _Problems:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield "constraint", _failed(path, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield "constraint", _failed(path, f"Member must have {what} less than or equal to {most}")


def _failed(path: str, constraint: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: {constraint}"


def _under(path: str, name: str) -> str:
    return f"{path}.{name[:1].lower()}{name[1:]}" if path else f"{name[:1].lower()}{name[1:]}"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the model, which is written for Java: classes by Unicode category, \\w and \\s of ASCII only."""
    return re.compile(_PROPERTY.sub(lambda found: _ranges()[found[1]], pattern), re.ASCII)


@cache
def _ranges() -> dict[str, str]:
    """Each major Unicode category as the inside of a character class."""
    ranges: dict[str, list[str]] = {}
    start = 0
    for category, run in groupby(unicodedata.category(chr(code))[0] for code in range(sys.maxunicode + 1)):
        end = start + sum(1 for _ in run)
        ranges.setdefault(category, []).append(f"\\U{start:08x}-\\U{end - 1:08x}")
        start = end
    return {category: "".join(parts) for category, parts in ranges.items()}
