"""Python source text from expression trees.

Nothing of the spec is ever pasted into source: constants stand there as their repr, everything else as a name of the
namespace the source is executed in.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from poolshift.identity.value import ABSENT, UNKNOWN
from poolshift.mapping import operators
from poolshift.spec import expression_tree as tree
from poolshift.spec.expression import Expression, Template, parse_template
from poolshift.spec.model import Table

_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operators.less,
    "<=": operators.less_or_equal,
    ">": operators.greater,
    ">=": operators.greater_or_equal,
}


class Emitter:
    """Turns trees into Python expressions over local variables and one namespace.

    The source is to set ``hazy``: whether any of its variables is UNKNOWN.

    variable: gives the local variable of an expression's name; raises KeyError for a name that cannot be read here.
    """

    def __init__(self, tables: Mapping[str, Table], variable: Callable[[str], str]) -> None:
        self.namespace: dict[str, Any] = {"ABSENT": ABSENT, "UNKNOWN": UNKNOWN}
        self._tables = tables
        self._variable = variable
        self._named: dict[tuple[str, object], str] = {}
        self._temporaries = 0

    def name(self, stem: str, value: object) -> str:
        """Keep a value in the namespace; its name, to be used in source."""
        name = f"{stem}_{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def function(self, value: Callable[..., Any]) -> str:
        """Keep a helper function under its own name."""
        self.namespace[value.__name__] = value
        return value.__name__

    def value(self, text: Template) -> str:
        """A template: its expression when it is exactly one, else the joined text or null."""
        if (single := text.single) is not None:
            return self.expression(single)
        parts = [repr(part) if isinstance(part, str) else self.node(part.tree) for part in text.parts]
        return self._guarded(text.names, self._joined(parts, text))

    def _joined(self, parts: list[str], text: Template) -> str:
        """The parts as one text: by `+` where all are plain names that hold texts, else by `concat`."""
        slow = f"{self.function(operators.concat)}({', '.join(parts)})"
        if not all(isinstance(own.tree, tree.Name) for own in text.expressions) or not text.names:
            return slow
        texts = " and ".join(f"{self._variable(name)}.__class__ is str" for name in sorted(text.names))
        return f"({' + '.join(parts)} if {texts} else {slow})"

    def expression(self, own: Expression) -> str:
        """An expression; UNKNOWN when a name it reads is unknown."""
        return self._guarded(own.names, self.node(own.tree))

    def _guarded(self, names: frozenset[str], source: str) -> str:
        variables = sorted(self._variable(name) for name in names if not name.startswith("tables."))
        if not variables:
            return source
        unknown = " or ".join(f"{variable} is UNKNOWN" for variable in variables)
        return f"(UNKNOWN if hazy and ({unknown}) else {source})"

    def node(self, node: tree.Node) -> str:
        match node:
            case tree.Constant(value):
                return repr(value)
            case tree.Name(name):
                return self._variable(name)
            case tree.Logic(operator, items):
                return f"({f' {operator} '.join(map(self.node, items))})"
            case tree.Not(item):
                return f"(not {self.node(item)})"
            case tree.Choose(test, then, otherwise):
                return f"({self.node(then)} if {self.node(test)} else {self.node(otherwise)})"
            case tree.ListOf(items):
                return f"[{', '.join(map(self.node, items))}]"
            case tree.Compare():
                return self._compare(node)
            case tree.Lookup(table, key, column):
                return self._call(operators.look, self._column(table, column), self.node(key))
            case tree.Keys(table):
                raise ValueError(f"tables.{table} stands outside of `in`")
            case tree.Subscript(item, index):
                return self._call(operators.at, self.node(item), self.node(index))
            case tree.Filter("join", tree.ListOf(items), (tree.Constant(str(separator)),)):
                return self._join(items, separator)
            case tree.Filter(name, item, arguments):
                return self._call(operators.FILTERS[name], self.node(item), *map(self.node, arguments))
            case tree.Words(items):
                return self._call(operators.words, *map(self.node, items))
            case tree.Concat(items):
                return self._call(operators.concat, *map(self.node, items))

    def _call(self, function: Callable[..., Any], *arguments: str) -> str:
        return f"{self.function(function)}({', '.join(arguments)})"

    def _join(self, items: tuple[tree.Node, ...], separator: str) -> str:
        """By `+` where all are plain names that hold texts, else by `join`."""
        parts = [self.node(item) for item in items]
        slow = self._call(operators.join, f"[{', '.join(parts)}]", repr(separator))
        if not parts or not all(isinstance(item, tree.Name) for item in items):
            return slow
        texts = " and ".join(f"{part}.__class__ is str" for part in parts)
        return f"({f' + {separator!r} + '.join(parts)} if {texts} else {slow})"

    def _compare(self, node: tree.Compare) -> str:
        """A chain: every operand but the last is computed once, into a variable of its own."""
        left = self.node(node.first)
        parts: list[str] = []
        for position, (operator, operand) in enumerate(node.rest):
            if isinstance(operand, tree.Keys):
                parts.append(self._membership(left, operand.table, operator))
                left = "None"
                continue
            right = self.node(operand)
            kept = right
            if position < len(node.rest) - 1 and not isinstance(operand, (tree.Constant, tree.Name)):
                self._temporaries += 1
                kept = f"t{self._temporaries}"
                right = f"({kept} := {right})"
            parts.append(self._comparison(left, operator, right))
            left = kept
        return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"

    def _comparison(self, left: str, operator: str, right: str) -> str:
        if operator in ("==", "!="):
            return f"({left} {operator} {right})"
        if operator in _ORDER:
            return self._call(_ORDER[operator], left, right)
        inside = self._call(operators.contains, left, right)
        return inside if operator == "in" else f"(not {inside})"

    def _membership(self, left: str, table: str, operator: str) -> str:
        rows = self._shared(("rows", table), lambda: frozenset(self._tables[table].rows))
        inside = self._call(operators.has_row, left, rows)
        return inside if operator == "in" else f"(not {inside})"

    def _column(self, table: str, column: str) -> str:
        def cells() -> Mapping[str, str]:
            return {key: cell for key, row in self._tables[table].rows.items() if (cell := row.get(column))}

        return self._shared(("column", (table, column)), cells)

    def _shared(self, key: tuple[str, object], make: Callable[[], object]) -> str:
        if key not in self._named:
            self._named[key] = self.name(key[0], make())
        return self._named[key]


def compiled(source: str, namespace: dict[str, Any], name: str) -> Any:
    """Execute generated source and take one function out of it."""
    exec(compile(source, f"<{name} of the spec>", "exec"), namespace)
    return namespace[name]


def template_function(text: str, parameters: tuple[str, ...], tables: Mapping[str, Table]) -> Callable[..., Any]:
    """A template over a few names as a function of them, in their order.

    Raises ExpressionError when it does not parse, KeyError when it reads another name than ``parameters``.
    """
    variables = {name: f"p{position}" for position, name in enumerate(parameters)}
    emitter = Emitter(tables, variables.__getitem__)
    body = emitter.value(parse_template(text))
    source = f"def value({', '.join(variables.values())}):\n    hazy = False\n    return {body}\n"
    function: Callable[..., Any] = compiled(source, emitter.namespace, "value")
    return function
