"""docs/reliability.md: a section a group; what was measured last stays for groups that were not run."""

import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from faults.options import Options
from faults.runs import ROOT
from faults.section import Section

REPORT: Final = ROOT / "docs" / "reliability.md"
_HEAD: Final = """\
# Reliability

Written by `make faults`; a smaller run of some groups: `make faults FAULTS="--only kill --scale 0.25"`. Every group
says when it was measured last, of which commit, and how much of its full number. Every case is compared with a clean
run, person by person and base row by base row. A number that must be 0 and is not makes the command fail.
"""
_TITLES: Final[Mapping[str, str]] = {
    "calls": "Calls that go wrong",
    "kill": "Deaths",
    "race": "Two at once",
    "suspended": "Suspended with requests in flight",
    "fuzz": "Hostile specs",
}


def commit() -> str:
    """Of this checkout, as it is now."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def write(sections: Mapping[str, Section], options: Options, path: Path = REPORT) -> None:
    """Put these sections in the place of their older ones."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = [_HEAD]
    for name, title in _TITLES.items():
        if name in sections:
            parts.append(f"## {title}\n\n{_about(options)}\n\n{_table(sections[name])}")
        elif found := re.search(rf"^## {title}\n.*?(?=^## |\Z)", old, re.DOTALL | re.MULTILINE):
            parts.append(found[0].rstrip("\n") + "\n")
    path.write_text("\n".join(parts), encoding="utf-8")


def told(section: Section) -> str:
    """For a terminal."""
    widths = [max(len(row[column]) for row in (section.head, *section.rows)) for column in range(len(section.head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (section.head, *section.rows)
    ]
    return "\n".join([*lines, *section.notes, *section.troubles]) + "\n"


def _about(options: Options) -> str:
    share = f"{options.scale:.0%} of the full number" if options.scale < 1 else "the full number"
    return f"{datetime.now(UTC):%Y-%m-%d}, commit {options.commit}, {share}, seed {options.seed}."


def _table(section: Section) -> str:
    lines = [section.head, ["---"] * len(section.head), *section.rows]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
    return text + "".join(f"\n{note}\n" for note in section.notes)
