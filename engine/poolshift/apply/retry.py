"""How long to wait and how often: bounds of every repetition."""

from dataclasses import dataclass
from random import Random

from poolshift.provider.operation import Code, Failure

REPEATED = frozenset({Code.BUSY, Code.DOWN})
"""A refused call that is sent again, after a pause of its own."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds, in seconds and attempts.

    attempts: sends of one row, the first included; the bound of lost answers too.
    pauses: how often in a row a spent quota may stop everything before the run gives up; each lasts ``spent``
        seconds where the vendor names no time. late: what an answer that was lost may still take to be carried out.
    """

    attempts: int = 8
    first: float = 0.5
    longest: float = 60.0
    spent: float = 60.0
    pauses: int = 30
    late: float = 1.0

    def delay(self, failure: Failure | None, attempt: int, random: Random) -> float:
        """Seconds before attempt ``attempt + 1``: what the vendor asked for, else doubling with full jitter."""
        if failure is not None and failure.retry_after is not None:
            return max(failure.retry_after, 0.0)
        ceiling = min(self.first * 2.0 ** (attempt - 1), self.longest)
        return ceiling * (0.5 + random.random() / 2)
