"""What an apply did, laid out: the verdict, the failures, the counts, what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from poolshift.render.page import Block, Detail, Heading, Line, Page, Table, Tone
from poolshift.render.wording import counted, duration, glyph, kinds, left_out, listed, number, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import FailedRow, FailureRow, ReportDocument

_FAILURES_A_SAMPLE: Final = 30
_DONE: Final = frozenset({"done", "already"})
_REFUSED: Final = frozenset({"failed", "not_done", "not_yet", "conflict"})


def report_page(document: ReportDocument, detail: Detail) -> Page:
    done = _counted(document, _DONE)
    parts = [
        f"{counted(done, 'change')} done",
        *(f"{number(count)} {word}" for count, word in _open_ends(document) if count),
    ]
    if "exit_code" not in document:
        return Page(
            "This run has not ended; the next apply settles what it left open.", "warn", list(_blocks(document, detail))
        )
    complete = len(parts) == 1
    tone: Tone = "good" if complete else "danger" if document.get("failures") else "warn"
    title = ("Applied: " if complete else "Applied in part: ") + ", ".join(parts) + "."
    return Page(title, tone, list(_blocks(document, detail)))


def _counted(document: ReportDocument, results: frozenset[str]) -> int:
    return sum(row["count"] for row in document.get("counts", []) if row["result"] in results)


def _open_ends(document: ReportDocument) -> list[tuple[int, str]]:
    """What keeps a run from being complete."""
    left = document.get("left", {"conflicts": 0, "holds": 0})
    return [
        (_counted(document, _REFUSED), "not done"),
        (document.get("left_open", _counted(document, frozenset({"unknown"}))), "without an answer yet"),
        (document.get("stale", 0), "stale"),
        (document.get("waits", 0), "waiting for the next plan"),
        (left["conflicts"], "left in conflict"),
        (left["holds"], "held back"),
    ]


def _blocks(document: ReportDocument, detail: Detail) -> Iterator[Block]:
    plan = f" · plan {visible(document['plan'])}" if "plan" in document else ""
    took = f" · {duration(document['seconds'])}" if "seconds" in document else ""
    yield Line(f"run {visible(document['run'])}{plan}{took}", "quiet")
    for stop in document.get("stopped_by", []):
        yield Line(f"Stopped by {visible(stop['code'])}: {visible(stop['summary'])}", "danger")
    if failures := document.get("failures"):
        yield Heading("Failures")
        rows = [_failure(row) for row in sorted(failures, key=lambda row: -row["count"])]
        yield Table(("code", "kind", "count", "for example"), rows, frozenset({2}), ["danger"] * len(rows))
    if failed := document.get("failed"):
        yield Heading("Not done")
        yield from _failed(failed, _FAILURES_A_SAMPLE * max(detail.samples, 1))
    if document.get("counts"):
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
    if document.get("stale") or document.get("waits"):
        yield Line("Stale and waiting records are decided anew by the next plan.")


def _failure(row: FailureRow) -> tuple[str, str, str, str]:
    return visible(row["code"]), kinds(row["kind"]), number(row["count"]), listed(map(place, row["samples"]))


def _failed(failed: list[FailedRow], most: int) -> Iterator[Block]:
    rows = [(place(row["address"]), visible(row["code"]), visible(row["message"])) for row in failed[:most]]
    yield Table(("address", "code", "message"), rows)
    if (left := len(failed) - most) > 0:
        yield Line(left_out(left, "address", "addresses"), "quiet")
