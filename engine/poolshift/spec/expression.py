"""The expression language: Jinja2's syntax, parsed by Jinja2, allow-listed into a small tree of our own.

    parse("custom.tenant != 'test'").names                      -> {"custom.tenant"}
    parse_template("{{ words(given_name, family_name) }}")      -> one part, so it keeps its type

Nothing is evaluated here: ``mapping`` emits one Python function from the trees. Names are not looked up here either:
the caller knows which attributes a source has.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from poolshift.spec import expression_tree
from poolshift.spec.expression_error import ExpressionError
from poolshift.spec.expression_tree import Node

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Expression",
    "ExpressionError",
    "Template",
    "parse",
    "parse_template",
    "source_key",
]

MAX_LENGTH: Final = 4000
MAX_DEPTH: Final = expression_tree.MAX_DEPTH

_STRING: Final = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""", re.DOTALL)
_RAW_NAME: Final = re.compile(r"\bcustom:([\w:.-]*\w)")
_BRACES: Final = re.compile(r"""\{\{((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^"'}]|\}(?!\}))*+)\}\}""", re.DOTALL)
_AT: Final = re.compile(r" at (\d+)$")


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression.

    names: every name it reads, dotted: ``email``, ``custom.plan``, ``tables.tenants``, ``key``.
    table_lookups: (table, column) in order of appearance; column None where only membership is asked
        (``sub in tables.active``).
    """

    text: str
    tree: Node
    names: frozenset[str]
    table_lookups: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A text with ``{{ }}``: literal texts and expressions in order. No empty literals."""

    text: str
    parts: tuple[str | Expression, ...]

    @property
    def single(self) -> Expression | None:
        """The expression of a text that is exactly one ``{{ }}`` (its value keeps its type), else None."""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, Expression) else None

    @property
    def names(self) -> frozenset[str]:
        return frozenset[str]().union(*(part.names for part in self.expressions))

    @property
    def table_lookups(self) -> tuple[tuple[str, str | None], ...]:
        return tuple(dict.fromkeys(lookup for part in self.expressions for lookup in part.table_lookups))

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return tuple(part for part in self.parts if isinstance(part, Expression))


def source_key(name: str) -> str:
    """The source's raw name of an expression name: ``custom.plan`` is kept under ``custom:plan``."""
    head, dot, rest = name.partition(".")
    return f"custom:{rest}" if dot and head == "custom" else name


def parse(text: str) -> Expression:
    """Parse a bare expression. Raises ExpressionError; its column counts from 1 in ``text``."""
    _check_length(text)
    blanked = _STRING.sub(lambda match: '"' + " " * (len(match[0]) - 2) + '"', text)
    if raw := _RAW_NAME.search(blanked):
        right = f"custom.{raw[1]}" if raw[1].isidentifier() else f"custom['{raw[1]}']"
        raise ExpressionError(
            f"`{raw[0]}` is written `{right}` in an expression",
            raw.start() + 1,
            f"Write {right}; the raw name stands after `from:` only.",
        )
    tree = expression_tree.build(_syntax_tree(text), text)
    names, lookups = expression_tree.reads(tree)
    return Expression(text, tree, names, lookups)


def parse_template(text: str) -> Template:
    """Split a text at its ``{{ }}`` and parse each. Raises ExpressionError; columns count in the whole text."""
    _check_length(text)
    parts: list[str | Expression] = []
    position = 0
    for match in _BRACES.finditer(text):
        _literal(parts, text, position, match.start())
        try:
            parts.append(parse(match[1]))
        except ExpressionError as error:
            raise ExpressionError(error.message, error.column + match.start(1), error.hint) from error
        position = match.end()
    _literal(parts, text, position, len(text))
    return Template(text, tuple(parts))


def _literal(parts: list[str | Expression], text: str, start: int, end: int) -> None:
    literal = text[start:end]
    for mark, message in (
        ("{{", "`{{` has no matching `}}`"),
        ("{%", "`{% %}` statements are not part of the language"),
    ):
        if (at := literal.find(mark)) >= 0:
            raise ExpressionError(message, start + at + 1, "Write {{ expression }}; choose with `a if test else b`.")
    if literal:
        parts.append(literal)


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text)} characters; the maximum is {MAX_LENGTH}",
            MAX_LENGTH + 1,
            "Move long lists into a table: `sub in tables.NAME`.",
        )


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment  # only the parser is used; importing it costs 30 ms

    return Environment(autoescape=False)


def _syntax_tree(text: str) -> object:
    from jinja2.exceptions import TemplateSyntaxError
    from jinja2.parser import Parser

    if not text.strip():
        raise ExpressionError("the expression is empty", 1, "Write an expression, for example custom.plan == 'gold'.")
    parser: Parser | None = None
    try:
        parser = Parser(_environment(), text, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError(f"unexpected {parser.stream.current.value!r}", 1)
    except TemplateSyntaxError as error:
        message = error.message or "syntax error"
        column = _column(text, message, parser)
        raise ExpressionError(f"not an expression: {_AT.sub('', message)}", column, _hint(text)) from error
    except RecursionError as error:
        raise expression_tree.too_deep() from error
    except (ValueError, SyntaxError) as error:  # thousands of digits; digits of another script, which Python refuses
        raise ExpressionError(
            "not an expression: a number is too long, or not one", 1, "Correct the number."
        ) from error
    return tree


def _column(text: str, message: str, parser: object) -> int:
    """Where a syntax error is: Jinja2 knows lines only, so count the tokens it has not consumed."""
    from jinja2.exceptions import TemplateSyntaxError
    from jinja2.parser import Parser

    if at := _AT.search(message):
        return int(at[1]) + 1
    if not isinstance(parser, Parser):
        return 1
    starts: list[int] = []
    position = 0
    try:
        left = sum(1 for _ in parser.stream)
        for _, token, value in _environment().lexer.tokeniter(text, None, None, "variable"):
            position = text.find(value, position)
            if token not in ("whitespace", "comment"):
                starts.append(position)
            position += len(value)
    except TemplateSyntaxError as error:
        at = _AT.search(error.message or "")
        return int(at[1]) + 1 if at else 1
    except (ValueError, SyntaxError):  # a number further on that is none
        return 1
    return starts[-left] + 1 if 0 < left <= len(starts) else len(text) + 1


def _hint(text: str) -> str:
    if "&&" in text or "||" in text:
        return "Write `and`, `or`, `not` instead of `&&`, `||`, `!`."
    if re.search(r"(?<![=!<>])=(?!=)", _STRING.sub("", text)):
        return "Compare with `==`; `=` assigns."
    if "{{" in text:
        return "A bare expression has no braces: leave out {{ and }}."
    return "See the names, operators and filters an expression may use in the reference of the spec language."
