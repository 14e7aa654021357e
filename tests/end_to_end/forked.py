"""A migration whose commands are forked from a warm parent: what a command costs is the command, not its imports."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.runs import Nursery

from tests.end_to_end.migration import Migration, Ran


@dataclass(frozen=True)
class Forked(Migration):
    """nursery: takes one command at a time."""

    nursery: Nursery

    def copy(self, folder: Path) -> "Forked":
        shutil.copytree(self.folder, folder)
        return Forked(folder, self.nursery)

    def run(self, *words: str, seconds: float = 300, **order: Any) -> Ran:
        """order: see `Nursery.run`; ``arm=("opened", 3)`` is a death there, see `faults.arming`."""
        ran = self.nursery.run(self.folder, *words, **order)
        return Ran(ran.code, ran.out, ran.err)
