"""A migration of an export into a directory beside it, planned once; each case begins with a copy of it."""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.end_to_end.migration import DIRECTORY, SPEC_FILE, Migration, accepts, read_directory
from tests.population.people import people
from tests.population.spec import SPEC

from faults.going_on import DONE, going_on
from faults.pools import PEOPLE, PLAN, changed, good
from faults.runs import Nursery, Ran
from faults.states import InFile, State

_BARE: Final = SPEC.partition("organizations:")[0]
"""People only: what comes later is then a call each, instead of riding along with its person."""


class DirectoryMigration:
    """begun: half the people are there already, without groups and links.

    crossings: how often a clean apply meets each point of `arming`. rate: writes a second, so that it takes its time.
    """

    name = "export → directory"

    def __init__(
        self,
        folder: Path,
        nursery: Nursery,
        *,
        begun: bool,
        count: int = PEOPLE,
        rate: str | None = None,
        state: State | None = None,
    ) -> None:
        self._folder = folder
        self._nursery = nursery
        self._begun = begun
        self._count = count
        self._state = state or InFile()
        paced = "{path: people.directory}" + (f"\n  rates: {{writes: {rate}}}" if rate else "")
        self._spec = SPEC.replace("{path: people.directory}", paced) + self._state.spec

    def __enter__(self) -> Self:
        self._template = self._folder / "planned"
        first = people(self._count // 2) if self._begun else people(self._count)
        migration = Migration.create(self._template, first, _BARE if self._begun else self._spec)
        if self._begun:
            self.accept: list[str] = accepts(good(self.plan(self._template), 0).document)
            good(self.apply(self._template), 0, DONE)
            migration.write_spec(self._spec)
            migration.export(changed(people(self._count)))
        self.accept = accepts(good(self.plan(self._template), 0).document)
        self._state.keep()
        clean, counts = self.begin(self._folder / "clean"), self._folder / "counts"
        ran = good(self.apply(clean, count=str(counts)), DONE)
        self.seconds = ran.seconds
        self.crossings: Mapping[str, int] = json.loads(counts.read_text())
        self.people, self.bases = read_directory(clean / DIRECTORY), self._read_bases(clean)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The folder is the caller's."""

    def begin(self, folder: Path) -> Path:
        """The migration once more."""
        self._state.put_back()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self._template, folder)
        return folder

    def plan(self, folder: Path) -> Ran:
        return self._run(folder, "plan", SPEC_FILE, "--format", "json", "--out", PLAN)

    def apply(
        self, folder: Path, accept: Sequence[str] | None = None, nursery: Nursery | None = None, **order: Any
    ) -> Ran:
        """nursery: another than the own one; accept: words for another plan than the first."""
        words = self.accept if accept is None else accept
        return self._run(folder, "apply", PLAN, "--format", "json", *words, nursery=nursery, **order)

    def apply_to_the_end(self, folder: Path) -> tuple[tuple[int, ...], Ran]:
        """See `going_on`."""
        return going_on(self, folder)

    def look(self, folder: Path) -> Ran:
        """A plan that leaves no file."""
        return self._run(folder, "plan", SPEC_FILE, "--format", "json")

    def _run(self, folder: Path, *words: str, nursery: Nursery | None = None, **order: Any) -> Ran:
        return (nursery or self._nursery).run(folder, *words, environ=dict(self._state.environ), **order)

    def found(self, folder: Path) -> Counter[str]:
        """What is otherwise than after a clean run."""
        with closing(sqlite3.connect(f"file:{folder / DIRECTORY}?mode=ro", uri=True)) as connection:
            ids = [own for (own,) in connection.execute("SELECT external_id FROM users")]
        found = Counter({"twice": len(ids) - len(set(ids))})
        if not found["twice"]:
            now = read_directory(folder / DIRECTORY)
            found["lost"] = len(self.people.keys() - now.keys())
            found["differ"] = sum(now[who] != self.people.get(who) for who in now)
            found["state"] = 0 if found["lost"] else int(not self._bases_are_clean(folder))
        return +found

    def written_again(self) -> Counter[str]:
        """It has no server that counts: whoever is written twice is another record, or another value."""
        return Counter()

    def lookups(self) -> int:
        """None goes over a wire."""
        return 0

    def _bases_are_clean(self, folder: Path) -> bool:
        try:
            return self._read_bases(folder) == self.bases
        except AssertionError:
            return False

    def _read_bases(self, folder: Path) -> Mapping[str, Any]:
        """Every base row without its destination id, which has to be that of the person's record."""
        with closing(sqlite3.connect(folder / DIRECTORY)) as connection:
            ids = dict(connection.execute("SELECT external_id, id FROM users"))
        return self._state.bases(folder, ids)
