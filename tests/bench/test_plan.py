"""Both sides of the plan's comparison find what the population holds."""

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from bench import floor, world
from bench.measures import plan
from bench.people import counts, everybody, fate_of
from bench.process import Cost, Failed

from poolshift_providers.cognito_export.settings import Assume
from poolshift_providers.cognito_export.user_record import UserRecords
from tests.bench.conftest import PEOPLE


def test_the_plan_counts_every_rule(planned: Cost) -> None:
    """Created, adopted, updated by either side's doing, in conflict, gone: each by its rule, as many as invented."""
    plan.check_counts(planned.document, PEOPLE)
    assert plan.by_rule(planned.document)["user update F12 R7"] == PEOPLE // 50
    assert planned.cpu > 0


def test_the_floor_counts_the_same_people(migration: Path) -> None:
    """Its four counts are those of the population, and its changed rows lie in a file."""
    cost = plan.run_floor(migration, PEOPLE)
    assert sum(cost.document.values()) == PEOPLE + counts(PEOPLE)["gone"]


def test_counts_that_are_not_expected_stop_a_measure(migration: Path, planned: Cost) -> None:
    """A side that finds something else would count as fast."""
    with pytest.raises(Failed, match="the plan counts"):
        plan.check_counts(planned.document, 2 * PEOPLE)
    with pytest.raises(Failed, match="the floor counts"):
        plan.run_floor(migration, 2 * PEOPLE)


def test_the_floor_makes_the_records_the_mapping_makes(tmp_path: Path) -> None:
    """Field by field, for every kind of person."""
    from bench.mappings import mapper_in

    mapper = mapper_in(tmp_path)
    for person in everybody(PEOPLE, now=True):
        user = orjson.loads(person.export())
        record = UserRecords(Assume()).of(user)
        desired = mapper.map(record.id, record.values)
        assert getattr(desired, "fields", None) == floor.fields_of(
            user["Username"], user["Enabled"], user["Attributes"]
        )


def test_the_floor_writes_what_changed(migration: Path, tmp_path: Path) -> None:
    """Rows of people that were created, changed or are gone, and of nobody else."""
    found = floor.plan(str(migration), str(tmp_path))
    with closing(sqlite3.connect(tmp_path / "floor.plan")) as db:
        rows = dict(db.execute("SELECT action, count(*) FROM rows GROUP BY action").fetchall())
        people = {sub for (sub,) in db.execute("SELECT person FROM rows WHERE action = 'changed'")}
    assert rows == {name: count for name, count in found.items() if name != "equal"}
    moved = ("changed", "drifted", "conflicting")
    assert people == {one.sub for one in everybody(PEOPLE, now=True) if fate_of(one.number, PEOPLE) in moved}


def test_the_floor_imports_nothing_else() -> None:
    """orjson, hashlib and sqlite3 only."""
    lines = Path(floor.__file__).read_text().splitlines()
    imports = {line for line in lines if line.startswith(("import ", "from "))}
    assert imports == {"import sqlite3", "from hashlib import blake2b", "import orjson"}


def test_half_of_the_people_share_one_address(migration: Path, tmp_path: Path) -> None:
    """Each of them is a conflict, whatever the state knows of them."""
    shared = world.with_one_email(str(migration), str(tmp_path / "hot"), str(PEOPLE))
    document = plan.plan_once(tmp_path / "hot").document
    assert shared == PEOPLE // 2
    plan.check_hot(document, shared)
    with pytest.raises(Failed, match="share one e-mail"):
        plan.check_hot(document, PEOPLE)


def test_without_a_state_our_markers_are_found(migration: Path, tmp_path: Path) -> None:
    """Everybody the first run adopted is adopted again, by rank 2."""
    world.without_base(str(migration), str(tmp_path / "lost"))
    plan.check_adopted_again(plan.plan_once(tmp_path / "lost").document, PEOPLE)


def test_with_a_state_nobody_is_adopted_again(planned: Cost) -> None:
    """The check of the run without a state sees the difference."""
    with pytest.raises(Failed, match="bear our marker"):
        plan.check_adopted_again(planned.document, PEOPLE)
