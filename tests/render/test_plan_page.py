"""A plan's page: the verdict first, danger first, and the exact next command."""

from typing import Any

import pytest

from poolshift.render.next_step import Kept
from poolshift.render.page import FULL, Block, Command, Fold, Heading, Line, Page, Table
from poolshift.render.plan import plan_page, sums
from tests.render.golden import document_of


def _page(document: Any, plan_file: str | None = "m.plan") -> Page:
    return plan_page(document, FULL, Kept(plan_file))


def _commands(page: Page) -> list[str]:
    return [block.text for block in page.blocks if isinstance(block, Command)]


def _section(page: Page, title: str) -> list[Block]:
    blocks = list(page.blocks)
    start = blocks.index(Heading(title)) + 1
    end = next((index for index in range(start, len(blocks)) if isinstance(blocks[index], Heading)), len(blocks))
    return blocks[start:end]


@pytest.mark.parametrize(
    ("name", "title", "tone"),
    [
        ("plan-no-changes", "No changes.", "good"),
        ("plan-only-conflicts", "No changes. 1 conflict and 2 holds open.", "warn"),
        ("plan-first", "Plan for acme-prod: 54,324 changes, 14 conflicts, 2 holds", "danger"),
        ("plan-class", "Plan for acme-prod: 1 change, 1 conflict", "warn"),
    ],
)
def test_the_verdict_comes_first(name: str, title: str, tone: str) -> None:
    """The title is the verdict, open conflicts and holds are counted in it."""
    page = _page(document_of(name))
    assert (page.title, page.tone) == (title, tone)


def test_the_sums_are_one_line() -> None:
    """Disable and delete are told even when they are zero; noops are not."""
    assert sums(document_of("plan-first")) == (
        "Plan 7f3a9c: 41,206 create · 10,914 add · 312 adopt · 1,880 update · 0 delete · 12 disable"
        " · 14 conflict · 2 hold   (~2h10m, 0 messages)"
    )


def test_danger_comes_before_size() -> None:
    """A dangerous class of 12 is listed before a harmless one of 41,203."""
    folds = [
        block.text for block in _section(_page(document_of("plan-first")), "Change classes") if isinstance(block, Fold)
    ]
    assert [text[:9] for text in folds[:3]] == ["o disable", "= adopt 3", "+ create "]


def test_conflicts_need_attention_and_are_not_listed_twice() -> None:
    """A conflict stands above the summary, with its rule and masked samples."""
    page = _page(document_of("plan-first"))
    rows = [row for block in _section(page, "Needs attention") if isinstance(block, Table) for row in block.rows]
    assert any("F6" in row[2] and "x***@*** → y***@***" in row[3] for row in rows if len(row) == 4)
    assert not any("conflict" in block.text for block in _section(page, "Change classes") if isinstance(block, Fold))


def test_a_partial_read_needs_attention() -> None:
    """What was not read whole is said, with what is withheld because of it."""
    lines = [
        block.text
        for block in _section(_page(document_of("plan-partial")), "Needs attention")
        if isinstance(block, Line)
    ]
    assert lines == ["Group members were not read whole: page 7 was refused (403). Withheld: remove."]


def test_a_quiet_plan_asks_for_no_attention() -> None:
    """No section without a reason."""
    assert Heading("Needs attention") not in list(_page(document_of("plan-no-changes")).blocks)


def test_samples_are_at_most_three() -> None:
    """A class shows three masked samples, however many a document has."""
    document = document_of("plan-first")
    row = next(row for row in document["classes"] if row["action"] == "update")
    row["samples"] = row["samples"] * 9
    fold = next(block for block in _page(document).blocks if isinstance(block, Fold) and "~ update" in block.text)
    assert sum(line.strip().startswith("user[") for line in fold.lines) == 3


def test_the_next_command_lifts_exactly_what_must_be_lifted() -> None:
    """Each limit to be accepted is in the command with its planned count."""
    commands = _commands(_page(document_of("plan-first")))
    assert commands[1] == "poolshift apply m.plan --accept adopt=312"
    assert commands[2].endswith("--approve ps1.7f3a9c21d0b4.c2FtcGxl --accept adopt=312")


def test_without_a_file_the_token_is_the_way() -> None:
    """A plan that was only printed is applied by its token."""
    commands = _commands(_page(document_of("plan-first"), None))
    assert commands[1:] == ["poolshift apply migration.yaml --approve ps1.7f3a9c21d0b4.c2FtcGxl --accept adopt=312"]


def test_without_file_and_token_the_plan_is_made_again() -> None:
    """The next command is always one that works."""
    assert _commands(_page(document_of("plan-partial"), None)) == ["poolshift plan migration.yaml --out FILE"]


@pytest.mark.parametrize("name", ["plan-no-changes", "plan-class"])
def test_nothing_is_proposed_where_nothing_can_be_applied(name: str) -> None:
    """Neither a plan without changes nor a closed one is proposed to be applied."""
    assert not any(
        command.startswith(("poolshift apply", "poolshift plan")) for command in _commands(_page(document_of(name)))
    )


def test_a_file_name_is_quoted_for_the_shell() -> None:
    """Blanks and quotes in a file's name survive being copied."""
    assert _commands(_page(document_of("plan-partial"), "my plan's.plan")) == ["poolshift apply 'my plan'\"'\"'s.plan'"]


def test_an_address_that_cannot_be_typed_is_not_proposed() -> None:
    """A spelled-out control character would resolve another record."""
    assert not any("resolve" in command for command in _commands(_page(document_of("plan-hostile"))))


def test_the_spec_is_named_as_it_was_typed() -> None:
    """A plan holds the spec's name only; whoever planned from another folder gets a command that works there."""
    page = plan_page(document_of("plan-first"), FULL, Kept(None, "plans/demo/migration.yaml"))
    assert [command.split()[2] for command in _commands(page)] == ["plans/demo/migration.yaml"] * 2
