"""What runs is the intersection of the approved plan and a fresh one."""

from dataclasses import replace
from pathlib import Path

import pytest

from poolshift.apply.approval import Everything, FromFile
from poolshift.errors import PlanUnusable
from poolshift.plan.change import Change
from tests.apply.stage import assert_clean, people, stage


def test_a_plan_runs_as_approved(tmp_path: Path) -> None:
    """Nothing moved: everything runs, the plan is closed."""
    on = stage(tmp_path, people(5))
    plan = on.plan().plan
    report = on.apply(approved=lambda _: FromFile(plan))
    assert (report.exit_code, report.stale, report.waits, report.closed) == (0, 0, 0, True)
    assert on.store.plan_status(plan.id) == "closed"
    assert_clean(on)


def test_a_plan_is_applied_once(tmp_path: Path) -> None:
    """The second apply of a closed plan is refused before any call."""
    on = stage(tmp_path, people(2))
    plan = on.plan().plan
    on.apply(approved=lambda _: FromFile(plan))
    calls = on.world.calls
    with pytest.raises(PlanUnusable) as raised:
        on.apply(approved=lambda _: FromFile(plan))
    assert raised.value.exit_code == 7
    assert on.world.calls == calls


def test_a_record_that_moved_is_stale_and_the_rest_runs(tmp_path: Path) -> None:
    """Exit 5; the moved person keeps what it has."""
    on = stage(tmp_path, people(3))
    on.apply()
    for source_id in ("s0", "s1"):
        on.population.people[source_id].values["name"] = "New"
    plan = on.plan().plan
    on.user("s1")["plan"] = "moved since"
    report = on.apply(approved=lambda _: FromFile(plan))
    assert report.exit_code == 5
    assert report.stale == 1
    assert sorted(stored["name"] for stored in on.world.users.values()) == ["N1", "N2", "New"]
    assert [failure.result for failure in on.store.failures(report.run)] == ["stale"]
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_who_came_since_waits(tmp_path: Path) -> None:
    """A sign-up after the plan is not written, and does not make the plan fail."""
    on = stage(tmp_path, people(3))
    plan = on.plan().plan
    on.population.people["late"] = replace(people(1).people["s0"], values={"email": "late@example.com"})
    report = on.apply(approved=lambda _: FromFile(plan))
    assert report.exit_code == 0
    assert report.waits == 2
    assert len(on.world.users) == 3
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_an_approved_change_that_nothing_asks_for_any_more_is_stale(tmp_path: Path) -> None:
    """Somebody else changed the name to what we wanted: no call, counted."""
    on = stage(tmp_path, people(2))
    on.apply()
    on.population.people["s0"].values["name"] = "New"
    plan = on.plan().plan
    on.world.users["u1"]["name"] = "New"
    on.world.users["u2"]["name"] = "New"
    calls = on.world.calls
    first = next(change for change in on.plan().writes if change.person == "s1")
    assert FromFile(plan).verdict(first) == "waits"
    report = on.apply(approved=lambda _: FromFile(plan))
    assert report.stale == 1
    assert on.world.calls == calls


def test_elements_of_a_user_that_is_not_written_are_not_written(tmp_path: Path) -> None:
    """A create that went stale takes its seats with it."""
    on = stage(tmp_path, people(2))
    plan = on.plan().plan
    on.population.people["s0"].values["name"] = "Changed"
    report = on.apply(approved=lambda _: FromFile(plan))
    assert report.stale == 1
    assert report.counts["group_member", "add", "not_done"] == 1
    assert len(on.world.users) == len(on.world.seats) == 1


@pytest.mark.parametrize(
    ("differs", "expected"),
    [({}, "run"), ({"action": "adopt"}, "stale"), ({"desired": b"x" * 8}, "stale"), ({"actual": b"x" * 8}, "stale")],
)
def test_the_intersection_is_by_action_desired_and_actual(
    tmp_path: Path, differs: dict[str, object], expected: str
) -> None:
    """Same address: anything that differs makes it stale."""
    on = stage(tmp_path, people(1))
    plan = on.plan().plan
    change: Change = next(on.plan().changes(0))
    assert FromFile(plan).verdict(replace(change, **differs)) == expected  # type: ignore[arg-type]
    assert Everything(plan).verdict(replace(change, **differs)) == "run"  # type: ignore[arg-type]
    assert FromFile(plan).verdict(replace(change, address='user["unheard of"]')) == "waits"
