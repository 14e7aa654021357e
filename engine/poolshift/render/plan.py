"""A plan laid out: the verdict first, then what needs a person, counts, classes, notes, and the next command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from poolshift.render import attention, next_step
from poolshift.render.change_class import described, told_first
from poolshift.render.next_step import NOWHERE, Kept
from poolshift.render.page import Block, Detail, Fold, Heading, Line, Page, Table, Tone
from poolshift.render.rules import meaning
from poolshift.render.wording import ACTION_ORDER, counted, duration, glyph, kinds, left_out, number, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import ChangeRow, PlanDocument

_ALWAYS_TOLD: Final = frozenset({"disable", "delete"})
_NOT_TOLD: Final = frozenset({"noop"})


def plan_page(document: PlanDocument, detail: Detail, kept: Kept = NOWHERE) -> Page:
    """Lay out a plan. ``kept``: where plan and spec lie, for the next command."""
    return Page(
        _title(document),
        _tone(document),
        list(_blocks(document, detail, kept)),
        marker=f"poolshift:plan migration={document['plan']['migration']} digest={document['plan']['digest']} v1",
    )


def sums(document: PlanDocument) -> str:
    """``Plan 7f3a9c: 41,203 create · 0 disable · 0 delete   (~2h10m, 0 messages)``."""
    counts: dict[str, int] = {}
    for row in document["summary"]:
        counts[row["action"]] = counts.get(row["action"], 0) + row["count"]
    told = [
        f"{number(counts.get(action, 0))} {action}"
        for action in ACTION_ORDER
        if action not in _NOT_TOLD and (counts.get(action) or action in _ALWAYS_TOLD)
    ]
    estimate = document["estimate"]
    cost = f"~{duration(estimate['seconds'])}, {counted(estimate['messages'], 'message')}"
    return f"Plan {document['plan']['id'][:6]}: {' · '.join(told)}   ({cost})"


def _title(document: PlanDocument) -> str:
    verdict = document["verdict"]
    still_open = [
        counted(count, word)
        for word, count in (("conflict", verdict["conflicts"]), ("hold", verdict["holds"]))
        if count
    ]
    if not verdict["changes"]:
        return "No changes." + (f" {' and '.join(still_open)} open." if still_open else "")
    counts = ", ".join([counted(verdict["changes"], "change"), *still_open])
    return f"Plan for {visible(document['plan']['migration'])}: {counts}"


def _tone(document: PlanDocument) -> Tone:
    if attention.is_dangerous(document):
        return "danger"
    return "warn" if document["verdict"]["conflicts"] or document["verdict"]["changes"] else "good"


def _blocks(document: PlanDocument, detail: Detail, kept: Kept) -> Iterator[Block]:
    yield Line(sums(document))
    yield Line(_context(document, kept), "quiet")
    yield from _status(document)
    yield from attention.blocks(document, detail)
    yield from _summary(document)
    yield from _classes(document, detail)
    yield from _changes(document, detail)
    if detail.notes:
        yield from attention.notes(document)
        yield from _estimate(document)
    yield from next_step.blocks(document, kept)


def _context(document: PlanDocument, kept: Kept) -> str:
    plan = document["plan"]
    parts = [f"phase {visible(plan['phase'])}"] if plan["phase"] else []
    parts.append(f"plan {plan['id']}")
    parts.append(f"spec {visible(kept.spec or document['spec']['file'])} ({document['spec']['digest'][:7]})")
    for word, end in (("source", document["source"]), ("destination", document["destination"])):
        users = end["read"].get("user")
        read = f" {counted(users['count'], 'user')} ({users['end']})" if users else ""
        parts.append(f"{word} {visible(end['provider'])}{read}")
    parts.append(f"valid until {plan['expires_at']}")
    return " · ".join(parts)


def _status(document: PlanDocument) -> Iterator[Block]:
    if document["plan"]["status"] == "closed":
        yield Line("This plan has been applied or given up; plan again to go on.", "warn")
    if document["plan"]["status"] == "open":
        yield Line("This plan has been begun and is not finished; apply continues it.", "warn")


def _summary(document: PlanDocument) -> Iterator[Block]:
    counts: dict[tuple[str, str], int] = {(row["kind"], row["action"]): row["count"] for row in document["summary"]}
    if not counts:
        return
    actions = [action for action in ACTION_ORDER if any(key[1] == action for key in counts)]
    order = dict.fromkeys(row["kind"] for row in document["summary"])
    rows = [
        (kinds(kind), *(number(counts[kind, action]) if (kind, action) in counts else "" for action in actions))
        for kind in order
    ]
    yield Heading("Summary")
    head = ("kind", *(f"{glyph(action)} {action}".strip() for action in actions))
    yield Table(head, rows, frozenset(range(1, len(head))))


def _classes(document: PlanDocument, detail: Detail) -> Iterator[Block]:
    classes = sorted((row for row in document["classes"] if row["action"] != "conflict"), key=told_first)
    if not classes:
        return
    yield Heading("Change classes")
    for row in classes[: detail.classes]:
        yield described(row, detail)
    if (left := len(classes) - detail.classes) > 0:
        yield Line(left_out(left, "class", "classes"), "quiet")


def _changes(document: PlanDocument, detail: Detail) -> Iterator[Block]:
    if "changes" not in document:
        return
    yield Heading("Changes")
    for row in document["changes"][: detail.changes]:
        yield Fold(f"{glyph(row['action'])} {row['action']} {place(row['address'])}", list(_reasons(row)))
    if (left := len(document["changes"]) - detail.changes) > 0:
        yield Line(left_out(left, "change"), "quiet")


def _reasons(row: ChangeRow) -> Iterator[str]:
    if row["destination_id"]:
        yield f"  destination id {visible(row['destination_id'])}"
    code = f" ({visible(row['code'])})" if row.get("code") else ""
    yield f"  {row['rule']}: {meaning(row['rule'])}".rstrip(": ") + code
    if row.get("partner"):
        yield f"  the other one is {place(row['partner'])}"
    for candidate in row.get("candidates", ()):
        yield f"  candidate: destination id {visible(candidate)}"
    for field in row["fields"]:
        yield f"  {visible(field['path'])}: {field['rule']} ({field['mode']}) {meaning(field['rule'])}".rstrip()


def _estimate(document: PlanDocument) -> Iterator[Block]:
    counts = document["counts"]
    yield Heading("Counts and cost")
    yield Line(
        f"Source: {counted(counts['source'], 'record')} = {number(counts['repeated'])} repeated"
        f" + {number(counts['unselected'])} unselected + {number(counts['unmappable'])} unmappable"
        f" + {number(counts['verdicts'])} decided."
    )
    estimate = document["estimate"]
    calls = " · ".join(f"{visible(quota)} {number(count)}" for quota, count in sorted(estimate["calls"].items()))
    billed = " · ".join(f"{number(count)} {visible(unit)}" for unit, count in sorted(estimate["billed"].items()))
    yield Line(f"Calls: {calls or 'none'}. Billed: {billed or 'nothing'}.")
