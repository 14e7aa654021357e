"""After a crash: open windows are settled by lookup, then the run goes on, and the end state is clean."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolshift.apply.approval import Approved, FromFile
from poolshift.apply.claim import fingerprints
from poolshift.errors import NeedsPerson, PoolshiftError
from poolshift.planning.planned import PlanRows
from poolshift.provider.schema import Route
from poolshift.state.store import Intent
from tests.apply.killing import Killed, KillingStore
from tests.apply.planner import Planner
from tests.apply.stage import Stage, assert_clean, people, stage
from tests.apply.world import BATCH, BULK, DOCUMENT, JOB, PATHWISE

SHAPES = ((), (BATCH,), (DOCUMENT,), (BULK,), (PATHWISE,), (JOB,), (BATCH, DOCUMENT))
FAULTS = ("busy", "down", "spent", "denied", "lost before", "lost after", "html")


def _killed(on: Stage, at: int, *, after: bool, **more: Any) -> bool:
    """Apply, to be killed at a write of the state; False = it ended before."""
    try:
        on.apply(store=KillingStore(on.store, at, after=after), **more)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("shape", SHAPES, ids=["-".join(route.name for route in shape) or "api" for shape in SHAPES])
def test_killed_at_every_write_of_the_state(tmp_path: Path, shape: tuple[Route, ...], after: bool) -> None:
    """No duplicate, nobody missing, wherever the run died."""
    at = 0
    died = True
    while died:
        at += 1
        on = stage(tmp_path / str(at), people(6, ("staff", "readers"), links=True), shape)
        died = _killed(on, at, after=after)
        on.recover()
        assert on.apply().exit_code == 0
        assert_clean(on)
    assert at > 5


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_what_the_dead_run_had_done_is_done_and_not_stale(tmp_path: Path, after: bool) -> None:
    """The plan file is continued, without a flag and without a stale row."""
    at = 0
    died = True
    while died:
        at += 1
        on = stage(tmp_path / str(at), people(4), (BATCH,))
        plan = on.plan().plan

        def approved(_fresh: Planner, plan: PlanRows = plan) -> Approved:
            return FromFile(plan)

        died = _killed(on, at, after=after, approved=approved)
        on.recover()
        if on.store.plan_status(plan.id) != "closed":
            report = on.apply(approved=approved)
            assert report.stale == 0
            assert report.exit_code == 0
        assert_clean(on)


def test_updates_and_removals_are_recovered(tmp_path: Path) -> None:
    """Killed while names change, seats go and a person is deleted."""
    at = 0
    died = True
    while died:
        at += 1
        on = stage(tmp_path / str(at), people(5, ("staff", "readers")))
        on.apply()
        on.population.people["s0"].values["name"] = "New"
        on.population.people["s1"].groups = ("staff",)
        on.population.people["s2"].delete = True
        died = _killed(on, at, after=False)
        on.recover()
        assert on.apply().exit_code == 0
        assert_clean(on)
    assert at > 5


def test_windows_are_settled_before_anything_new(tmp_path: Path) -> None:
    """apply refuses while a window is open."""
    on = stage(tmp_path, people(2))
    assert _killed(on, 5, after=True)
    with pytest.raises(NeedsPerson) as raised:
        on.apply()
    assert raised.value.exit_code == 12


@pytest.mark.parametrize("at", [3, 6, 9])
def test_without_a_marker_creates_are_found_by_fingerprint_and_time(tmp_path: Path, at: int) -> None:
    """The listing is compared with what was sent; equal and made within the window is ours."""
    on = stage(tmp_path, people(3), marker=False, by_user=False)
    assert _killed(on, at, after=False)
    on.recover()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_without_a_marker_an_unequal_record_needs_a_person(tmp_path: Path) -> None:
    """Same e-mail, another name: nobody can tell; exit 12 with the candidate, and the rest is settled."""
    on = stage(tmp_path, people(3), marker=False)
    assert _killed(on, 6, after=False)
    intents = [intent for window in on.store.open_windows() for intent in window.open_rows]
    assert [intent.address for intent in intents] == ['user["s0"]', 'user["s1"]', 'user["s2"]']
    on.world.users["u1"]["name"] = "Somebody else"
    with pytest.raises(NeedsPerson) as raised:
        on.recover()
    assert raised.value.exit_code == 12
    assert [reason.code for reason in raised.value.diagnostics] == ["RECOVERY_AMBIGUOUS"]
    assert "u1" in str(raised.value)
    assert "example.com" not in str(raised.value)
    left = [intent.address for window in on.store.open_windows() for intent in window.open_rows]
    assert len(left) == 1


def test_a_half_landed_create_keeps_what_landed(tmp_path: Path) -> None:
    """Marker and e-mail are there, the rest is not: ours, the missing paths are absent from the row, never quiet."""
    on = stage(tmp_path, people(1))
    planned = on.plan()
    change = next(planned.changes(0))
    sent = fingerprints(change, planned.observe)
    intent = Intent(change.address, "user", "create", "s0", None, b"d" * 8, bytes(8), sent, change.effect.base)
    run = on.store.begin_run("apply", "p1")
    on.store.open_plan("p1", "d1")
    on.store.open_window(run, "p1", "api", [intent])
    on.world.users["u1"] = {"email": "s0@example.com", "external_id": "s0", "owner": "acme", "created": 0}
    report = on.recover()
    base = on.store.person("s0")
    assert report.partly == 1
    assert base is not None
    assert base.destination_id == "u1"
    assert base.fields.keys() == {"email", "external_id", "owner"}
    assert base.quiet == (bytes(8), bytes(8))
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_message_is_never_sent_again(tmp_path: Path) -> None:
    """Sent or not: reported, settled, closed."""
    on = stage(tmp_path, people(1))
    on.apply()
    intent = Intent('credential["s0","password"]', "credential", "message", "s0", None, b"d" * 8, bytes(8))
    run = on.store.begin_run("apply", "p1")
    on.store.open_plan("p1", "d1")
    on.store.open_window(run, "p1", "reset", [intent])
    assert on.recover().messages == ('credential["s0","password"]',)
    assert list(on.store.open_windows()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    shape=st.sampled_from(SHAPES),
    faults=st.dictionaries(st.integers(1, 40), st.sampled_from(FAULTS), max_size=8),
    kill=st.integers(0, 25),
    after=st.booleans(),
    changed=st.sets(st.integers(0, 7)),
    left=st.sets(st.integers(0, 7)),
    deleted=st.sets(st.integers(0, 7), max_size=3),
)
def test_any_faults_then_recovery_and_a_second_run_end_clean(
    shape: tuple[Route, ...],
    faults: dict[int, str],
    kill: int,
    after: bool,
    changed: set[int],
    left: set[int],
    deleted: set[int],
) -> None:
    """Law: whatever fails wherever, and wherever it dies, recovery and one more run reach the one end state."""
    with tempfile.TemporaryDirectory() as folder:
        on = stage(Path(folder), people(8, ("staff", "readers"), links=True), shape)
        on.world.faults = dict(faults)
        _one_run(on, kill, after)
        for number in changed:
            on.population.people[f"s{number}"].values["name"] = "New"
        for number in left:
            on.population.people[f"s{number}"].groups = ("staff",)
        for number in deleted:
            on.population.people[f"s{number}"].delete = True
        on.world.faults = {on.world.calls + number: fault for number, fault in faults.items()}
        _one_run(on, kill, after)
        on.world.faults = {}
        on.recover()
        on.apply()
        assert on.apply().exit_code == 0
        assert_clean(on)
        on.store.close()


def _one_run(on: Stage, kill: int, after: bool) -> None:
    on.recover()
    try:
        on.apply(store=KillingStore(on.store, kill, after=after))
    except (Killed, PoolshiftError):
        return
