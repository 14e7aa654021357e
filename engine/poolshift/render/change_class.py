"""One change class: its order among the others, its line, its masked samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from poolshift.render.page import Detail, Fold, Tone
from poolshift.render.rules import meaning
from poolshift.render.wording import counted, glyph, kinds, listed, place, visible

if TYPE_CHECKING:
    from poolshift.render.documents import ChangeClass, ClassSample

_DESTROYS: Final = frozenset({"delete", "disable", "remove"})
_UNDONE: Final = {"yes": "", "manual": "; undone by hand only", "no": "; cannot be undone", "nothing is written": ""}
_FIELDS_TOLD: Final = 8


def told_first(row: ChangeClass) -> tuple[bool, bool, int, str]:
    """Sort key: danger, then what takes something away, then the larger class."""
    return not row["dangers"], row["action"] not in _DESTROYS, -row["count"], row["id"]


def tone(row: ChangeClass) -> Tone:
    if row["dangers"] or row["action"] in _DESTROYS:
        return "danger"
    return "warn" if row["action"] in {"hold", "conflict"} else ""


def fields_of(row: ChangeClass) -> str:
    """``email, locale and 3 more``; empty when the class is about whole records."""
    told = [visible(path) for path in row["fields"][:_FIELDS_TOLD]]
    left = len(row["fields"]) - len(told)
    return listed(told) + (f" and {left} more" if left else "")


def described(row: ChangeClass, detail: Detail) -> Fold:
    what = f"{glyph(row['action'])} {row['action']} {counted(row['count'], kinds(row['kind'])[:-1])}".strip()
    parts = [what + (f": {fields_of(row)}" if row["fields"] else "")]
    if row["dangers"]:
        parts.append(f"danger: {listed(sorted(row['dangers']))}")
    parts.append(f"class {row['id']}")
    return Fold(" · ".join(parts), list(_lines(row, detail)), tone(row))


def _lines(row: ChangeClass, detail: Detail) -> Iterator[str]:
    for rule in row["rules"]:
        yield f"  {visible(rule)}: {meaning(rule)}".rstrip(": ")
    if row["routes"]:
        yield f"  written by {listed(_routes(row))}{_UNDONE[row['reversible']]}"
    for path, value in row.get("forces", {}).items():
        yield f"  the route makes it so, whatever is desired: {visible(path)} = {visible(value)}"
    if first := row.get("read_back"):
        yield f"  the provider only assumes that this works; read back before the rest is sent: {first}"
    for sample in row["samples"][: detail.samples]:
        yield from _sample(sample)


def _routes(row: ChangeClass) -> Iterator[str]:
    counts = row.get("by_route", {})
    for name in row["routes"]:
        yield f"{visible(name)} ({counts[name]:,})" if name in counts else visible(name)


def _sample(sample: ClassSample) -> Iterator[str]:
    yield f"  {place(sample['address'])}"
    for path, shown in sample["fields"].items():
        if shown["from"] is not None:
            yield f"-   {visible(path)}: {visible(shown['from'])}"
        if shown["to"] is not None:
            yield f"+   {visible(path)}: {visible(shown['to'])}"
