"""Fifty deaths of an apply: the next apply of the same plan ends where an undisturbed one does, person by person."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any, Final

import pytest
from faults.runs import Nursery

from tests.end_to_end.bases import read_bases
from tests.end_to_end.forked import Forked
from tests.end_to_end.migration import DIRECTORY, Directory, Migration, accepts
from tests.population.people import SEED, Person, people
from tests.population.spec import SPEC

pytestmark = pytest.mark.kills

BARE: Final = SPEC.partition("organizations:")[0]
"""People only: what comes later is then a call each, instead of riding along with its person."""

ROUNDS: Final = 5
"""Plans after a partial apply before something must be wrong."""


@dataclass(frozen=True)
class Undisturbed:
    """A planned migration, and where an apply without a death ends."""

    migration: Forked
    accept: tuple[str, ...]
    directory: Directory
    bases: Mapping[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Undisturbed]]:
    """first: everybody arrives with all they have. second: half of them are there, without groups and links."""
    with Nursery() as nursery:
        empty = Forked(Migration.create(tmp_path_factory.mktemp("first") / "m", people(300)).folder, nursery)
        begun = Forked(Migration.create(tmp_path_factory.mktemp("second") / "m", people(150), BARE).folder, nursery)
        begun.migrate()
        begun.write_spec(SPEC)
        begun.export(_changed(people(300)))
        yield {"first": _undisturbed(empty), "second": _undisturbed(begun)}


def _changed(everybody: list[Person]) -> list[Person]:
    """Every third person has another plan and another name: updates beside the rest."""
    for person in everybody[::3]:
        person.attributes |= {"custom:plan": "s", "given_name": "Anders"}
        person.modified += 1
    return everybody


def _undisturbed(migration: Forked) -> Undisturbed:
    folder = migration.folder.parent
    accept = tuple(accepts(migration.plan_to("first.plan")))
    reference = migration.copy(folder / "reference")
    ran = reference.apply("first.plan", *accept)
    assert ran.code == 4, ran.err
    return Undisturbed(migration, accept, reference.directory(), _bases(reference), ran.document["seconds"])


def _points() -> list[tuple[str, str, float]]:
    """(part, point, where): ``where`` in parts of the way, from 0 to 1."""
    random = Random(SEED)
    wanted = (("answered", 20), ("settling", 10), ("opened", 10), ("after", 10))
    return [
        (part, point, (number + random.random()) / (count // 2))
        for point, count in wanted
        for part in ("first", "second")
        for number in range(count // 2)
    ]


CROSSINGS: Final = {
    ("first", "answered"): 29,
    ("first", "settling"): 5,
    ("first", "opened"): 5,
    ("second", "answered"): 240,
    ("second", "settling"): 9,
    ("second", "opened"): 9,
}
"""How often a point is met at least: outcomes are written once a window at least, more often on a slow machine."""


@pytest.mark.parametrize(("part", "point", "where"), _points(), ids=lambda own: own if isinstance(own, str) else "")
def test_a_killed_apply_goes_on(
    ends: dict[str, Undisturbed],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    part: str,
    point: str,
    where: float,
) -> None:
    """Dead at the point, then applied again: the same people, memberships, links and base rows; nobody twice."""
    end = ends[part]
    migration = end.migration.copy(tmp_path / "m")
    number = int(where * end.seconds * 1000) if point == "after" else int(where * CROSSINGS[part, point]) + 1
    killed = migration.run("apply", "first.plan", *end.accept, arm=(point, number))
    assert killed.code == -SIGKILL or (point == "after" and killed.code == 4), killed.err
    codes = [killed.code]
    if killed.code == -SIGKILL:
        codes.append(_again(migration, end.accept))
    if codes[-1] == 5:
        codes += migration.until_quiet(ROUNDS)
    record_property("death", f"{part} {point}: {' '.join(map(str, codes))}")
    assert codes[-1] == 4
    assert migration.directory() == end.directory
    assert _bases(migration) == end.bases
    assert migration.plan()["verdict"]["changes"] == 0


def _again(migration: Migration, accept: tuple[str, ...]) -> int:
    ran = migration.apply("first.plan", *accept)
    if ran.code == 7:  # death came between closing the plan and the process's own end: all of it was done
        assert "PLAN_USED" in ran.err
        return 4
    assert ran.code in (4, 5), ran.err + ran.out
    return ran.code


def _bases(migration: Migration) -> Mapping[str, Any]:
    """Every base row without its destination id, which has to be that of the person's record."""
    with closing(sqlite3.connect(migration.folder / DIRECTORY)) as connection:
        ids = dict(connection.execute("SELECT external_id, id FROM users"))
    return read_bases(migration.folder, ids)
