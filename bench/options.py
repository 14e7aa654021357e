"""What one run of the benchmark is asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """people: of the large migration; folder: for everything that is built, gone when the run has ended."""

    people: int
    rounds: int
    folder: Path
    seconds: float = 60.0

    @property
    def fewer(self) -> int:
        """People of the migration that memory is compared with: three tenths, in steps the population is made of."""
        return max(2000, self.people * 3 // 10 // 2000 * 2000)
