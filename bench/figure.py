"""One measured figure, and what is said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Sense = Literal["at most", "at least"]


@dataclass(frozen=True, slots=True)
class Figure:
    """``values``: one a round; the median counts. goal: None = told, not judged. note: how it was measured."""

    measure: str
    name: str
    values: tuple[float, ...]
    goal: float | None = None
    sense: Sense = "at most"
    unit: str = "×"
    note: str = ""

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.sense == "at most" else self.value >= self.goal

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "missed"}[self.met]

    @property
    def aim(self) -> str:
        return "" if self.goal is None else f"{self.sense} {number(self.goal)} {self.unit}"

    def told(self) -> str:
        """One line for a terminal."""
        spread = f" ({number(min(self.values))} to {number(max(self.values))})" if len(self.values) > 1 else ""
        judged = f"; {self.aim}: {self.verdict}" if self.goal is not None else ""
        return f"{self.measure}: {self.name}: {number(self.value)} {self.unit}{spread}{judged}"


def number(value: float) -> str:
    """Three significant digits, or all those before the point."""
    if value and abs(value) < 0.001:
        return f"{value:.2e}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def ratios(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """Per-round ratios: what ran side by side is compared, nothing else."""
    return tuple(one / other for one, other in zip(over, under, strict=True))
