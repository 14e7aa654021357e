"""What an apply did, laid out: the verdict, the failures, the counts, what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from poolshift.render.page import Block, Detail, Heading, Line, Page, Table, Tone
from poolshift.render.wording import counted, duration, glyph, kinds, left_out, number, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import ReportDocument

_FAILURES_A_SAMPLE: Final = 30


def report_page(document: ReportDocument, detail: Detail) -> Page:
    done = sum(row["count"] for row in document["counts"] if row["result"] in {"done", "already"})
    parts = [f"{counted(done, 'change')} done"]
    parts += [f"{number(count)} {word}" for count, word in _open_ends(document) if count]
    complete = len(parts) == 1
    tone: Tone = "good" if complete else "danger" if document["failures"] else "warn"
    title = ("Applied: " if complete else "Applied in part: ") + ", ".join(parts) + "."
    return Page(title, tone, list(_blocks(document, detail)))


def _open_ends(document: ReportDocument) -> list[tuple[int, str]]:
    """What keeps a run from being complete; a row that is not done, already or stale has failed."""
    not_done = sum(row["count"] for row in document["counts"] if row["result"] not in {"done", "already", "stale"})
    return [
        (not_done, "not done"),
        (document["stale"], "stale"),
        (document["waits"], "waiting for the next plan"),
        (document["left"]["conflicts"], "conflicts left"),
        (document["left"]["holds"], "holds left"),
    ]


def _blocks(document: ReportDocument, detail: Detail) -> Iterator[Block]:
    yield Line(
        f"run {visible(document['run'])} · plan {visible(document['plan'])} · {duration(document['seconds'])}", "quiet"
    )
    if document["failures"]:
        yield Heading("Failures")
        yield from _failures(document, _FAILURES_A_SAMPLE * max(detail.samples, 1))
    if document["counts"]:
        yield Heading("Counts")
        rows = [
            (
                kinds(visible(row["kind"])),
                f"{glyph(row['action'])} {visible(row['action'])}",
                row["result"],
                number(row["count"]),
            )
            for row in document["counts"]
        ]
        yield Table(("kind", "action", "result", "count"), rows, frozenset({3}))
    if document["stale"] or document["waits"]:
        yield Line("Stale and waiting records are decided anew by the next plan.")


def _failures(document: ReportDocument, most: int) -> Iterator[Block]:
    failures = document["failures"]
    rows = [(place(row["address"]), visible(row["code"]), visible(row["message"])) for row in failures[:most]]
    yield Table(("address", "code", "message"), rows, tones=["danger"] * len(rows))
    if (left := len(failures) - most) > 0:
        yield Line(left_out(left, "failure"), "quiet")
