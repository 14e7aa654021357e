"""Reads YAML into nodes that remember their place. Scalars are those of the YAML 1.2 core schema.

``NO`` is a text, ``12:30:00`` and ``2027-01-10`` are texts, ``0123456`` is 123456; a mapping's keys are texts as
they are written. Tags beyond the core schema, merge keys, and documents that grow by aliases are refused.
"""

import math
import re
from typing import Final

import yaml

from poolshift.diagnostics import Place
from poolshift.spec.nodes import Entry, ListNode, MapNode, Node, ScalarNode, ScalarValue
from poolshift.spec.problems import Problems

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NODES: Final = 100_000
_BIGGEST: Final = 2**63 - 1
_CORE: Final = "tag:yaml.org,2002:"
_QUOTE_REMEDY: Final = 'Put the whole value in double quotes: key: "…".'
_LEADING_QUOTE: Final = re.compile(r"(^|[\s:,\[{-])('[^']*'|\"[^\"]*\")\s*[\w=!<>|+]")


class _Loader(yaml.SafeLoader):
    """Composes nodes only: nothing is constructed."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's attribute)

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, f"nested deeper than {MAX_DEPTH} levels", mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


_Loader.add_implicit_resolver(f"{_CORE}null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(f"{_CORE}bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(
    f"{_CORE}int", re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    f"{_CORE}float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)


class _Reader:
    """Turns composed YAML nodes into ours; reports what YAML allows and the language does not."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file = file
        self.problems = problems
        self.count = 0
        self.open: set[int] = set()
        self.readable = True

    def place(self, mark: yaml.Mark) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def refuse(self, summary: str, node: yaml.Node, remedy: str = "", code: str = "SPEC_YAML") -> None:
        # A key that is written twice leaves a document to judge; the rest would be judged for what it is not.
        self.readable = self.readable and code == "SPEC_DUPLICATE_KEY"
        self.problems.error(code, summary, self.place(node.start_mark), remedy)

    def node(self, node: yaml.Node) -> Node:
        place = self.place(node.start_mark)
        self.count += 1
        if id(node) in self.open or self.count > MAX_NODES:
            why = "an alias contains itself" if id(node) in self.open else f"more than {MAX_NODES} values"
            if self.count <= MAX_NODES + 1:
                self.refuse(f"the document is not readable: {why}", node, "Write the values out, or use a table.")
            return ScalarNode(None, "", place)
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return MapNode(self._entries(node), place)
            if isinstance(node, yaml.SequenceNode):
                return self._list(node, place)
            return self._scalar(node, place)
        finally:
            self.open.discard(id(node))

    def _list(self, node: yaml.SequenceNode, place: Place) -> ListNode:
        if node.tag != f"{_CORE}seq":
            self._refuse_tag(node)
        return ListNode(tuple(self.node(item) for item in node.value), place)

    def _entries(self, node: yaml.MappingNode) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        if node.tag != f"{_CORE}map":
            self._refuse_tag(node)
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.refuse("a value that begins with {{ or { needs quotes", node, _QUOTE_REMEDY, "SPEC_QUOTE")
            elif key.value in entries:
                first = entries[key.value].key_place
                self.refuse(f'"{key.value}" is written twice', key, f"First: line {first.line}.", "SPEC_DUPLICATE_KEY")
            elif key.value == "<<" and key.style is None:
                self.refuse("merge keys (<<) are not part of YAML 1.2", key, "Write the values out.")
            elif _broken(key.value):
                self.refuse("a key holds a half of a surrogate pair", key, "Write the character itself.")
            else:
                entries[key.value] = Entry(self.place(key.start_mark), self.node(value))
        return entries

    def _scalar(self, node: yaml.Node, place: Place) -> ScalarNode:
        text = node.value if isinstance(node.value, str) else ""
        value: ScalarValue = text
        kind = node.tag.removeprefix(_CORE)
        if kind not in ("str", "null", "bool", "int", "float"):
            self._refuse_tag(node)
        elif _broken(text):
            self.refuse("a text holds a half of a surrogate pair", node, "Write the character itself.")
        else:
            try:
                value = _core_value(kind, text)
            except ValueError as error:
                self.refuse(str(error), node, 'Put it in double quotes if it is a text: "…".')
        return ScalarNode(value, text, place, quoted=getattr(node, "style", None) in ("'", '"'))

    def _refuse_tag(self, node: yaml.Node) -> None:
        self.refuse(f"the tag {node.tag.replace(_CORE, '!!')} is not allowed", node, "Leave the tag out.")


