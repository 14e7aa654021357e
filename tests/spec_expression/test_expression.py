"""What the expression language takes, what it refuses, and how it says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from poolshift.spec.expression import MAX_LENGTH, ExpressionError, parse, parse_template, source_key
from poolshift.spec.expression_tree import Concat, Name

HERE = Path(__file__).parent


def cases(name: str) -> list[Any]:
    rows = yaml.safe_load((HERE / name).read_text())
    return [pytest.param(row, id=row["text"] or "empty") for row in rows]


@pytest.mark.parametrize("case", cases("accepted.yaml"))
def test_an_allowed_expression_tells_what_it_reads(case: dict[str, Any]) -> None:
    """Names are dotted, table look-ups come in order of reading and once each."""
    expression = parse(case["text"])
    assert expression.names == set(case["names"])
    assert expression.table_lookups == tuple(map(tuple, case.get("lookups", [])))


@pytest.mark.parametrize("case", cases("refused.yaml"))
def test_a_refused_expression_says_what_where_and_what_to_do(case: dict[str, Any]) -> None:
    """The message names the offending word, the column points at it, the hint is the next step."""
    with pytest.raises(ExpressionError) as caught:
        parse(case["text"])
    assert case["message"] in caught.value.message
    assert caught.value.column == case["column"]
    assert case["hint"] in caught.value.hint


@pytest.mark.parametrize("text", ["(" * 300, "not " * 51 + "a", "[" * 51 + "a" + "]" * 51, "a if b else " * 51 + "c"])
def test_deep_nesting_is_refused(text: str) -> None:
    """Fifty levels are enough for anybody; neither parser may run out of stack."""
    with pytest.raises(ExpressionError, match="nested deeper than 50 levels"):
        parse(text)


def test_a_long_chain_is_not_deep() -> None:
    """Operands of one operator lie side by side, however many there are."""
    assert len(parse(" or ".join(["a"] * 300)).names) == 1


def test_an_overlong_expression_is_refused_before_it_is_parsed() -> None:
    """The bound is on characters, and the hint says where long lists belong."""
    with pytest.raises(ExpressionError, match="the maximum is 4000") as caught:
        parse("a" * (MAX_LENGTH + 1))
    assert "table" in caught.value.hint


def test_a_template_keeps_literals_and_expressions_in_order() -> None:
    """Braces inside a quoted text of an expression do not end it."""
    template = parse_template("a {{ b }} c {{ d ~ '}}' }}")
    assert [part if isinstance(part, str) else part.tree for part in template.parts][:3] == ["a ", Name("b"), " c "]
    assert isinstance(template.expressions[1].tree, Concat)
    assert template.names == {"b", "d"}


@pytest.mark.parametrize(("text", "single"), [("{{ a }}", True), (" {{ a }}", False), ("{{ a }}{{ a }}", False)])
def test_only_a_text_that_is_exactly_one_expression_is_single(text: str, single: bool) -> None:
    """Only then the value keeps its type."""
    assert (parse_template(text).single is not None) is single


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("x {{ a", 3, "no matching"),
        ("x {% if a %}", 3, "statements"),
        ("ab {{ x = 1 }}", 9, "unexpected '='"),
        ("ab {{ x.lower() }}", 9, "methods are not allowed"),
        ("{{}}", 3, "empty"),
    ],
)
def test_columns_of_a_template_count_in_the_whole_text(text: str, column: int, message: str) -> None:
    """An editor must be able to jump to the place."""
    with pytest.raises(ExpressionError, match=message) as caught:
        parse_template(text)
    assert caught.value.column == column


def test_the_raw_name_of_a_custom_attribute_has_a_colon() -> None:
    """`custom.x` in an expression reads `custom:x` of the record; other names are the same in both."""
    assert source_key("custom.plan") == "custom:plan"
    assert source_key("email") == "email"


def error_of(function: Callable[[str], object], text: str) -> ExpressionError | None:
    try:
        function(text)
    except ExpressionError as error:
        return error
    return None


@given(st.text(alphabet="abcustom.:|'\"{}[]()<>=!~-+*/%, 019_innotelsif\\\n", max_size=60))
def test_parsing_any_text_succeeds_or_raises_an_expression_error(text: str) -> None:
    """Nothing else escapes, and the column lies in the text or just behind it."""
    for function in (parse, parse_template):
        error = error_of(function, text)
        assert error is None or (1 <= error.column <= len(text) + 1 and error.message)
