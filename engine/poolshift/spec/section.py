"""Judges one section of the document by its written model, and keeps what is right of it.

What is wrong is reported once and taken out, so that the checks behind still see the rest and everything is reported
at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from poolshift.diagnostics import Place
from poolshift.spec import nodes
from poolshift.spec.nodes import MapNode, Node, ScalarNode, Step
from poolshift.spec.problems import Problems, did_you_mean
from poolshift.spec.written.keys import known_keys

T = TypeVar("T")

_ROUNDS: Final = 20
_NAMED: Final = re.compile(r"'([^']*)'")
_CODE_OF_UNKNOWN_KEY: Final[Mapping[tuple[str, ...], str]] = {
    ("limits",): "SPEC_LIMIT_UNKNOWN",
    ("phases", "limits"): "SPEC_LIMIT_UNKNOWN",
    ("state",): "SPEC_STATE",
}
_ESSENTIAL: Final = frozenset({"from", "to", "field", "file"})
"""Keys without which what they stand in would be wrong in another way, too."""

_TYPES: Final = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
}


@dataclass(frozen=True, slots=True)
class Section(Generic[T]):
    """``value`` is None where the section is absent or unusable; ``node`` holds what it was read from."""

    value: T | None
    node: Node | None


def read(document_node: MapNode, key: str, adapter: TypeAdapter[T], problems: Problems) -> Section[T]:
    """Judge ``document_node[key]``; reports what is wrong with it."""
    node = document_node.get(key)
    if node is None:
        return Section(None, None)
    first = True
    for _ in range(_ROUNDS):
        try:
            return Section(adapter.validate_python(nodes.plain(node)), node)
        except ValidationError as error:
            details = error.errors(include_url=False)
        for detail in details if first else ():
            _report(detail, key, node, problems)
        first = False
        smaller = _without(node, details)
        if smaller is None:
            break
        node = smaller
    return Section(None, node)


def _without(node: Node, details: Sequence[ErrorDetails]) -> Node | None:
    """What is left without the erroneous parts; None where nothing is."""
    for path in sorted({_culprit(detail) for detail in details}, key=_position, reverse=True):
        if not path:
            return None
        node = nodes.without(node, path)
    return node


def _position(path: tuple[Step, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (0, step) for step in path)


def _culprit(detail: ErrorDetails) -> tuple[Step, ...]:
    path = tuple(detail["loc"])
    if "select" in path:
        # Without one of its conditions a cohort would be another, or everyone.
        return path[: path.index("select") + 1]
    if detail["type"] == "missing" or (len(path) > 1 and path[-1] in _ESSENTIAL):
        return path[:-1]
    return path[:-1] if path and path[-1] == "[key]" else path


def _report(detail: ErrorDetails, section: str, node: Node, problems: Problems) -> None:
    path = tuple(detail["loc"])
    kind = detail["type"]
    name = str(next((step for step in reversed(path) if isinstance(step, str)), section))
    names = (section, *(step for step in path if isinstance(step, str)))
    if kind == "extra_forbidden":
        code = _CODE_OF_UNKNOWN_KEY.get(names[:-1], "SPEC_KEY_UNKNOWN")
        remedy = did_you_mean(name, _keys_at(names[:-1]))
        place = nodes.place_of(node, path, key=True)
        problems.error(code, f'unknown key "{name}" in {".".join(names[:-1])}', place, remedy)
    elif kind == "missing":
        place = nodes.place_of(node, path[:-1])
        where = ".".join(names[:-1])
        problems.error("SPEC_REQUIRED", f'"{name}" is missing in {where}', place, f"Add {name}: … here.")
    else:
        _report_value(detail, name, names, nodes.place_of(node, path), nodes.at(node, path), problems)


def _keys_at(names: Sequence[str]) -> frozenset[str]:
    known = known_keys()
    exact = known.get(".".join(names))
    if exact is not None:
        return exact
    # The keys of a mapping by name (fields, links, items) stand for any name.
    for size in range(len(names) - 1, 0, -1):
        if (found := known.get(".".join((*names[:size], "*", *names[size + 1 :])))) is not None:
            return found
    return frozenset()


def _report_value(
    detail: ErrorDetails,
    name: str,
    names: Sequence[str],
    place: Place,
    node: Node | None,
    problems: Problems,
) -> None:
    kind = detail["type"]
    if kind in _TYPES or (kind == "literal_error" and not isinstance(detail["input"], str)):
        code, summary, remedy = "SPEC_TYPE", f'"{name}" must be {_TYPES.get(kind, "a text")}', _type_remedy(kind, node)
    elif kind == "literal_error":
        written = node.written if isinstance(node, ScalarNode) else ""
        code, summary = "SPEC_VALUE", f'"{written}" is no value of "{name}"'
        remedy = did_you_mean(str(detail["input"]), _NAMED.findall(detail["ctx"]["expected"]), "one of")
        remedy = _hint(name, str(detail["input"]), remedy)
    elif kind.startswith("SPEC_"):
        code, summary, remedy = (
            kind,
            f'the value of "{name}" is not usable',
            f"{detail['msg'][:1].upper()}{detail['msg'][1:]}.",
        )
    else:
        code, summary = "SPEC_VALUE", f'the value of "{name}" is not allowed'
        remedy = f"{detail['msg']}."
    if names[0] == "state":
        code = "SPEC_STATE"
    problems.error(code, summary, place, remedy)


def _type_remedy(kind: str, node: Node | None) -> str:
    if kind == "string_type" and isinstance(node, ScalarNode) and node.value is not None:
        return f'Put it in double quotes: "{node.written}".'
    wanted = _TYPES.get(kind, "a text")
    return {"a list": "Write a list: [one, two].", "a mapping": "Write a mapping: {key: value}."}.get(
        wanted, f"Write {wanted}."
    )


def _hint(name: str, word: str, remedy: str) -> str:
    if name == "match" and word in ("email", "phone_number"):
        return f"Nobody is matched by what is not verified: use verified_{word}."
    return remedy
