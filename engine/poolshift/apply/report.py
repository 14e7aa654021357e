"""What an apply did: counts, codes, the exit code. Holds no values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from poolshift.diagnostics import Diagnostic
from poolshift.plan.change import Change
from poolshift.state.store import Result

SAMPLES = 3

Line = tuple[str, str, str]
"""kind, action, result"""


@dataclass(frozen=True, slots=True)
class Progress:
    """Changes that ended so far, of how many; some of the total may turn out stale or waiting."""

    ended: int
    failed: int
    total: int
    seconds: float


@dataclass(slots=True)
class FailureCount:
    """Failures of one code and kind; ``samples``: the first addresses."""

    count: int = 0
    samples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Counts while the run goes on; its size does not grow with the number of people."""

    lines: dict[Line, int] = field(default_factory=dict)
    failures: dict[tuple[str, str], FailureCount] = field(default_factory=dict)
    stale: int = 0
    waits: int = 0
    conflicts: int = 0
    holds: int = 0
    recorded: int = 0
    person: int = 0

    def add(self, change: Change, result: Result, code: str = "") -> None:
        line = (change.kind, change.action, result)
        self.lines[line] = self.lines.get(line, 0) + 1
        if result not in ("done", "already", "not_yet"):
            failure = self.failures.setdefault((code, change.kind), FailureCount())
            failure.count += 1
            if len(failure.samples) < SAMPLES:
                failure.samples.append(change.address)

    def ended(self, *results: Result) -> int:
        return sum(count for (_, _, result), count in self.lines.items() if not results or result in results)


@dataclass(frozen=True, slots=True)
class Report:
    """counts: (kind, action, result) -> number. failures: (code, kind) -> count and first addresses.

    left_open: changes whose outcome is not known yet; waits: changes that are not in the approved plan;
    stopped_by: why the run ended early; exit_code: the contract of the command.
    """

    run: str
    plan_id: str
    counts: Mapping[Line, int]
    failures: Mapping[tuple[str, str], FailureCount]
    stale: int
    waits: int
    conflicts: int
    holds: int
    recorded: int
    left_open: int
    seconds: float
    exit_code: int
    closed: bool
    stopped_by: tuple[Diagnostic, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON, for the state's run row and `report`."""
        return {
            "run": self.run,
            "plan": self.plan_id,
            "counts": [
                {"kind": kind, "action": action, "result": result, "count": count}
                for (kind, action, result), count in sorted(self.counts.items())
            ],
            "failures": [
                {"code": code, "kind": kind, "count": failure.count, "samples": failure.samples}
                for (code, kind), failure in sorted(self.failures.items())
            ],
            "stale": self.stale,
            "waits": self.waits,
            "left": {"conflicts": self.conflicts, "holds": self.holds},
            "recorded": self.recorded,
            "left_open": self.left_open,
            "seconds": round(self.seconds, 3),
            "exit_code": self.exit_code,
            "closed": self.closed,
            "stopped_by": [{"code": reason.code, "summary": reason.summary} for reason in self.stopped_by],
        }


def exit_code(tally: Tally, *, interrupted: bool, halted: int | None, left_open: int) -> int:
    """The first that applies: 1, 13, the code of what stopped the run, 12, 5, 4, 0."""
    if halted == 1:
        return 1
    if interrupted:
        return 13
    if halted is not None:
        return halted
    if tally.person:
        return 12
    # What cannot be done yet is planned again, quietly.
    failed = tally.ended("failed", "not_done", "unknown", "stale")
    if failed or tally.stale or left_open:
        return 5
    return 4 if tally.conflicts or tally.holds else 0
