"""A finding: something a reviewer must know about a record, with a stable code."""

from dataclasses import dataclass
from typing import Literal

from poolshift.identity.value import Path

Severity = Literal["error", "warn", "info"]
Family = Literal["local", "key", "count"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One occurrence. ``message`` never holds a value of tier pii or secret.

    ``partner`` is another address the finding is about (the other half of a collision).
    """

    code: str
    address: str
    path: Path | None = None
    message: str = ""
    partner: str | None = None
