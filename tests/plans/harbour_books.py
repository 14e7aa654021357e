"""The demo, run in a copy: what it printed, and what its files hold."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
DEMO: Final = ROOT / "plans" / "demo"
BIN: Final = Path(sys.prefix) / "bin"
_CODE: Final = re.compile(r"^\(exit code (\d+):", re.MULTILINE)


def copied(folder: Path) -> Path:
    """The demo's folder as it is committed, below ``folder``."""
    return shutil.copytree(DEMO, folder / "demo", ignore=shutil.ignore_patterns("work", "__pycache__"))


def run(demo: Path, poolshift: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(demo / "run.sh"), str(poolshift)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@dataclass(frozen=True, slots=True)
class HarbourBooks:
    """A demo that was run: the folder it worked in and what it printed."""

    work: Path
    printed: str

    @property
    def codes(self) -> list[int]:
        """The exit codes of its commands, in order."""
        return [int(code) for code in _CODE.findall(self.printed)]

    def poolshift(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One more command, in the folder it worked in."""
        command = [str(BIN / "poolshift"), *words]
        return subprocess.run(command, cwd=self.work, capture_output=True, text=True, timeout=60, check=False)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Rows of the destination, read past poolshift."""
        with closing(sqlite3.connect(f"file:{self.work / 'people.db'}?mode=ro", uri=True)) as file:
            file.row_factory = sqlite3.Row
            return [dict(row) for row in file.execute(query)]

    def exported(self) -> Iterator[dict[str, Any]]:
        """The people of the export: their attributes by name, with `Username`, `Enabled` and `UserStatus`."""
        for page in sorted((self.work / "export").iterdir()):
            for user in json.loads(page.read_text("utf-8"))["Users"]:
                yield {pair["Name"]: pair["Value"] for pair in user["Attributes"]} | user

    def members(self, group: str) -> set[str]:
        """The subs of a source group's members."""
        users = json.loads((self.work / "groups" / "members" / f"{group}.json").read_text("utf-8"))["Users"]
        return {pair["Value"] for user in users for pair in user["Attributes"] if pair["Name"] == "sub"}
