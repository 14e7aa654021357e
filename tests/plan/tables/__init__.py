"""The truth tables, as data, and what their words mean."""

from pathlib import Path
from typing import Any

import yaml

from poolshift.plan.fields import CLEARED_FP
from poolshift.state.base import ABSENT_FP, Pair

_FOLDER = Path(__file__).parent


def table(name: str, part: str = "rows") -> list[dict[str, Any]]:
    content = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    rows: list[dict[str, Any]] = content[part]
    return rows


def fingerprint(word: str | None) -> bytes:
    """``-`` absent, null explicitly empty, a letter: a value."""
    if word is None:
        return CLEARED_FP
    return ABSENT_FP if word == "-" else word.encode() * 8


def pair(word: Any) -> Pair:
    """One word for both halves, or a list of two."""
    halves = word if isinstance(word, list) else [word, word]
    return fingerprint(halves[0]), fingerprint(halves[1])
