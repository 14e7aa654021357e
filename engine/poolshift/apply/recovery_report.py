"""What taking over came to: counts, and what only a person can settle."""

from dataclasses import dataclass

from poolshift.diagnostics import Diagnostic
from poolshift.errors import NeedsPerson
from poolshift.state.store import Window

AMBIGUOUS = "RECOVERY_AMBIGUOUS"
UNSURE = "RECOVERY_UNSURE"
BY_HAND = "JOB_WAITS_FOR_PERSON"
PARTLY = "RECOVERED_PARTLY"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """What only a person can settle: a row of a window, or a job of its ("" = the job's rows) that waits for one."""

    window: Window
    code: str
    address: str
    candidates: tuple[str, ...] = ()
    job: str = ""
    instructions: str = ""

    @property
    def diagnostic(self) -> Diagnostic:
        number = self.window.number
        if self.code == BY_HAND:
            return Diagnostic(
                BY_HAND, f"job {self.job} of window {number} waits for a person", remedy=self.instructions
            )
        if self.code == UNSURE:
            return Diagnostic(
                UNSURE,
                f"{self.address}: the destination cannot tell whether the create of window {number} landed",
                remedy="Wait until the destination answers surely, then run recover again.",
            )
        ids = ", ".join(self.candidates)
        return Diagnostic(
            AMBIGUOUS,
            f"{self.address}: the create of window {number} may have made {ids}; none is provably ours",
            remedy="Look at these records at the destination, remove what should not be there, then run recover again.",
        )


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """Changes of open windows, by what became of them. ``messages``: addresses whose message was or was not sent.

    unsettled: what a person has to look at; its windows stay open.
    """

    windows: int = 0
    done: int = 0
    not_done: int = 0
    partly: int = 0
    failed: int = 0
    messages: tuple[str, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()


def needs_person(report: RecoveryReport) -> NeedsPerson | None:
    """The error that ends a command which cannot go on before a person has looked."""
    return NeedsPerson([own.diagnostic for own in report.unsettled]) if report.unsettled else None
