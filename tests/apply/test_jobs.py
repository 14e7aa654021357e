"""Jobs of a vendor: followed over a restart, never submitted twice while they live, not believed when they are lost."""

from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from poolshift.apply.interrupt import StopSignal
from poolshift.errors import Interrupted, ProviderDown
from poolshift.provider.operation import Code, JobHandle, Unknown
from tests.apply.killing import Killed
from tests.apply.stage import Stage, assert_clean, people, stage
from tests.apply.world import JOB

COUNT = 9


def _dies(on: Stage, point: str, number: int) -> None:
    """At the first submission, the ``number``-th poll, or half-way through the results."""
    met = 0

    def meet(_: object) -> None:
        nonlocal met
        met += 1
        if met == number:
            raise Killed

    if point == "submit":
        on.world.on_call = lambda call: meet(call) if on.world.submitted else None
    elif point == "poll":
        on.world.on_poll = meet
    else:
        on.world.on_collect = meet


@pytest.mark.parametrize("forgets", [False, True], ids=["found", "not found by label"])
@pytest.mark.parametrize(("point", "number"), [("poll", 1), ("poll", 2), ("poll", 3), ("poll", 4), ("collect", 1)])
def test_a_run_that_dies_goes_on_with_the_same_job(tmp_path: Path, point: str, number: int, forgets: bool) -> None:
    """Dead at any poll, or in the middle of the results: one submission, nobody twice, nobody lost."""
    on = stage(tmp_path, people(COUNT, links=True), (JOB,))
    on.world.polls, on.world.forgets = 3, forgets
    _dies(on, point, number)
    with pytest.raises(Killed):
        on.apply()
    on.world.on_poll = on.world.on_collect = None
    [window] = on.store.open_windows()
    [job] = window.jobs
    assert job.handle is not None
    assert [one.address for one in job.operations] == [intent.address for intent in window.open_rows]
    on.recover()
    assert on.apply().exit_code == 0
    assert len(on.world.submitted) == 1
    assert_clean(on)


@pytest.mark.parametrize("forgets", [False, True], ids=["found", "not found by label"])
def test_a_lost_submission_is_found_by_its_label_or_settled_by_lookup(tmp_path: Path, forgets: bool) -> None:
    """The label is durable before the call."""
    on = stage(tmp_path, people(COUNT), (JOB,))
    on.world.forgets = forgets
    on.world.faults = {2: "lost after"}
    assert on.apply().exit_code == 0
    assert len(on.world.submitted) == 1
    assert_clean(on)


@pytest.mark.parametrize("deadline", [None, 3_600.0], ids=["vanished", "past its time"])
def test_a_lost_job_is_never_called_done(tmp_path: Path, deadline: float | None) -> None:
    """A job that imports nobody and is gone: all go again, in another one."""
    on = stage(tmp_path, people(COUNT), (JOB,))
    on.world.polls, on.world.deadline = 10**6, deadline
    now = [0.0]

    def gone(handle: JobHandle) -> None:
        now[0] += 10_000.0
        on.world.vanishes = deadline is None and len(on.world.submitted) == 1
        on.world.polls = 0

    on.world.on_poll = gone
    base = on.world.clock()
    report = on.apply(now=lambda: base + now[0])
    assert report.exit_code == 0
    assert len(on.world.submitted) == 2
    assert_clean(on)


def test_a_stopped_run_leaves_its_job_and_the_next_one_waits_for_it(tmp_path: Path) -> None:
    """Exit 13 while it runs, the window open with its handle; recover stopped likewise; then one submission in all."""
    on = stage(tmp_path, people(COUNT), (JOB,))
    on.world.polls = 4
    on.world.on_poll = lambda _: on.stop.drain()
    report = on.apply()
    assert (report.exit_code, report.left_open) == (13, COUNT)
    assert not on.world.users
    with pytest.raises(Interrupted):
        on.recover()
    assert on.store.open_windows()[0].jobs[0].handle is not None
    on.stop, on.world.on_poll = StopSignal(), None
    on.recover()
    assert on.apply().exit_code == 0
    assert len(on.world.submitted) == 1
    assert_clean(on)


