"""A verification laid out: does the destination hold what the source says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from poolshift.render.page import Block, Detail, Heading, Line, Page, Table, Tone
from poolshift.render.wording import counted, kinds, number, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import Difference, VerifyDocument

_SHOWN: Final[Mapping[int, int]] = {3: 50, 1: 20, 0: 5}
"""Differences shown, by the detail's samples a class."""


def verify_page(document: VerifyDocument, detail: Detail) -> Page:
    verdict = document["verdict"]
    if not verdict["differences"]:
        return Page("Verified: no differences.", "good", list(_blocks(document, detail)))
    conflicts = f", {number(verdict['conflicts'])} of them open conflicts" if verdict["conflicts"] else ""
    only_conflicts = verdict["conflicts"] == verdict["differences"]
    tone: Tone = "warn" if only_conflicts else "danger"
    return Page(f"{counted(verdict['differences'], 'difference')}{conflicts}.", tone, list(_blocks(document, detail)))


def _blocks(document: VerifyDocument, detail: Detail) -> Iterator[Block]:
    if document["summary"]:
        rows = [
            (kinds(visible(row["kind"])), visible(row["state"]), number(row["count"])) for row in document["summary"]
        ]
        yield Heading("Summary")
        yield Table(("kind", "state", "count"), rows, frozenset({2}))
    if document["differences"]:
        yield Heading("Differences")
        yield from _differences(document, _SHOWN[detail.samples])
    if document["listed"] and detail.notes:
        yield Heading("Listed, not counted")
        listed = [(visible(row["why"]), number(row["count"])) for row in document["listed"]]
        yield Table(("why", "count"), listed, frozenset({1}))


def _differences(document: VerifyDocument, most: int) -> Iterator[Block]:
    shown = document["differences"][:most]
    rows = [(place(row["address"]), visible(row["path"]), visible(row["code"]), _times(row)) for row in shown]
    yield Table(("address", "field", "code", "count"), rows, frozenset({3}))
    if (left := document["verdict"]["differences"] - sum(row.get("count", 1) for row in shown)) > 0:
        yield Line(f"… and {counted(left, 'more difference')}.", "quiet")


def _times(row: Difference) -> str:
    return number(row.get("count", 1))
