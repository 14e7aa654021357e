"""A migration from `validate` to the last look at its state, through a death, refusals and a crash: every command."""

from dataclasses import dataclass
from signal import SIGKILL
from typing import Final

from poolshift.testing.faults import Fault, FaultServer
from tests.end_to_end.bent import bent
from tests.end_to_end.canaries import address, source_id
from tests.end_to_end.haul import Haul
from tests.end_to_end.migration import SPEC_FILE, accepts

FORMS: Final = ("text", "json", "markdown")
PLAN: Final = "json.plan"
_LINKED: Final = f'user["{source_id(2)}"]'
_LOOKS: Final = (
    ("verify", (2,)),
    ("drift", (0,)),
    ("status", (0,)),
    ("report", (0,)),
    ("export-ids", (0,)),
    ("state list", (0,)),
    ("state verify", (0,)),
    ("lock status", (0,)),
)
"""What tells of a migration, and with which code it ends where people differ."""


@dataclass
class Story:
    """faults: what stands before the destination. accept: words for an apply of the plan."""

    haul: Haul
    faults: FaultServer
    accept: tuple[str, ...] = ()

    def plan(self) -> None:
        """Checked and planned, in every form; PLAN is left."""
        run = self.haul.run
        for form in ("text", "json"):
            run("validate", SPEC_FILE, "--format", form)
        run("doctor", SPEC_FILE, "--format", "markdown")
        for form in FORMS:
            planned = run("plan", SPEC_FILE, "--out", f"{form}.plan", "--format", form)
            if form == "json":
                self.accept = tuple(accepts(planned.document))
        self._show(PLAN)

    def exceed(self) -> None:
        """An apply that nobody allowed what it wants."""
        assert self.accept
        refused = self.haul.run("apply", PLAN, codes=(6,))
        assert refused.codes()

    def lose_contact(self) -> None:
        """A plan whose destination breaks every connection over which it is asked for records."""
        self.faults.fail(Fault("reset_before", at="page", times=0))
        lost = self.haul.run_apart("plan", SPEC_FILE, codes=(10,), **bent("impatient"))
        self.faults.spare()
        assert "the connection broke" in lost.err

    def die(self, fault: Fault) -> None:
        """Killed at that request: what is searched then is what a death leaves."""
        self.faults.fail(fault)
        self.haul.run("apply", PLAN, *self.accept, codes=(-SIGKILL,), started=self.faults.aim)
        self.faults.spare()
        assert self.haul.work() > 100_000
        self.haul.run("status", SPEC_FILE)

    def recover(self) -> None:
        """What the death left open is settled, and told."""
        self.haul.run("recover", SPEC_FILE, "--format", "markdown")
        self._report()

    def be_refused(self, *, code: int = 5) -> None:
        """An apply whose destination refuses some people, or answers no more."""
        self.haul.run_apart("apply", PLAN, *self.accept, codes=(code,), **bent("impatient"))
        self._report()

    def told(self, words: str) -> bool:
        """Whether anything that was printed so far says so."""
        return any(words.encode() in one for one in self.haul.told)

    def finish(self) -> None:
        """Planned anew and applied, until nothing is left but what a person decides."""
        planned = self.haul.run("plan", SPEC_FILE, "--out", "last.plan", "--format", "json")
        self.haul.run("apply", "last.plan", *accepts(planned.document), "--format", "json", codes=(4,))
        (self.haul.migration.folder / "last.plan").unlink()

    def look(self) -> None:
        """At what is there, with canaries that differ at both ends."""
        run = self.haul.run
        for number, (command, codes) in enumerate(_LOOKS):
            form = ("--format", "json") if number % 2 else ()
            run(*command.split(), SPEC_FILE, *form, codes=codes)
        run("state", "show", SPEC_FILE, _LINKED)
        run("state", "export", SPEC_FILE, "state.sealed")
        run("explain", SPEC_FILE, address(2), "--format", "markdown")
        moved = run("plan", SPEC_FILE, "--out", "moved.plan", "--format", "markdown")
        assert "F11" in moved.out
        assert "F12" in moved.out
        self._show("moved.plan")

    def crash(self) -> None:
        """An apply that meets a defect: a traceback, and nothing of what it was about."""
        crashed = self.haul.run_apart("apply", "moved.plan", codes=(1,), **bent("crashing"))
        assert "this is a bug of ours (LookupError)" in crashed.err
        assert "poolshift.apply.run:" in crashed.err

    def _report(self) -> None:
        for form in FORMS:
            self.haul.run("report", SPEC_FILE, "--format", form)

    def _show(self, plan: str) -> None:
        for form in FORMS:
            self.haul.run("show", plan, "--format", form)
        classes = self.haul.run("show", plan, "--format", "json").document["classes"]
        for own in classes:
            self.haul.run("show", plan, "--class", own["id"], "--format", "json")
