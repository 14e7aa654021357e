"""What one run of the kit is asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """scale: share of the full numbers; folder: for everything that is built, gone when the run has ended.

    lanes: cases at once; most of a case's time is spent waiting for the pauses between repetitions. commit: what is
    measured.
    """

    scale: float
    seed: int
    folder: Path
    lanes: int = 3
    commit: str = "unknown"

    def of(self, count: int) -> int:
        """So many of the full number, one at least."""
        return max(1, round(count * self.scale))
