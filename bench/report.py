"""docs/benchmarks.md: what was measured, when, and of which commit."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.figure import Figure, number
from bench.options import Options
from bench.process import ROOT

REPORT: Final = ROOT / "docs" / "benchmarks.md"
_HEAD: Final = """\
# Benchmarks

Written by `make bench`; some of the measures: `BENCH_ONLY=plan,apply make bench`. Each says when it was measured last,
of which commit, and with how many people and rounds. Only ratios of what ran side by side in one run mean anything: the
same code differs by a factor of two between two hours of one machine. Each side runs in a process of its own; CPU and
peak memory are those of the process; results and counts are asserted to be right; the median of the per-round ratios
counts. A missed goal is printed as missed.
"""
_WHAT: Final[Mapping[str, str]] = {
    "plan": """\
`poolshift plan` of an export of a user pool into a directory, as the second run of a migration: 2 % changed at the
source, 1 % new, 0.1 % gone, 0.5 % changed at the destination, 0.2 % at both, 5 % known by e-mail only, 0.1 % with an
e-mail address that another new person has, 30 % with a settled divergence; 12 attributes become 14 fields, three
memberships a person. The floor (`bench/floor.py`) imports orjson, hashlib and sqlite3 only and does the least that
finds the same created, changed, equal and gone: no checks, collisions, findings, encryption.""",
    "mapping": """\
The function compiled from the spec against the same by hand, and against a sandboxed Jinja2 template a field.""",
    "summary": "Opening the plan file of a hundred times as many changes.",
    "state": "Size of the state file after a real apply, people with 14 fields and three memberships.",
    "apply": """\
One AdminCreateUser a person through `poolshift apply`, and through one `aws` process a user under `xargs -P10`, on one
stub server that counts; then a paced run with 2 % of 429 answers.""",
    "keycloak": """\
People of an export into a realm of a real Keycloak with its database in memory, which has the same processors as the
command: `plan` and `apply` together, against one `POST /users` after another on one connection.""",
    "auth0": """\
An apply into our fake of a tenant with the documented limits, by import jobs and one slow lane of the API, against the
time those limits take at the least.""",
}
_COLUMNS: Final = "| figure | median | rounds | goal | |\n|---|---|---|---|---|\n"


def write(measured: Mapping[str, "Measured"], options: Options, path: Path = REPORT) -> None:
    """Put what was measured in the place of its older sections; the others stay as they are."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = [_HEAD]
    for name, what in _WHAT.items():
        if name in measured:
            parts.append(f"## {name}\n\n{what}\n\n{_about(options)}\n\n{_table(measured[name])}")
        elif found := re.search(rf"^## {name}\n.*?(?=^## |\Z)", old, re.DOTALL | re.MULTILINE):
            parts.append(found[0].rstrip("\n") + "\n")
    path.write_text("\n".join(parts), encoding="utf-8")


@dataclass(slots=True)
class Measured:
    """What one measure gave. failed: why it did not come to its end, "" = it did."""

    figures: list[Figure] = field(default_factory=list)
    failed: str = ""


def _table(measured: Measured) -> str:
    rows = "".join(f"{_row(figure)}\n" for figure in measured.figures)
    failed = f"\nNot measured: {measured.failed}.\n" if measured.failed else ""
    return f"{_COLUMNS}{rows}{failed}" if rows else failed.lstrip()


def _about(options: Options) -> str:
    when = datetime.now(UTC).strftime("%Y-%m-%d")
    processors = os.cpu_count()
    return (
        f"{when}, commit {_commit()}, {options.people:,} people, {options.rounds} rounds, "
        f"Python {platform.python_version()}, {processors} processors."
    )


def _commit() -> str:
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def _row(own: Figure) -> str:
    spread = f"{number(min(own.values))} to {number(max(own.values))}" if len(own.values) > 1 else ""
    name = f"{own.name} ({own.note})" if own.note else own.name
    verdict = f"**{own.verdict}**" if own.met is False else own.verdict
    return f"| {name} | {number(own.value)} {own.unit} | {spread} | {own.aim} | {verdict} |"
