"""A document laid out: blocks that every format can paint. Text in blocks is already ``visible``, never escaped."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Tone = Literal["", "good", "warn", "danger", "quiet"]


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of one line."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """``numbers``: columns that are aligned to the right. ``tones``: one a row, or none."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    numbers: frozenset[int] = frozenset()
    tones: Sequence[Tone] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """A line with details that a reader may open; ``lines`` are preformatted, ``+``, ``-`` and space as in a diff."""

    text: str
    lines: Sequence[str]
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Command:
    """What to type next, in full."""

    text: str
    note: str = ""


Block = Heading | Line | Table | Fold | Command


@dataclass(frozen=True, slots=True)
class Page:
    """``marker``: identifies a comment that is edited in place; Markdown only. ``title`` is the verdict."""

    title: str
    tone: Tone
    blocks: Sequence[Block] = field(default_factory=list)
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a document is told: samples a class, classes, rows that need attention, changes, notes."""

    samples: int = 3
    classes: int = 20
    notes: bool = True
    attention: int = 100
    changes: int = 1_000


FULL: Final = Detail()

LADDER: Final[tuple[Detail, ...]] = (
    FULL,
    Detail(samples=1, changes=200),
    Detail(samples=0, changes=50),
    Detail(samples=0, classes=10, changes=20),
    Detail(samples=0, classes=5, changes=20),
    Detail(samples=0, classes=5, changes=20, notes=False),
    Detail(samples=0, classes=0, changes=0, notes=False, attention=10),
)
"""From everything to the summary alone; a page that is too long is laid out again one rung further down."""
