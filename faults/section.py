"""What one group measured: a table, what is said about it, and whether it is as it must be."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """troubles: sentences, for the terminal; each makes the run fail. notes: Markdown below the table."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    troubles: Sequence[str] = ()
