"""Markdown: nothing a user wrote can act in a comment, and a comment always fits."""

import copy
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from poolshift.render import markdown
from poolshift.render.next_step import Kept
from poolshift.render.page import FULL, LADDER, Command, Detail, Fold, Line, Page, Table
from poolshift.render.plan import plan_page
from poolshift.render.wording import CODE_CLOSE, CODE_OPEN, code, visible
from tests.render.golden import document_of, markdown_of

ZERO_WIDTH = "\N{ZERO WIDTH SPACE}"
HOSTILE = ["a|b", "`code`", "<img src=x onerror=y>", "@here", "[a](https://evil.example)", "# big", "- item", "1. one"]
HOSTILE += ["**bold**", "_soft_", "~~gone~~", "&lt;", "a\\", "![i](x)", "<!-- -->", "```", "www.evil.example", "#12"]


def _tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def _inline(text: str) -> list[Token]:
    return [child for token in _tokens(text) for child in token.children or []]


def _said(text: str) -> str:
    return "".join(child.content for child in _inline(text)).replace(ZERO_WIDTH, "")


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_are_said_as_they_are(words: str) -> None:
    """What looks like markup is shown, not obeyed: in a line, in a table cell and in the title."""
    page = Page(words, "", [Line(words), Table(("one", "two"), [(words, "end")])])
    kinds = {token.type for token in _inline(markdown.paint(page))}
    assert kinds == {"text"}
    assert _said(markdown.paint(page)) == words + words + "one" + "two" + words + "end"


@given(st.text(min_size=1))
def test_any_visible_text_survives(words: str) -> None:
    """Law: a value renders as itself, whatever it is, and as nothing but text."""
    shown = visible(words).strip()
    inline = _inline(markdown.paint(Page("title", "", [Table(("head",), [(shown,)])])))
    assert {token.type for token in inline} == {"text"}
    assert "".join(token.content for token in inline).replace(ZERO_WIDTH, "") == f"titlehead{shown}"


@pytest.mark.parametrize("words", ["@here", "@acme/admins", "#12", "acme/app#7", "GH-9", "x@y"])
def test_nobody_is_called_outside_of_code(words: str) -> None:
    """Hosts link mentions and references after rendering, so they are broken up by an invisible space."""
    painted = markdown.paint(Page(words, "", [Line(words), Table((words,), [(words,)]), Fold(words, [f"  {words}"])]))
    assert not re.search(r"@\w|#\d|GH-\d", painted)


def test_a_command_is_kept_as_typed() -> None:
    """A command can be copied: it stands in a fence, where nobody is called."""
    painted = markdown.paint(Page("t", "", [Command("poolshift apply 'a@b.plan'")]))
    assert "```sh\npoolshift apply 'a@b.plan'\n```" in painted


def test_a_fence_is_longer_than_what_it_holds() -> None:
    """Backticks in a sample cannot end the fence around it."""
    painted = markdown.paint(Page("t", "", [Fold("text", ["  ```", "  ````"])]))
    fences = [token for token in _tokens(painted) if token.type == "fence"]
    assert [fence.content for fence in fences] == ["  ```\n  ````\n"]


def test_code_spans_are_ours_only() -> None:
    """Our marks become a code span; the same characters in user data are spelled out before."""
    painted = markdown.paint(Page("t", "", [Line(f"type {code('--accept adopt=3')}")]))
    assert [token.content for token in _inline(painted) if token.type == "code_inline"] == ["--accept adopt=3"]
    assert CODE_OPEN not in visible(f"{CODE_OPEN}x{CODE_CLOSE}")


def test_a_marker_cannot_leave_its_comment() -> None:
    """The marker that finds a comment again holds neither an end of comment nor a line break."""
    painted = markdown.paint(Page("t", "", [], marker="poolshift:plan migration=a--><b>\n"))
    assert painted.splitlines()[0] == "<!-- poolshift:plan migration=a--b -->"


def _big(classes: int, action: str, width: int) -> Any:
    document = copy.deepcopy(document_of("plan-first"))
    one = max((row for row in document["classes"] if row["action"] == action), key=lambda row: len(row["samples"]))
    document["classes"] = [
        {
            **one,
            "id": f"{number:08x}",
            "count": number + 1,
            "fields": [f"attributes.f{number}_{i}" for i in range(width)],
        }
        for number in range(classes)
    ]
    return document


@pytest.mark.parametrize("action", ["create", "conflict", "disable"])
@pytest.mark.parametrize("width", [1, 200])
def test_five_thousand_classes_fit(action: str, width: int) -> None:
    """The budget holds, every fence and fold is closed, and what needs attention is still there."""
    document = _big(5_000, action, width)
    painted = markdown.text(lambda detail: plan_page(document, detail))
    assert len(painted) <= markdown.BUDGET
    assert painted.count("<details>") == painted.count("</details>")
    assert len(re.findall(r"^`{3,}", painted, re.M)) % 2 == 0
    assert "--accept adopt=312" in painted
    assert "more class" in painted


def test_the_ladder_goes_down_one_rung_at_a_time() -> None:
    """A budget that just holds a rung shows that rung; one character less shows the next."""
    document = _big(40, "create", 3)

    def lay_out(detail: Detail) -> Page:
        return plan_page(document, detail)

    rungs = [markdown.paint(lay_out(detail)) for detail in LADDER]
    assert sorted(map(len, rungs), reverse=True) == [len(rung) for rung in rungs]
    assert len(set(rungs)) == len(rungs)
    for rung, below in pairwise(rungs):
        assert markdown.text(lay_out, len(rung)) == rung
        assert markdown.text(lay_out, len(rung) - 1) == below


def test_the_verdict_is_what_stays() -> None:
    """When not even the last rung fits, the verdict and its sums are told, and where the rest is."""
    tiny = markdown.text(lambda detail: plan_page(_big(40, "create", 3), detail), 10)
    assert "54,324 changes" in tiny
    assert "41,206 create" in tiny
    assert "does not fit" in tiny


def test_a_class_of_a_million_changes_is_cut() -> None:
    """`show --class` as Markdown keeps the verdict and says how many changes it leaves out."""
    document = document_of("plan-class")
    document["changes"] = document["changes"] * 100_000
    painted = markdown.text(lambda detail: plan_page(document, detail))
    assert len(painted) <= markdown.BUDGET
    assert re.search(r"… and [\d,]+ more changes", painted)


def test_a_long_token_is_not_worth_the_budget() -> None:
    """A token with thousands of ceilings is named, not printed."""
    document = document_of("plan-first")
    document["approval"]["token"] = "ps1." + "x" * 50_000
    painted = markdown.text(lambda detail: plan_page(document, detail))
    assert "too long to be shown" in painted
    assert "xxxx" not in painted


def test_without_a_limit_nothing_is_left_out() -> None:
    """The first rung is the whole page."""
    document = document_of("plan-first")

    def lay_out(detail: Detail) -> Page:
        return plan_page(document, detail, Kept("m.plan"))

    assert markdown_of("plan-first") == markdown.paint(lay_out(FULL))
