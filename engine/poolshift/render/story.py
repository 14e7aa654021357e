"""One person's way through the plan, told: where it came from, what it was matched with, what was decided and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from poolshift.render.page import Block, Detail, Fold, Heading, Line, Page, Tone
from poolshift.render.rules import meaning
from poolshift.render.wording import counted, glyph, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import ExplainDocument, ExplainedChange


def story_page(document: ExplainDocument, _detail: Detail) -> Page:
    changes = document["changes"]
    ends = counted(len(changes), "line") + " in the plan" if changes else "nothing to do"
    conflicts = any(change["action"] == "conflict" for change in changes)
    tone: Tone = "warn" if conflicts else "good"
    return Page(f"{place(document['person']['address'])}: {ends}", tone, list(_blocks(document)))


def _blocks(document: ExplainDocument) -> Iterator[Block]:
    for chapter in document["story"]:
        yield Heading(visible(chapter["title"]))
        yield from (Line(place(line)) for line in chapter["lines"])
    if document["changes"]:
        yield Heading("Changes")
        yield from map(_change, document["changes"])


def _change(change: ExplainedChange) -> Fold:
    tone: Tone = "warn" if change["action"] == "conflict" else ""
    text = f"{glyph(change['action'])} {change['action']} {place(change['address'])}".strip()
    return Fold(text, list(_reasons(change)), tone)


def _reasons(change: ExplainedChange) -> Iterator[str]:
    yield f"  {visible(change['rule'])}: {meaning(change['rule'])}".rstrip(": ")
    for field in change["fields"]:
        why = (place(field["why"]) or meaning(field["rule"])).rstrip(".")
        yield f"  {visible(field['path'])} ({field['mode']}): {field['verdict']}, {field['rule']}: {why}."