def _core_value(kind: str, text: str) -> ScalarValue:
    """Raises ValueError for a number that JSON cannot hold."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        number = _integer(text)
        if abs(number) > _BIGGEST:
            raise ValueError("a whole number of more than 64 bits")
        return number
    if kind == "float":
        value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        if not math.isfinite(value):
            raise ValueError("a number that is not finite")
        return value
    return text


def _integer(text: str) -> int:
    if len(text) > 64:
        raise ValueError("a whole number of more than 64 bits")
    if text.startswith("0o"):
        return int(text[2:], 8)
    return int(text[2:], 16) if text.startswith("0x") else int(text)


def _broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def read(data: bytes, file: str, problems: Problems) -> MapNode | None:
    """The document's mapping, or None after reporting why there is none. Errors: SPEC_YAML, SPEC_QUOTE, SPEC_TYPE."""
    text = _decode(data, file, problems)
    if text is None:
        return None
    try:
        composed = _compose(text)
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, text, file, problems)
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.error("SPEC_YAML", "a character that YAML does not allow", Place(file, line), "Remove it.")
        return None
    except (ValueError, OverflowError):
        problems.error("SPEC_YAML", "an escape that is no Unicode character", Place(file), "Look for \\U or \\u.")
        return None
    if composed is None:
        problems.error(
            "SPEC_YAML", "the file is empty", Place(file, 1, 1), "`poolshift init` writes one to start from."
        )
        return None
    reader = _Reader(file, problems)
    node = reader.node(composed)
    if not reader.readable:
        return None
    if isinstance(node, MapNode):
        return node
    problems.error("SPEC_TYPE", "the file must be a mapping of keys", node.place, "Begin with `version: 1`.")
    return None


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _decode(data: bytes, file: str, problems: Problems) -> str | None:
    if len(data) > MAX_BYTES:
        problems.error("SPEC_YAML", f"the file is larger than {MAX_BYTES} bytes", Place(file), "Use tables for data.")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.error("SPEC_YAML", "the file is not UTF-8", Place(file, line), "Save it as UTF-8.")
        return None


def _report_syntax(error: yaml.MarkedYAMLError, text: str, file: str, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    line_number = mark.line if mark else 0
    column = mark.column + 1 if mark else 1
    lines = text.splitlines() or [""]
    first = min(error.context_mark.line, line_number) if error.context_mark else line_number
    for number in range(min(line_number, len(lines) - 1), max(first, line_number - 1) - 1, -1):
        if found := _unquoted(lines[min(number, len(lines) - 1)]):
            where = Place(file, number + 1, found)
            problems.error("SPEC_QUOTE", "a value that YAML reads as something else needs quotes", where, _QUOTE_REMEDY)
            return
    what = (error.problem or "not YAML").removeprefix("but ")
    if any(ord(character) < 32 for character in what):
        what = "a character that cannot begin a value"
    problems.error("SPEC_YAML", what, Place(file, line_number + 1, column), "Correct the YAML syntax here.")


def _unquoted(line: str) -> int:
    """The column (from 1) of an unquoted ``{{`` or ``${``, or of a text that goes on behind its quotes; else 0."""
    bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", lambda found: "_" * len(found.group()), line)
    bare = bare.partition(" #")[0]
    for opening in ("{{", "${"):
        if opening in bare:
            return bare.index(opening) + 1
    if behind := _LEADING_QUOTE.search(line.partition(" #")[0]):
        return behind.start(2) + 1
    return 0
