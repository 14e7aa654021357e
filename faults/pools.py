"""A migration into a pool through fault servers, planned once; each case begins with a copy of it."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.end_to_end.migration import SPEC_FILE, accepts
from tests.population.export import write_groups, write_pages
from tests.population.people import Person, people

from faults.ends import SERVERS, Origin, People
from faults.going_on import DONE, going_on
from faults.runs import Nursery, Ran
from faults.states import InFile, State
from poolshift.testing.faults import FaultServer, Nature

PEOPLE: Final = 50
PAGE: Final = 8
"""Records a page: fifty people make seven pages."""

PLAN: Final = "first.plan"


@dataclass(frozen=True)
class Clean:
    """Where an undisturbed apply ends, and what it asked of each end: requests by nature, of its plan and its apply.

    passed: those of its apply that reached the destination's server.
    """

    people: People
    bases: Mapping[str, Any]
    seconds: float
    planning: Mapping[str, Counter[Nature]]
    applying: Mapping[str, Counter[Nature]]
    passed: Counter[Nature]


class PoolMigration:
    """From an export beside the spec, or from the vendor's own server; into that server.

    begun: half the people are there already. state: where it lies; a file, if nothing is said.
    ends: the fault servers by end: "destination", and "source" if that is a server.
    """

    def __init__(
        self,
        folder: Path,
        nursery: Nursery,
        source: str,
        destination: str,
        *,
        begun: bool,
        state: State | None = None,
    ) -> None:
        self.name = f"{source} → {destination}"
        self.ends: dict[str, FaultServer] = {}
        self._open = SERVERS[destination]
        self._live = source != "export"
        self._folder = folder
        self._nursery = nursery
        self._begun = begun
        self._state = state or InFile()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.server = stack.enter_context(self._open())
            for end in ("destination", "source") if self._live else ("destination",):
                front = FaultServer(self.server.url, self.server.terms, page=PAGE)
                self.ends[end] = stack.enter_context(front)
            self._build()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # -- a case
    def begin(self, folder: Path, *, planned: bool = True) -> Path:
        """The migration once more, with the pool as it was; everything is passed on."""
        self.heal()
        self.server.put(self._before)
        self._state.put_back()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._template, folder)
        if not planned:
            (folder / PLAN).unlink()
        return folder

    def heal(self) -> None:
        for front in self.ends.values():
            front.heal()

    def plan(self, folder: Path, **order: Any) -> Ran:
        return self._run(folder, "plan", SPEC_FILE, "--format", "json", "--out", PLAN, **order)

    def apply_to_the_end(self, folder: Path) -> tuple[tuple[int, ...], Ran]:
        """See `going_on`."""
        return going_on(self, folder)

    def look(self, folder: Path) -> Ran:
        """A plan that leaves no file."""
        return self._run(folder, "plan", SPEC_FILE, "--format", "json")

    def apply(
        self, folder: Path, accept: Sequence[str] | None = None, nursery: Nursery | None = None, **order: Any
    ) -> Ran:
        """nursery: another than the own one; accept: words for another plan than the first."""
        words = self.accept if accept is None else accept
        return self._run(folder, "apply", PLAN, "--format", "json", *words, nursery=nursery, **order)

    def _run(self, folder: Path, *words: str, nursery: Nursery | None = None, **order: Any) -> Ran:
        return (nursery or self._nursery).run(
            folder, *words, environ={**self.server.environ, **self._state.environ}, **order
        )

    def state(self, folder: Path) -> dict[str, Any]:
        """A digest over all base rows, and how many windows are open."""
        return good(self._run(folder, "state", "verify", SPEC_FILE, "--format", "json"), 0).document

    def counts(self) -> Mapping[str, Counter[Nature]]:
        return {end: front.counts.copy() for end, front in self.ends.items()}

    # -- what is there
    def found(self, folder: Path) -> Counter[str]:
        """What is otherwise than after a clean run."""
        held = self.server.holders()
        found = Counter({"twice": held.total() - len(held), "messages": len(self.server.messages)})
        if not found["twice"]:
            now = self.server.moved()
            found["lost"] = len(self.clean.people.keys() - now.keys())
            found["differ"] = sum(now[who] != self.clean.people.get(who) for who in now)
            found["state"] = 0 if found["lost"] else int(not self._bases_are_clean(folder))
        return +found

    def written_again(self) -> Counter[str]:
        """Creates and writes that reached the destination's server beyond those of a clean run, since `begin`."""
        again = self.ends["destination"].passed - self.clean.passed
        return +Counter({"written again": again["create"] + again["write"]})

    def is_free(self, folder: Path) -> bool:
        """Whether no writer of the state is in the middle of a transaction."""
        return self._state.is_free(folder)

    def lookups(self) -> int:
        """Reads and pages asked of the destination since `begin`."""
        counts = self.ends["destination"].counts
        return counts["read"] + counts["page"]

    def _bases_are_clean(self, folder: Path) -> bool:
        try:
            return self._state.bases(folder, self.server.ids()) == self.clean.bases
        except AssertionError:
            return False

    # -- built once
    def _build(self) -> None:
        self._template = self._folder / "planned"
        self._template.mkdir(parents=True)
        source = self.ends["source"].url if self._live else None
        text = self.server.spec(source, self.ends["destination"].url) + self._state.spec
        if self._begun:
            self._write(people(PEOPLE // 2), text.partition("\ngroups:")[0] + self._state.spec)
            self.accept: list[str] = accepts(good(self.plan(self._template), 0).document)
            good(self.apply(self._template), 0, DONE)
        self._write(changed(people(PEOPLE)) if self._begun else people(PEOPLE), text)
        self.heal()
        document = good(self.plan(self._template), 0).document
        self.accept, self.digest = accepts(document), document["plan"]["digest"]
        planning = self.counts()
        self._before = self.server.snapshot()
        self._state.keep()
        reference = self.begin(self._folder / "clean")
        ran = good(self.apply(reference), DONE)
        applying, passed = self.counts(), self.ends["destination"].passed.copy()
        bases = self._state.bases(reference, self.server.ids())
        self.clean = Clean(self.server.moved(), bases, ran.seconds, planning, applying, passed)

    def _write(self, everybody: list[Person], text: str) -> None:
        (self._template / SPEC_FILE).write_text(text, encoding="utf-8")
        if self._live:
            assert isinstance(self.server, Origin)
            self.server.seed(everybody)
            return
        write_pages(everybody, self._template / "users")
        write_groups(everybody, self._template / "groups")


def changed(everybody: list[Person]) -> list[Person]:
    """Every third person has another plan and name, every seventh is switched off or on: updates beside the rest."""
    for person in everybody[::3]:
        person.attributes |= {"custom:plan": "s", "given_name": "Anders"}
    for person in everybody[::7]:
        person.enabled = not person.enabled
    return everybody


def good(ran: Ran, *codes: int) -> Ran:
    if ran.code not in codes:
        raise RuntimeError(f"an undisturbed command ended with {ran.code}: {ran.err}{ran.out}")
    return ran
