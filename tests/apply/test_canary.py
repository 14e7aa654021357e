"""What a provider only assumes to work is tried on a few records, read back, before the rest are sent."""

from pathlib import Path
from typing import Any

import pytest

from poolshift.apply.report import Report
from poolshift.plan.canaries import CANARIES
from poolshift.provider.operation import Batch
from poolshift.provider.schema import Route
from tests.apply.stage import Stage, assert_clean, people, stage
from tests.apply.world import BATCH, JOB, PATHWISE

ROUTES = pytest.mark.parametrize("routes", [(), (BATCH,), (PATHWISE,), (JOB,)], ids=["api", "batch", "paths", "job"])


def assumed(folder: Path, routes: tuple[Route, ...] = (), count: int = 20) -> Stage:
    return stage(folder, people(count), routes, evidence="assumed")


def stopped(report: Report) -> list[str]:
    return [reason.code for reason in report.stopped_by]


@ROUTES
def test_a_field_that_is_not_kept_reaches_three_people(tmp_path: Path, routes: tuple[Route, ...]) -> None:
    """Exit 12 names the field, what was kept counts, and the rest follows when the vendor keeps it."""
    on = assumed(tmp_path, routes)
    on.world.drops = frozenset({"plan"})
    report = on.apply()
    assert (report.exit_code, stopped(report)) == (12, ["CANARY_DIFFERS"])
    assert "create of user (plan)" in report.stopped_by[0].summary
    assert len(on.world.users) == CANARIES
    assert report.failures["INVALID", "user"].count == CANARIES
    assert report.left_open == 0
    on.world.drops = frozenset()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_what_is_documented_is_not_tried_first(tmp_path: Path) -> None:
    """Nobody looks, and the next plan finds what is missing."""
    on = stage(tmp_path, people(20))
    on.world.drops = frozenset({"plan"})
    assert on.apply().exit_code == 0
    assert len(on.world.users) == 20
    assert len(on.plan().writes) == 20


@ROUTES
def test_the_rest_is_sent_once_the_first_are_proven(tmp_path: Path, routes: tuple[Route, ...]) -> None:
    """Three go alone, and are in the state before the fourth is sent; everybody arrives, once."""
    on = assumed(tmp_path, routes)
    sent: list[tuple[int, int]] = []

    def see(batch: Batch) -> None:
        made = [own for own in batch.operations if own.kind == "user" and own.verb == "create"]
        sent.append((len(made), on.store.count_people()))

    on.world.on_send = see
    assert on.apply().exit_code == 0
    users = [own for own in sent if own[0]]
    after = [known for number, (_, known) in enumerate(users) if sum(count for count, _ in users[:number]) >= CANARIES]
    assert after[0] >= CANARIES
    assert_clean(on)


@pytest.mark.parametrize(("pretends", "told"), [("create", "create of user"), ("delete", "delete of user")])
def test_a_write_that_is_only_reported_is_seen(tmp_path: Path, pretends: Any, told: str) -> None:
    """Somebody who is not there, or still is, counts as failed."""
    on = assumed(tmp_path)
    if pretends == "delete":
        assert on.apply().exit_code == 0
        for person in on.population.people.values():
            person.delete = True
    on.world.pretends = frozenset({pretends})
    report = on.apply()
    assert (report.exit_code, stopped(report)) == (12, ["CANARY_DIFFERS"])
    assert told in report.stopped_by[0].summary
    assert sum(one.count for one in report.failures.values()) == CANARIES
    on.world.pretends = frozenset()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_updates_are_tried_for_themselves(tmp_path: Path) -> None:
    """Creates that were proven say nothing of updates."""
    on = assumed(tmp_path)
    assert on.apply().exit_code == 0
    for person in on.population.people.values():
        person.values["plan"] = "gold"
    on.world.drops = frozenset({"plan"})
    report = on.apply()
    assert "update of user (plan)" in report.stopped_by[0].summary
    assert report.failures["INVALID", "user"].count == CANARIES
    on.world.drops = frozenset()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_field_no_listing_shows_is_believed(tmp_path: Path) -> None:
    """It cannot be read back by anybody."""
    on = assumed(tmp_path)
    on.world.drops = frozenset({"secret"})
    assert on.apply().exit_code == 0
    assert len(on.world.users) == 20
