"""Everything wrong with a spec, collected so that it is reported at once."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import InputError


class Problems:
    """Errors, warnings, and keys whose execution comes later. Each list is free of repetitions."""

    def __init__(self) -> None:
        self._errors: dict[Diagnostic, None] = {}
        self._warnings: dict[Diagnostic, None] = {}
        self._not_yet: dict[Diagnostic, None] = {}

    def error(self, code: str, summary: str, place: Place, remedy: str = "") -> None:
        self._errors.setdefault(Diagnostic(code, summary, place, remedy))

    def warn(self, code: str, summary: str, place: Place, remedy: str = "") -> None:
        self._warnings.setdefault(Diagnostic(code, summary, place, remedy, "warning"))

    def not_yet(self, what: str, place: Place, remedy: str = "") -> None:
        """A key that is valid and cannot be carried out by this version."""
        advice = remedy or "Leave it out to plan and apply with this version."
        summary = f"{what} is understood but cannot be carried out yet"
        self._not_yet.setdefault(Diagnostic("SPEC_NOT_YET", summary, place, advice, "warning"))

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return _in_order(self._warnings)

    @property
    def later(self) -> tuple[Diagnostic, ...]:
        return _in_order(self._not_yet)

    def raise_errors(self) -> None:
        """Raises InputError with every error, in the order of the file; returns when there is none."""
        if self._errors:
            raise InputError(_in_order(self._errors))


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    def position(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
        place = diagnostic.place or Place("")
        return place.file, place.line, place.column, diagnostic.code

    return tuple(sorted(diagnostics, key=position))


Grammar = Literal["one of", "known"]


def did_you_mean(word: str, known: Iterable[str], grammar: Grammar = "known") -> str:
    """A remedy that names the nearest known word, else all of them while they are few."""
    words = sorted(set(known))
    if near := get_close_matches(word, words, n=1, cutoff=0.6):
        return f'Did you mean "{near[0]}"?'
    if not words:
        return ""
    if len(words) <= 16 or grammar == "one of":
        return f"Use one of: {', '.join(words)}."
    return f"{len(words)} are known, e.g. {', '.join(words[:8])}."
