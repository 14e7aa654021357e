"""The same people, spec and lineage are the same plan: however they are read, partitioned, ordered or hashed."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from poolshift.cli.engine import Engine
from poolshift.planning.compute import compute
from tests.end_to_end.migration import SPEC_FILE, Migration
from tests.population.export import write_lines
from tests.population.people import Person, people
from tests.population.spec import SPEC

pytestmark = pytest.mark.slow

EVERYBODY: Final = people(300)


@pytest.fixture(params=["first", "later"])
def about(request: pytest.FixtureRequest, planned: Migration, applied: Migration, tmp_path: Path) -> Migration:
    """Before anything was applied; and afterwards, with changes, newcomers and losses at the source."""
    if request.param == "first":
        return planned.copy(tmp_path / "m")
    migration = applied.copy(tmp_path / "m")
    migration.export(_moved())
    return migration


def _moved() -> list[Person]:
    """Every third person has moved, every fifth has left a group, ten are gone, twenty are new."""
    now = deepcopy(people(320)[10:])
    for number, person in enumerate(now):
        person.modified += 1
        if number % 3 == 0:
            person.attributes |= {"family_name": "Verhuisd", "custom:plan": "s"}
        if number % 5 == 0:
            person.groups = person.groups[1:]
    return now


def _people_of(migration: Migration) -> list[Person]:
    return _moved() if (migration.folder / "migrate.plan").exists() else EVERYBODY


def _essence(document: Any) -> Any:
    """What a reviewer reads, without the moments of this run."""
    names = ("verdict", "summary", "classes", "limits", "findings", "counts", "incomplete")
    return document["plan"]["digest"], {name: document[name] for name in names}


@contextmanager
def _planned(migration: Migration, partitions: int) -> Iterator[Any]:
    engine = Engine()
    spec = engine.load(migration.folder / SPEC_FILE, {}, [])
    with engine.session(spec, write=False) as session, compute(session, partitions=partitions) as computed:
        yield computed


def test_partitions_do_not_matter(about: Migration) -> None:
    """K = 1, 8, 128, and what the command takes: one digest, and the same rows in the same order."""
    found = []
    for partitions in (1, 8, 128):
        with _planned(about, partitions) as computed:
            found.append((_essence(computed.plan.document), list(computed.plan.rows())))
    assert found[0] == found[1] == found[2]
    assert _essence(about.plan()) == found[0][0]


def test_the_order_of_the_export_does_not_matter(about: Migration) -> None:
    """Shuffled over pages of another size, or as lines of one file."""
    before = _essence(about.plan())
    shuffled = list(_people_of(about))
    Random(7).shuffle(shuffled)
    about.export(shuffled)
    assert _essence(about.plan()) == before
    for page in (about.folder / "users").iterdir():
        page.unlink()
    write_lines(shuffled[::-1], about.folder / "users" / "users.jsonl")
    assert _essence(about.plan()) == before


def test_a_page_read_twice_changes_the_counts_only(about: Migration) -> None:
    """The digest is of the decisions."""
    before = about.plan()
    pages = sorted((about.folder / "users").iterdir())
    (about.folder / "users" / "users-99.json").write_bytes(pages[-1].read_bytes())
    after = about.plan()
    assert after["plan"]["digest"] == before["plan"]["digest"]
    assert after["classes"] == before["classes"]


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_the_hash_seed_and_the_working_directory_do_not_matter(about: Migration, seed: str) -> None:
    """Run from elsewhere, under another seed, in another language."""
    before = _essence(about.plan())
    spec = str(about.folder / SPEC_FILE)
    environ = {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Kathmandu"}
    ran = about.run("plan", spec, "--format", "json", cwd="/", environ=environ)
    assert ran.code == 0, ran.err
    assert _essence(ran.document) == before


def test_another_spec_is_another_plan(fresh: Migration) -> None:
    """The digest is bound to the spec, even where every decision is the same."""
    before = fresh.plan()
    fresh.write_spec(SPEC.replace("max_length: 40", "max_length: 41"))
    assert fresh.plan()["plan"]["digest"] != before["plan"]["digest"]
