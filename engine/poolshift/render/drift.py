"""What changed at the destination since the last apply, laid out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from poolshift.render.page import Block, Detail, Fold, Heading, Line, Page
from poolshift.render.wording import counted, kinds, left_out, listed, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import DriftClass, DriftDocument


def drift_page(document: DriftDocument, detail: Detail) -> Page:
    drifted = document["verdict"]["drifted"]
    if not drifted:
        return Page("No drift: the destination is as the last apply left it.", "good")
    return Page(f"{counted(drifted, 'record')} drifted since the last apply.", "warn", list(_blocks(document, detail)))


def _blocks(document: DriftDocument, detail: Detail) -> Iterator[Block]:
    classes = sorted(document["classes"], key=lambda row: (-row["count"], row["kind"], row["fields"]))
    yield Heading("Drift")
    yield from (_class(row, detail) for row in classes[: detail.classes])
    if (left := len(classes) - detail.classes) > 0:
        yield Line(left_out(left, "class", "classes"), "quiet")


def _class(row: DriftClass, detail: Detail) -> Fold:
    fields = listed(map(visible, row["fields"]))
    text = f"~ {counted(row['count'], kinds(visible(row['kind']))[:-1])}" + (f": {fields}" if fields else "")
    return Fold(text, [f"  {place(sample)}" for sample in row["samples"][: detail.samples]])
