"""Commands of a migration, and a search of everything each of them brings to light."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.end_to_end.migration import Migration, Ran
from tests.end_to_end.search import Search

_ELSEWHERE: Final = ("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
"""Where a program may write that was told no place: all of it is brought into the migration's folder."""


@dataclass
class Haul:
    """Whatever a command prints, and every file that it leaves or changes, holds none of the values.

    homes: folders and files of the migration in which the values belong. environ: of every command.
    told: all that was printed; searched: of each file what it was like when it was searched.
    """

    migration: Migration
    search: Search
    environ: Mapping[str, str] = field(default_factory=dict)
    homes: tuple[str, ...] = ()
    told: list[bytes] = field(default_factory=list)
    searched: dict[Path, tuple[int, int, int]] = field(default_factory=dict)

    def run(self, *words: str, codes: Iterable[int] = (0,), **more: Any) -> Ran:
        """One command to its end, which is one of the codes; searched. more: see `Migration.run`."""
        return self._judge(self.migration.run(*words, **self._surrounded(more)), words, codes)

    def run_apart(self, *words: str, codes: Iterable[int] = (0,), **more: Any) -> Ran:
        """The same in a process of its own, also where the migration forks its commands. more: see `Migration.run`."""
        ran = Migration(self.migration.folder).run(*words, **self._surrounded(more))
        return self._judge(ran, words, codes)

    def holds(self, search: Search) -> set[str]:
        """Which of other values were printed so far, or are in a file that is there now."""
        contents = ((self.migration.folder / path).read_bytes() for path in self._files())
        return set().union(*map(search.in_bytes, self.told), *map(search.in_bytes, contents))

    def work(self) -> int:
        """Bytes in the files of runs that died."""
        left = [path for path in self.migration.files() if "work" in path.parts]
        return sum((self.migration.folder / path).stat().st_size for path in left)

    def _surrounded(self, more: Mapping[str, Any]) -> dict[str, Any]:
        elsewhere = self.migration.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        places = dict.fromkeys(_ELSEWHERE, str(elsewhere))
        return {**more, "environ": {**places, **self.environ, **more.get("environ", {})}}

    def _judge(self, ran: Ran, words: Iterable[str], codes: Iterable[int]) -> Ran:
        self.told.append((ran.out + ran.err).encode())
        printed = self.search.in_bytes(self.told[-1])
        assert not printed, f"{words} prints {sorted(printed)}"
        left = {str(path): found for path in self._changed() if (found := self._values_in(path))}
        assert not left, f"{words} leaves {left}"
        assert ran.code in codes, f"{words} ends with {ran.code}:\n{ran.err}{ran.out}"
        return ran

    def _files(self) -> list[Path]:
        return [path for path in self.migration.files() if path.parts[0] not in self.homes]

    def _changed(self) -> list[Path]:
        """Files that are not what they were when they were searched."""
        changed = []
        for path in self._files():
            about = (self.migration.folder / path).stat()
            now = (about.st_ino, about.st_size, about.st_mtime_ns)
            if self.searched.get(path) != now:
                self.searched[path] = now
                changed.append(path)
        return changed

    def _values_in(self, path: Path) -> set[str]:
        """Names of files count, too."""
        content = (self.migration.folder / path).read_bytes()
        return self.search.in_bytes(content) | self.search.in_bytes(str(path).encode())
