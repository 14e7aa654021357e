"""Fills ``${env:N}``, ``${file:P}`` and ``${var:N}`` in values, once, when the spec is loaded.

Everything that is missing is named at once. What was filled in is never shown: messages quote the text as written.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from poolshift.diagnostics import Place
from poolshift.spec import document, nodes
from poolshift.spec.nodes import ListNode, MapNode, Node, ScalarNode
from poolshift.spec.problems import Problems, did_you_mean
from poolshift.spec.written import WrittenVariable

MAX_FILE_BYTES: Final = 1024 * 1024
SCHEMES: Final = ("env", "file", "var", "aws-secret")
_REFERENCE: Final = re.compile(r"\$\{([^{}]*)\}")


@dataclass
class Variables:
    """The values a spec may refer to, and which of them it did."""

    declared: Mapping[str, WrittenVariable]
    given: Mapping[str, str]
    environ: Mapping[str, str]
    folder: Path
    problems: Problems
    declared_at: Mapping[str, Place] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def fill(self, node: Node) -> Node:
        """A copy of a node with every reference filled. Reports what is missing."""
        if isinstance(node, MapNode):
            entries = {key: replace(entry, node=self.fill(entry.node)) for key, entry in node.entries.items()}
            return replace(node, entries=entries)
        if isinstance(node, ListNode):
            return replace(node, items=tuple(self.fill(item) for item in node.items))
        if isinstance(node.value, str) and "${" in node.value:
            return self._filled(node, node.value)
        return node

    def _filled(self, node: ScalarNode, text: str) -> ScalarNode:
        schemes: set[str] = set()

        def value_of(reference: re.Match[str]) -> str:
            scheme, colon, name = reference[1].partition(":")
            if not colon or scheme not in SCHEMES:
                hint = did_you_mean(scheme, SCHEMES, "one of")
                self.problems.error("SPEC_VALUE", f"${{{reference[1]}}} is no reference", node.place, hint)
                return ""
            schemes.add(scheme)
            return self._value(scheme, name, node.place)

        value = _REFERENCE.sub(value_of, text)
        return replace(node, value=value, filled=frozenset(schemes))

    def _value(self, scheme: str, name: str, place: Place) -> str:
        if scheme == "env":
            return self._from_environment(name, place)
        if scheme == "file":
            return self._from_file(name, place)
        if scheme == "var":
            return self._from_variables(name, place)
        self.problems.not_yet("${aws-secret:…}", place, "Use ${env:NAME} or ${file:PATH} for now.")
        return f"aws-secret:{name}"

    def _from_environment(self, name: str, place: Place) -> str:
        if (value := self.environ.get(name)) is not None:
            return value
        self.problems.error(
            "SPEC_VAR_UNSET", f"the environment variable {name} is not set", place, f"Set it: export {name}=…"
        )
        return ""

    def _from_file(self, name: str, place: Place) -> str:
        try:
            path = self.folder / name
            if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES:
                return path.read_text("utf-8").rstrip("\r\n")
            why = "is not there" if not path.exists() else "is no file of at most 1 MiB"
        except (OSError, ValueError) as error:
            why = f"cannot be read ({type(error).__name__})"
        self.problems.error("SPEC_VAR_UNSET", f"the file {name} {why}", place, "Check the path and its permissions.")
        return ""

    def _from_variables(self, name: str, place: Place) -> str:
        self.used.add(name)
        declared = self.declared.get(name)
        if declared is None:
            remedy = did_you_mean(name, self.declared) or f"Declare it: vars: {{{name}: {{}}}}."
            self.problems.error("SPEC_VAR_UNDECLARED", f'the variable "{name}" is not declared', place, remedy)
            return ""
        value = self.given.get(name, declared.default)
        if value is None:
            remedy = f"Give it with --var {name}=VALUE, in a --vars file, or a default."
            self.problems.error("SPEC_VAR_UNSET", f'the variable "{name}" has no value', place, remedy)
            return ""
        return value

    def check(self) -> None:
        """Reports values that are not allowed and variables nobody refers to."""
        for name, declared in self.declared.items():
            place = self.declared_at[name]
            value = self.given.get(name, declared.default)
            if value is not None:
                self._check_value(name, declared, value, place)
            if name not in self.used:
                self.problems.warn(
                    "SPEC_VAR_UNUSED", f'no value refers to the variable "{name}"', place, f"Use ${{var:{name}}}."
                )

    def _check_value(self, name: str, declared: WrittenVariable, value: str, place: Place) -> None:
        if declared.allowed is not None and value not in declared.allowed:
            remedy = f"Use one of: {', '.join(declared.allowed)}."
            self.problems.error("SPEC_VAR_VALUE", f'the value of the variable "{name}" is not allowed', place, remedy)
        if declared.pattern is not None and _matches(declared.pattern, value) is False:
            remedy = f"It must match {declared.pattern}."
            self.problems.error("SPEC_VAR_VALUE", f'the value of the variable "{name}" does not fit', place, remedy)


def _matches(pattern: str, value: str) -> bool | None:
    """None for a pattern that is no regular expression."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return None


def declare(
    written: Mapping[str, WrittenVariable],
    node: Node | None,
    problems: Problems,
) -> Mapping[str, Place]:
    """The places of the declarations. Reports patterns that are no regular expression, and references inside."""
    places: dict[str, Place] = {}
    for name, variable in written.items():
        places[name] = nodes.place_of(node, [name], key=True) if node else Place("")
        if variable.pattern is not None and _matches(variable.pattern, "") is None:
            problems.error(
                "SPEC_VALUE",
                f'the pattern of "{name}" is no regular expression',
                places[name],
                "Use the syntax of Python's re.",
            )
        if variable.default is not None and "${" in variable.default:
            remedy = "Refer to ${env:…} or ${file:…} where the value is used."
            problems.error("SPEC_VALUE", f'the default of "{name}" may not refer to anything', places[name], remedy)
    return places


def given(
    variables: Mapping[str, str], files: Sequence[Path], declared: Mapping[str, Any], file: str, problems: Problems
) -> Mapping[str, str]:
    """Values by name: files in their order, then single ones. Reports undeclared names and unreadable files."""
    values: dict[str, str] = {}
    for path in files:
        for name, (value, place) in _read_file(path, problems).items():
            _declared(name, declared, place, problems)
            values[name] = value
    for name, value in variables.items():
        _declared(name, declared, Place(file), problems)
        values[name] = value
    return values


def _declared(name: str, declared: Mapping[str, Any], place: Place, problems: Problems) -> None:
    if name not in declared:
        remedy = did_you_mean(name, declared) or f"Declare it: vars: {{{name}: {{}}}}."
        problems.error("SPEC_VAR_UNDECLARED", f'the variable "{name}" is given but not declared', place, remedy)


def _read_file(path: Path, problems: Problems) -> dict[str, tuple[str, Place]]:
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        why = type(error).__name__
        problems.error("SPEC_FILE", f"the variables file cannot be read ({why})", Place(str(path)), "Check the path.")
        return {}
    node = document.read(data, str(path), problems)
    values: dict[str, tuple[str, Place]] = {}
    for name, entry in (node.entries if node else {}).items():
        if isinstance(entry.node, ScalarNode) and entry.node.value is not None:
            values[name] = (entry.node.written, entry.node.place)
        else:
            problems.error("SPEC_TYPE", f'the variable "{name}" must be a text', entry.node.place, f"{name}: VALUE")
    return values
