"""Bytes of state a person after a real apply."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from bench.figure import Figure
from bench.measures.plan import plan_once
from bench.options import Options
from bench.people import MEMBERSHIPS
from bench.process import POOLSHIFT, Cost, Failed, call, cost_of
from bench.spec import DIRECTORY, FIELDS, STATE

NAME: Final = "state"
_GOAL: Final = 250.0
_PEOPLE: Final = 50_000


def measure(options: Options) -> Iterator[Figure]:
    """Raises Failed where somebody did not arrive."""
    people = min(options.people, _PEOPLE)
    folder = options.folder / "applied"
    call("bench.world:build_new", people, folder, cwd=options.folder)
    plan_once(folder)
    applied = apply_once(folder)
    _check_arrived(folder, people)
    size = (folder / STATE).stat().st_size
    note = f"{people:,} people, {FIELDS} fields, {MEMBERSHIPS} memberships"
    yield Figure(NAME, "file size a person after an apply", (size / people,), _GOAL, unit="bytes", note=note)
    note = f"{people:,} creates with {MEMBERSHIPS} memberships each into a directory file"
    yield Figure(NAME, "CPU of that apply a person", (applied.cpu / people * 1e6,), unit="µs", note=note)


def apply_once(folder: Path) -> Cost:
    return cost_of([POOLSHIFT, "apply", "bench.plan", "--format", "json"], folder)


def _check_arrived(folder: Path, people: int) -> None:
    with closing(sqlite3.connect(folder / DIRECTORY)) as db:
        (users,) = db.execute("SELECT count(*) FROM users WHERE owner = 'bench'").fetchone()
        (members,) = db.execute("SELECT count(*) FROM group_members").fetchone()
    with closing(sqlite3.connect(folder / STATE)) as db:
        (known,) = db.execute("SELECT count(*) FROM people").fetchone()
    if (users, members, known) != (people, people * MEMBERSHIPS, people):
        raise Failed(f"of {people} people {users} arrived with {members} memberships; the state knows {known}")
