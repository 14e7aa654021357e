"""What a reviewer must see first: limits to accept, stopping findings, incomplete reads, conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from poolshift.render.change_class import fields_of
from poolshift.render.page import Block, Detail, Heading, Line, Table, Tone
from poolshift.render.rules import meaning
from poolshift.render.wording import code, counted, kinds, listed, number, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import ChangeClass, ClassSample, FindingRow, LimitRow, PlanDocument


def is_dangerous(document: PlanDocument) -> bool:
    return any(row["dangers"] for row in document["classes"]) or any(map(needs_accept, document["limits"]))


def needs_accept(row: LimitRow) -> bool:
    return row["verdict"] == "needs_accept"


def accept(row: LimitRow) -> str:
    """The exact words that lift a limit: ``--accept disable=12``."""
    return f"--accept {row['name']}={row['planned']}"


def blocks(document: PlanDocument, detail: Detail) -> Iterator[Block]:
    told = [
        *_limits([row for row in document["limits"] if needs_accept(row)]),
        *_incomplete(document),
        *_findings([row for row in document["findings"] if row["severity"] == "error"], "danger"),
        *_conflicts([row for row in document["classes"] if row["action"] == "conflict"], detail),
    ]
    if told:
        yield Heading("Needs attention")
        yield from told


def notes(document: PlanDocument) -> Iterator[Block]:
    """Findings that stop nothing, and limits that are kept."""
    if rows := [row for row in document["findings"] if row["severity"] != "error"]:
        yield Heading("Findings")
        yield from _findings(rows, "warn")
    if kept := [row for row in document["limits"] if not needs_accept(row) and (row["planned"] or row["accepted"])]:
        yield Heading("Limits kept")
        yield from _limits(kept)


def _limits(rows: list[LimitRow]) -> Iterator[Block]:
    if not rows:
        return
    rows = sorted(rows, key=lambda row: (-row["planned"], row["name"]))
    lines = [(visible(row["name"]), number(row["planned"]), visible(row["limit"]), _limit_verdict(row)) for row in rows]
    tones: list[Tone] = ["danger" if needs_accept(row) else "" for row in rows]
    yield Table(("limit", "planned", "allowed", "verdict"), lines, frozenset({1, 2}), tones)


def _limit_verdict(row: LimitRow) -> str:
    if needs_accept(row):
        return f"needs {code(accept(row))}"
    return "ok" if row["accepted"] is None else f"ok, {number(row['accepted'])} accepted"


def _incomplete(document: PlanDocument) -> Iterator[Block]:
    for row in document["incomplete"]:
        withheld = f" Withheld: {visible(row['withheld'])}." if row["withheld"] else ""
        yield Line(
            f"{kinds(visible(row['kind'])).capitalize()} were not read whole: {visible(row['reason'])}.{withheld}",
            "warn",
        )


def _findings(rows: list[FindingRow], tone: Tone) -> Iterator[Block]:
    if not rows:
        return
    lines = [
        (visible(row["code"]), number(row["count"]), _what_to_do(row), listed(map(place, row["samples"][:3])))
        for row in sorted(rows, key=lambda row: (-row["count"], row["code"]))
    ]
    yield Table(("finding", "count", "what to do", "for example"), lines, frozenset({1}), [tone] * len(lines))


def _conflicts(rows: list[ChangeClass], detail: Detail) -> Iterator[Block]:
    if not rows:
        return
    rows = sorted(rows, key=lambda row: (-row["count"], row["id"]))
    lines = [_conflict(row, detail) for row in rows[: detail.attention]]
    yield Table(("conflict", "count", "why", "for example"), lines, frozenset({1}), ["warn"] * len(lines))
    if (left := len(rows) - detail.attention) > 0:
        count = sum(row["count"] for row in rows[detail.attention :])
        yield Line(f"… and {counted(left, 'more class', 'more classes')} of conflicts, {number(count)} in all.", "warn")


def _conflict(row: ChangeClass, detail: Detail) -> tuple[str, str, str, str]:
    what = f"{row['kind']} {fields_of(row)}".strip()
    why = " ".join(f"{rule}: {meaning(rule)}".rstrip(": ") for rule in map(visible, row["rules"]))
    samples = "; ".join(map(_shown, row["samples"][: detail.samples]))
    return what, number(row["count"]), why, samples


def _shown(sample: ClassSample) -> str:
    """``user["S"]: destination's → source's``, masked."""
    values = ", ".join(f"{visible(shown['from'])} → {visible(shown['to'])}" for shown in sample["fields"].values())
    return f"{place(sample['address'])}: {values}" if values else place(sample["address"])


def _what_to_do(row: FindingRow) -> str:
    """What the finding says, then its remedy."""
    title = visible(row.get("title", "")).rstrip(".")
    return f"{title}. {visible(row['remedy'])}" if title else visible(row["remedy"])