@pytest.mark.parametrize("error", [Unknown("the connection broke"), ProviderDown.of("DOWN", "down")])
def test_a_job_that_cannot_be_asked_is_kept(tmp_path: Path, error: Exception) -> None:
    """Nothing is concluded from it and nothing is sent again."""
    on = stage(tmp_path, people(COUNT), (JOB,))
    on.world.polls = 2

    def fail(_: object) -> None:
        raise error

    on.world.on_poll = fail
    assert on.apply().exit_code == 10
    on.world.on_poll = None
    on.recover()
    assert on.apply().exit_code == 0
    assert len(on.world.submitted) == 1
    assert_clean(on)


def test_refused_rows_are_their_peoples_failures_after_a_restart_too(tmp_path: Path) -> None:
    """By row number, of a batch that is rebuilt without values."""
    on = stage(tmp_path, people(COUNT), (JOB,))
    on.world.polls = 2
    on.world.refuse = {'user["s4"]': Code.INVALID}
    _dies(on, "poll", 3)
    with pytest.raises(Killed):
        on.apply()
    on.world.on_poll = None
    [run] = on.store.runs()
    assert on.recover().failed == 1
    assert [(one.address, one.code) for one in on.store.failures(run.id) if one.result == "failed"] == [
        ('user["s4"]', "INVALID")
    ]
    assert len(on.world.users) == COUNT - 1
    on.world.refuse = {}
    assert on.apply().exit_code == 0
    assert_clean(on)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_as_many_jobs_run_at_once_as_the_lane_is_wide(tmp_path: Path, width: int) -> None:
    """Each in a window of its own."""
    on = stage(tmp_path, people(12), (replace(JOB, items=2, width=width),))
    together, met = Barrier(width), set[str]()

    def meet(handle: JobHandle) -> None:
        if handle.label not in met:
            met.add(handle.label)
            together.wait(30)

    on.world.polls, on.world.on_poll = 2, meet
    assert on.apply().exit_code == 0
    assert len(on.world.submitted) == 6
    assert on.world.most_running == width
    assert_clean(on)


def test_a_job_may_be_larger_than_a_window(tmp_path: Path) -> None:
    """1,200 people, one window, one job."""
    on = stage(tmp_path, people(1_200, ()), (replace(JOB, items=5_000),))
    sizes: list[int] = []
    on.world.on_poll = lambda _: sizes.extend(len(window.open_rows) for window in on.store.open_windows())
    assert on.apply().exit_code == 0
    assert sizes == [1_200]
    assert len(on.world.submitted) == 1
    assert len(on.world.users) == 1_200


@pytest.mark.parametrize("dies", [False, True], ids=["undisturbed", "after a restart"])
@pytest.mark.parametrize("lost", [False, True], ids=["told", "looked up"])
def test_what_a_route_forces_does_not_come_back_as_a_change(tmp_path: Path, dies: bool, lost: bool) -> None:
    """Laws 1 and 18: the pair (sent, forced) is the base; the source's next change is one change."""
    on = stage(tmp_path, people(COUNT), (replace(JOB, forces={"plan": "forced"}),))
    on.world.silent = lost
    if dies:
        _dies(on, "collect", 1)
        with pytest.raises(Killed):
            on.apply()
        on.world.on_collect = None
        on.recover()
    assert on.apply().exit_code == 0
    assert {one["plan"] for one in on.world.users.values()} == {"forced"}
    assert on.plan().writes == []
    on.population.people["s3"].values["plan"] = "gold"
    changes: list[Any] = [(one.address, dict(one.effect.values)) for one in on.plan().writes]
    assert changes == [('user["s3"]', {"plan": "gold"})]
    assert on.apply().exit_code == 0
    assert on.user("s3")["plan"] == "gold"
