"""The registry of strictnesses: strictness.yaml, read and judged."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

FILE: Final = Path(__file__).with_name("strictness.yaml")
ACCEPTS: Final = "accepts"

Call = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Shows:
    """What a call afterwards shows: the JMESPath query of its answer, for the layer and for moto."""

    call: Call
    query: str
    layer: Any
    moto: Any


@dataclass(frozen=True)
class Strictness:
    """One rule. See the head of strictness.yaml."""

    name: str
    rule: str
    source: str
    proof: str = ""
    pool: dict[str, Any] = field(default_factory=dict)
    before: tuple[Call, ...] = ()
    call: Call = field(default_factory=dict)
    layer: str = ACCEPTS
    moto: str = ACCEPTS
    shows: Shows | None = None

    @property
    def test(self) -> str:
        """The test that proves it, as pytest names it."""
        return self.proof or f"tests/servers/test_strictness.py::test_strictness[{self.name}]"


def strictnesses() -> list[Strictness]:
    """All of them, in the file's order. Raises TypeError for a key that means nothing."""
    entries = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [_strictness(entry) for entry in entries]


def _strictness(entry: dict[str, Any]) -> Strictness:
    shows = entry.pop("shows", None)
    before = tuple(entry.pop("before", ()))
    return Strictness(**entry, before=before, shows=Shows(**shows) if shows else None)
