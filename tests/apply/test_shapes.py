"""Every shape of vendor ends in the same state of the world and of the base."""

from pathlib import Path

import pytest

from poolshift.provider.schema import Route
from tests.apply.stage import assert_clean, people, stage
from tests.apply.world import BATCH, BULK, DOCUMENT, JOB, PATHWISE

SHAPES = {
    "api": (),
    "batch that carries": (BATCH,),
    "document": (DOCUMENT,),
    "bulk by group": (BULK,),
    "path by path": (PATHWISE,),
    "job": (JOB,),
    "batch and document": (BATCH, DOCUMENT),
}


@pytest.mark.parametrize("routes", SHAPES.values(), ids=SHAPES.keys())
def test_a_population_is_created_by_every_shape(tmp_path: Path, routes: tuple[Route, ...]) -> None:
    """People, groups, seats and links are there once, and the next plan is empty."""
    on = stage(tmp_path, people(30, ("staff", "readers"), links=True), routes)
    report = on.apply()
    assert report.exit_code == 0
    assert report.closed
    assert_clean(on)


@pytest.mark.parametrize("routes", SHAPES.values(), ids=SHAPES.keys())
def test_updates_and_removals_follow(tmp_path: Path, routes: tuple[Route, ...]) -> None:
    """A changed name, a group left, a person deleted: the second run ends in the new state."""
    on = stage(tmp_path, people(12, ("staff", "readers")), routes)
    on.apply()
    for number in range(4):
        on.population.people[f"s{number}"].values["name"] = "New"
    on.population.people["s5"].groups = ("staff",)
    on.population.people["s6"].groups = ()
    on.population.people["s7"].delete = True
    report = on.apply()
    assert report.exit_code == 0
    assert on.store.person("s7") is None
    assert_clean(on)


def test_the_second_apply_of_the_same_state_has_nothing_to_do(tmp_path: Path) -> None:
    """Twice is once."""
    on = stage(tmp_path, people(10))
    on.apply()
    calls = on.world.calls
    assert on.plan().writes == []
    on.apply()
    assert on.world.calls == calls


def test_groups_are_made_before_their_children(tmp_path: Path) -> None:
    """References between records of one kind are an order too."""
    population = people(2)
    population.groups = {"leaf": "middle", "middle": "root", "root": None, "staff": None}
    on = stage(tmp_path, population)
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_nobody_and_no_document_has_two_operations_in_flight(tmp_path: Path) -> None:
    """With many operations a person, lanes are used, and never wider than declared."""
    on = stage(tmp_path, people(12, tuple(f"g{number}" for number in range(6)), links=True), (DOCUMENT,))
    on.world.pause = 0.002
    on.apply()
    assert on.world.widest > 1
    assert on.world.overlaps == []
    assert_clean(on)


def test_ids_that_are_not_told_are_looked_up(tmp_path: Path) -> None:
    """A create without an id in its answer is settled by its marker."""
    on = stage(tmp_path, people(5))
    on.world.silent = True
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_what_reads_back_differently_is_kept_as_read(tmp_path: Path) -> None:
    """The destination's half of the pair is the echo; the row is never quiet then."""
    on = stage(tmp_path, people(1))
    on.world.echoes = lambda stored: {"name": str(stored["name"]).upper()} if "name" in stored else {}
    on.population.people["s0"].values["name"] = "lower"
    on.apply()
    base = on.store.person("s0")
    assert base is not None
    assert base.fields["name"][0] != base.fields["name"][1]
    assert base.quiet == (bytes(8), bytes(8))


def test_adopting_writes_what_differs_and_records_the_rest(tmp_path: Path) -> None:
    """A record with our marker is taken over, with the elements it has."""
    on = stage(tmp_path, people(3))
    on.apply()
    fresh = stage(tmp_path / "fresh", on.population)
    fresh.world.users, fresh.world.groups, fresh.world.seats = on.world.users, on.world.groups, on.world.seats
    fresh.world.users["u1"]["name"] = "Drifted"
    report = fresh.apply()
    assert report.exit_code == 0
    assert_clean(fresh)


def test_progress_counts_to_the_total(tmp_path: Path) -> None:
    """The last word is as many as were planned."""
    on = stage(tmp_path, people(4))
    on.apply()
    assert on.progress[-1].ended == on.progress[-1].total == 9
