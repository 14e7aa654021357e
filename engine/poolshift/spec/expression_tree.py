"""The tree of an expression: frozen nodes, and the allow-list that makes them from Jinja2's syntax tree."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal

from poolshift.spec.expression_error import ExpressionError

MAX_DEPTH: Final = 50

FILTERS: Final[Mapping[str, tuple[int, int]]] = {
    "lower": (0, 0),
    "upper": (0, 0),
    "trim": (0, 1),
    "replace": (2, 2),
    "split": (0, 1),
    "join": (0, 1),
    "default": (1, 2),
    "removeprefix": (1, 1),
    "removesuffix": (1, 1),
}
"""Filter -> fewest and most arguments."""

Comparison = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Constant:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A value by name, dotted for ``custom.x``."""

    name: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """``tables.TABLE[key].COLUMN``: text, or null where the table has no such row."""

    table: str
    key: "Node"
    column: str


@dataclass(frozen=True, slots=True)
class Keys:
    """``tables.TABLE`` on the right of ``in``: is there a row of that key."""

    table: str


@dataclass(frozen=True, slots=True)
class ListOf:
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Logic:
    """``and``/``or`` of two or more; like Python's, the value is that of the deciding operand."""

    operator: Literal["and", "or"]
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    item: "Node"


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain: ``first op1 operand1 op2 operand2``, all of which must hold."""

    first: "Node"
    rest: "tuple[tuple[Comparison, Node], ...]"


@dataclass(frozen=True, slots=True)
class Choose:
    test: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Subscript:
    item: "Node"
    index: "Node"


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    item: "Node"
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Words:
    """``words(a, b)``: the non-empty ones joined by a blank; null when there is none."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Concat:
    """``a ~ b``: text; null when one of them is null."""

    items: "tuple[Node, ...]"


Node = Constant | Name | Lookup | Keys | ListOf | Logic | Not | Compare | Choose | Subscript | Filter | Words | Concat

_COMPARISONS: Final[Mapping[str, Comparison]] = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
    "in": "in",
    "notin": "not in",
}
_REFUSED: Final[Mapping[str, str]] = {
    "Dict": "mappings are not allowed; use `values:` of the field",
    "Test": "`is` tests are not allowed; compare with `== none`, or use the filter `default`",
    "Slice": "slices are not allowed; use the filters `split`, `removeprefix`, `removesuffix`",
    "Add": "`+` is not allowed; join texts with `~`",
    "TemplateData": "markup is not allowed in an expression",
}
_TABLES: Final = "tables"
_CUSTOM: Final = "custom"


def build(tree: Any, text: str) -> Node:
    """Our tree of Jinja2's. Raises ExpressionError for everything that is not on the list."""
    return _Builder(text).node(tree, 1)


