"""Diagnostics: what happened, where, why, what to do next; always with a stable code."""

from typing import Literal, NamedTuple


class Place(NamedTuple):
    """A position in a file; line and column count from 1, 0 = the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


class Diagnostic(NamedTuple):
    """One thing to tell the user.

    ``summary`` is short and holds no personal data; ``remedy`` is the next step, an imperative sentence.
    """

    code: str
    summary: str
    place: Place | None = None
    remedy: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        remedy = f"\n    {self.remedy}" if self.remedy else ""
        return f"{where}{self.severity} {self.code}: {self.summary}{remedy}"
