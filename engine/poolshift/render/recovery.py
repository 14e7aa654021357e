"""What earlier runs left open, laid out: what a person has to look at, the windows, what became of their changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from poolshift.render.page import Block, Detail, Fold, Heading, Line, Page, Table
from poolshift.render.wording import counted, duration, glyph, kinds, left_out, listed, number, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import NeedsPersonRow, OpenWindow, RecoveryDocument

_ROWS_A_SAMPLE = 30


def recovery_page(document: RecoveryDocument, detail: Detail) -> Page:
    name = visible(document["migration"])
    if not document["windows"]:
        return Page(f"{name}: nothing is open.", "good", [])
    open_windows = sum(window["open"] for window in document["windows"])
    if open_windows:
        needs = "needs" if open_windows == 1 else "need"
        title = f"{name}: {number(open_windows)} of {counted(len(document['windows']), 'window')} {needs} a person."
        return Page(title, "warn", list(_blocks(document, detail)))
    title = f"{name}: {counted(len(document['windows']), 'window')} settled."
    return Page(title, "good", list(_blocks(document, detail)))


def _blocks(document: RecoveryDocument, detail: Detail) -> Iterator[Block]:
    if document["needs_person"]:
        most = _ROWS_A_SAMPLE * max(detail.samples, 1)
        yield Heading("Needs a person")
        for row in document["needs_person"][:most]:
            yield Fold(_need(row), list(_choices(row)), "warn")
        if (left := len(document["needs_person"]) - most) > 0:
            yield Line(left_out(left, "row"), "quiet")
    yield Heading("Windows")
    head = ("window", "route", "age", "changes", "job", "now")
    yield Table(head, [_window(window) for window in document["windows"]], frozenset({0}))
    settled = document["settled"]
    words = [
        f"{number(settled['done'])} done",
        f"{number(settled['partly'])} done in part",
        f"{number(settled['failed'])} failed",
        f"{number(settled['not_done'])} not done",
    ]
    yield Line(f"Changes: {listed(words)}. What is not done is planned again.")
    if settled["messages"]:
        told = counted(len(settled["messages"]), "message")
        yield Line(f"{told} may or may not have been sent, and will not be sent again.", "warn")


def _need(row: NeedsPersonRow) -> str:
    about = place(row["address"]) if row["address"] else f"job {visible(row['job'])}"
    return f"{about} · {visible(row['code'])} · window {row['window']}"


def _choices(row: NeedsPersonRow) -> Iterator[str]:
    for candidate in row["candidates"]:
        yield f"  candidate: destination id {visible(candidate)}"
    yield f"  {visible(row['remedy'])}"


def _window(window: OpenWindow) -> tuple[str, ...]:
    changes = [
        f"{number(row['count'])} {glyph(row['action'])} {kinds(visible(row['kind']))}" for row in window["changes"]
    ]
    jobs = [visible(job["id"] or f"{job['label']} (no id yet)") for job in window["jobs"]]
    return (
        str(window["number"]),
        visible(window["route"]),
        duration(window["age"]),
        listed(changes) or "none open",
        listed(jobs),
        "open" if window["open"] else "settled",
    )