def too_deep() -> ExpressionError:
    return ExpressionError(
        f"the expression is nested deeper than {MAX_DEPTH} levels", 1, "Use a table or `values:` instead of nesting."
    )


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in order of reading."""
    match node:
        case Constant() | Name() | Keys():
            return ()
        case Lookup(key=key):
            return (key,)
        case ListOf(items) | Words(items) | Concat(items):
            return items
        case Logic(items=items):
            return items
        case Not(item):
            return (item,)
        case Compare(first, rest):
            return (first, *(operand for _, operand in rest))
        case Choose(test, then, otherwise):
            return (test, then, otherwise)
        case Subscript(item, index):
            return (item, index)
        case Filter(item=item, arguments=arguments):
            return (item, *arguments)


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from walk(child)


def reads(tree: Node) -> tuple[frozenset[str], tuple[tuple[str, str | None], ...]]:
    """Names and table lookups of a tree."""
    names: set[str] = set()
    lookups: dict[tuple[str, str | None], None] = {}
    for node in walk(tree):
        match node:
            case Name(name):
                names.add(name)
            case Lookup(table, _, column):
                names.add(f"{_TABLES}.{table}")
                lookups[table, column] = None
            case Keys(table):
                names.add(f"{_TABLES}.{table}")
                lookups[table, None] = None
    return frozenset(names), tuple(lookups)


class _Builder:
    """One method a node class of Jinja2; a class without a method is refused."""

    def __init__(self, text: str) -> None:
        self._text = text

    def node(self, tree: Any, depth: int, *, right_of_in: bool = False) -> Node:
        if depth > MAX_DEPTH:
            raise too_deep()
        if right_of_in and (table := _table_of(tree)):
            return Keys(table)
        kind = type(tree).__name__
        method: Callable[[Any, int], Node] | None = getattr(self, f"_{kind.lower()}", None)
        if method is None:
            raise self._error(_REFUSED.get(kind, f"`{kind}` is not allowed in an expression"), "")
        return method(tree, depth)

    def _error(self, message: str, word: str, hint: str = "") -> ExpressionError:
        at = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", self._text) if word else None
        return ExpressionError(message, at.start() + 1 if at else 1, hint)

    def _nodes(self, trees: Any, depth: int) -> tuple[Node, ...]:
        return tuple(self.node(tree, depth + 1) for tree in trees)

    def _const(self, tree: Any, _depth: int) -> Node:
        value = tree.value
        if isinstance(value, (int, float)) and not -(2**63) < value < 2**63:
            raise self._error("a number is too large", "")
        return Constant(value)

    def _neg(self, tree: Any, depth: int) -> Node:
        item = self.node(tree.node, depth + 1)
        if isinstance(item, Constant) and isinstance(item.value, (int, float)) and not isinstance(item.value, bool):
            return Constant(-item.value)
        raise self._error("`-` is allowed before a number only", "-")

    def _name(self, tree: Any, _depth: int) -> Node:
        name: str = tree.name
        if name == _TABLES:
            raise self._error("`tables` alone is no value", name, "Write tables.NAME[key].column.")
        if name == _CUSTOM:
            raise self._error("`custom` alone is no value", name, "Write custom.NAME.")
        return Name(name)

    def _getattr(self, tree: Any, depth: int) -> Node:
        return self._member(tree, tree.attr, depth)

    def _getitem(self, tree: Any, depth: int) -> Node:
        index = tree.arg
        if type(index).__name__ == "Const" and isinstance(index.value, str) and _is_row_or_custom(tree.node):
            return self._member(tree, index.value, depth)
        if table := _table_of(tree.node):
            raise self._error(
                f"`tables.{table}[…]` is a row, not a value", _TABLES, f"Name its column: tables.{table}[…].COLUMN."
            )
        return Subscript(self.node(tree.node, depth + 1), self.node(index, depth + 1))

    def _member(self, tree: Any, word: str, depth: int) -> Node:
        """``custom.word`` or ``tables.NAME[key].word``; nothing else has members."""
        inner = tree.node
        if type(inner).__name__ == "Name" and inner.name == _CUSTOM:
            return Name(f"{_CUSTOM}.{word}")
        if type(inner).__name__ == "Getitem" and (table := _table_of(inner.node)):
            return Lookup(table, self.node(inner.arg, depth + 1), word)
        if table := _table_of(tree):
            raise self._error(
                f"`tables.{table}` alone is no value",
                _TABLES,
                f"Write tables.{table}[key].column, or x in tables.{table}.",
            )
        hint = (
            f"Use the filter: value | {word}."
            if word in FILTERS
            else "Only custom.NAME and tables.NAME[key].column have dots."
        )
        raise self._error(f"`.{word}` is not allowed here", word, hint)

    def _list(self, tree: Any, depth: int) -> Node:
        return ListOf(self._nodes(tree.items, depth))

    _tuple = _list

    def _and(self, tree: Any, depth: int) -> Node:
        return Logic("and", self._nodes(_flat(tree), depth))

    def _or(self, tree: Any, depth: int) -> Node:
        return Logic("or", self._nodes(_flat(tree), depth))

    def _not(self, tree: Any, depth: int) -> Node:
        return Not(self.node(tree.node, depth + 1))

    def _compare(self, tree: Any, depth: int) -> Node:
        first = self.node(tree.expr, depth + 1)
        rest = tuple(
            (_COMPARISONS[part.op], self.node(part.expr, depth + 1, right_of_in=part.op in ("in", "notin")))
            for part in tree.ops
        )
        return Compare(first, rest)

    def _condexpr(self, tree: Any, depth: int) -> Node:
        otherwise = Constant(None) if tree.expr2 is None else self.node(tree.expr2, depth + 1)
        return Choose(self.node(tree.test, depth + 1), self.node(tree.expr1, depth + 1), otherwise)

    def _concat(self, tree: Any, depth: int) -> Node:
        return Concat(self._nodes(tree.nodes, depth))

    def _filter(self, tree: Any, depth: int) -> Node:
        name: str = tree.name
        if name not in FILTERS:
            close = get_close_matches(name, FILTERS, n=1)
            hint = f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(FILTERS)}."
            raise self._error(f"unknown filter `{name}`", name, hint)
        fewest, most = FILTERS[name]
        named = tree.kwargs or tree.dyn_args or tree.dyn_kwargs
        if tree.node is None or named or not fewest <= len(tree.args) <= most:
            takes = str(fewest) if fewest == most else f"{fewest} to {most}"
            raise self._error(f"the filter `{name}` takes {takes} arguments, without names", name)
        return Filter(name, self.node(tree.node, depth + 1), self._nodes(tree.args, depth))

    def _call(self, tree: Any, depth: int) -> Node:
        called = tree.node
        if type(called).__name__ == "Getattr":
            word = called.attr
            hint = f"Write value | {word}." if word in FILTERS else f"Filters: {', '.join(FILTERS)}."
            raise self._error(f"methods are not allowed, use a filter instead of `.{word}()`", word, hint)
        word = getattr(called, "name", "")
        if word != "words":
            hint = f"Write value | {word}." if word in FILTERS else "The only call is words(a, b, …)."
            raise self._error(f"`{word or 'this'}(…)` cannot be called", word, hint)
        if tree.kwargs or tree.dyn_args or tree.dyn_kwargs or not tree.args:
            raise self._error("words(a, b, …) takes one or more values, without names", word)
        return Words(self._nodes(tree.args, depth))


def _flat(tree: Any) -> list[Any]:
    """The operands of a left-deep chain of one operator."""
    kind = type(tree)
    operands: list[Any] = []
    while type(tree) is kind:
        operands.append(tree.right)
        tree = tree.left
    return [tree, *reversed(operands)]


def _table_of(tree: Any) -> str:
    """NAME when the tree is ``tables.NAME`` (or ``tables['NAME']``), else ""."""
    inner: Any = getattr(tree, "node", None)
    if type(inner).__name__ != "Name" or inner.name != _TABLES:
        return ""
    if type(tree).__name__ == "Getattr":
        return str(tree.attr)
    index: Any = getattr(tree, "arg", None)
    return str(index.value) if type(index).__name__ == "Const" else ""


def _is_row_or_custom(tree: Any) -> bool:
    """Whether ``tree['word']`` names a member: of ``custom``, of ``tables`` or of a table's row."""
    if type(tree).__name__ == "Name":
        return tree.name in (_CUSTOM, _TABLES)
    return type(tree).__name__ == "Getitem" and bool(_table_of(tree.node))
