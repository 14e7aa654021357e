"""Commands of a migration, and a search of everything each of them brings to light."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final


from tests.end_to_end.migration import Migration, Ran
from tests.end_to_end.search import Search

_ELSEWHERE: Final = ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
"""Where a program may write that was not told to: all of it is brought into the migration's folder."""


@dataclass
class Haul:
    """Whatever a command prints, and every file that it leaves or changes, holds none of the values.

    homes: folders and files in which the values belong. environ: of every command.
    searched: of each file what it was like when it was searched; told: bytes that were printed and searched.
    """

    migration: Migration
    search: Search
    environ: Mapping[str, str]
    homes: tuple[str, ...] = ()
    searched: dict[Path, tuple[int, int, int]] = field(default_factory=dict)
    told: int = 0

    def run(self, *words: str, codes: Iterable[int] = (0,), **order: Any) -> Ran:
        """One command to its end, which is one of the codes; searched. order: see `Nursery.run`."""
        elsewhere = self.migration.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        environ = {**dict.fromkeys(_ELSEWHERE, str(elsewhere)), **self.environ}
        return self.judged(self.migration.run(*words, environ=environ, **order), words, codes)

    def judged(self, ran: Ran, words: Iterable[str], codes: Iterable[int]) -> Ran:
        """What a command did that was run in another way."""
        told = (ran.out + ran.err).encode()
        self.told += len(told)
        said = self.search.in_bytes(told)
        assert not said, f"{words} prints {sorted(said)}"
        left = self.leaks()
        assert not left, f"{words} leaves {left}"
        assert ran.code in codes, f"{words} ends with {ran.code}:\n{ran.err}{ran.out}"
        return ran

    def leaks(self) -> dict[str, set[str]]:
        """File -> values in it, of the files that are not what they were; names of files count, too."""
        return {str(path): found for path in self._changed() if (found := self._values_in(path))}

    def _changed(self) -> list[Path]:
        changed = []
        for path in self.migration.files():
            if path.parts[0] in self.homes:
                continue
            about = (self.migration.folder / path).stat()
            now = (about.st_ino, about.st_size, about.st_mtime_ns)
            if self.searched.get(path) != now:
                self.searched[path] = now
                changed.append(path)
        return changed

    def _values_in(self, path: Path) -> set[str]:
        content = (self.migration.folder / path).read_bytes()
        return self.search.in_bytes(content) | self.search.in_bytes(str(path).encode())

    def work(self) -> list[Path]:
        """Files of runs that are not over, or died."""
        return [path for path in self.migration.files() if "work" in path.parts]
