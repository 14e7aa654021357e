"""Where a migration stands, laid out: its state, its plans, its runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from poolshift.render.page import Block, Detail, Heading, Line, Page, Table, Tone
from poolshift.render.wording import counted, printable, visible

if TYPE_CHECKING:
    from poolshift.render.documents import RunLine, StatusDocument


def status_page(document: StatusDocument, detail: Detail) -> Page:
    state = document["state"]
    windows = state["open_windows"]
    settled = f", {counted(windows, 'open window')}" if windows else ""
    tone: Tone = "warn" if windows else "good"
    title = f"{visible(document['migration'])}: {counted(state['people'], 'person', 'people')} in state{settled}"
    return Page(title, tone, list(_blocks(document, detail)))


def _blocks(document: StatusDocument, detail: Detail) -> Iterator[Block]:
    yield Line(f"lineage {visible(document['lineage'])} · state {printable(document['state']['path'])}", "quiet")
    if document["state"]["open_windows"]:
        yield Line("An earlier run ended without an answer; the next apply settles that first.", "warn")
    if document["plans"]:
        yield Heading("Plans")
        yield Table(("plan", "status"), [(visible(row["id"]), row["status"]) for row in document["plans"]])
    if document["runs"]:
        yield Heading("Runs")
        rows = [_run(row) for row in document["runs"][-detail.classes or None :]]
        yield Table(("run", "command", "started", "ended", "exit code"), rows, frozenset({4}))


def _run(row: RunLine) -> tuple[str, ...]:
    ended = visible(row["ended_at"]) if row["ended_at"] else "still open"
    code = "" if row["exit_code"] is None else str(row["exit_code"])
    return visible(row["id"]), visible(row["command"]), visible(row["started_at"]), ended, code
