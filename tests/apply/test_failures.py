"""Each failure code has its consequence; what did not land is sent again, and never twice."""

from pathlib import Path

import pytest

from poolshift.errors import PoolshiftError
from poolshift.provider.operation import Code, Failure, Outcome
from poolshift.provider.schema import Route
from tests.apply.stage import assert_clean, people, stage
from tests.apply.world import BATCH, JOB, PATHWISE


@pytest.mark.parametrize("fault", ["busy", "down", "spent", "lost before", "lost after", "html"])
@pytest.mark.parametrize("routes", [(), (BATCH,), (PATHWISE,), (JOB,)], ids=["api", "batch", "path by path", "job"])
def test_a_passing_fault_leaves_no_trace(tmp_path: Path, fault: str, routes: tuple[Route, ...]) -> None:
    """Busy, down, spent, or an answer lost before or after the write: the run ends clean all the same."""
    on = stage(tmp_path, people(20), routes)
    on.world.faults = {2: fault, 3: fault, 7: fault}
    report = on.apply()
    assert report.exit_code == 0
    assert_clean(on)


def test_a_defect_of_a_provider_is_told(tmp_path: Path) -> None:
    """Once it cannot pass for a lost answer any more: exit 1 with its place, and not what it says."""
    on = stage(tmp_path, people(2))
    on.world.faults = dict.fromkeys(range(2, 1000), "html")
    with pytest.raises(PoolshiftError, match=r"PROVIDER_DEFECT.*route api of user raised ValueError in _call") as told:
        on.apply()
    assert told.value.exit_code == 1
    assert "not JSON" not in str(told.value)
    on.world.faults = {}
    on.recover()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_repeated_request_waits_for_itself_only(tmp_path: Path) -> None:
    """The vendor's own word for the pause is kept, and bounded attempts end it."""
    on = stage(tmp_path, people(1))
    on.world.faults = dict.fromkeys(range(2, 100), "busy")
    report = on.apply()
    assert report.exit_code == 5
    assert report.failures["BUSY", "user"].count == 1
    assert on.world.calls == 1 + 8


def test_a_destination_that_stays_down_stops_the_run(tmp_path: Path) -> None:
    """Exit 10; what was not written is not done, the plan stays open, and the next apply finishes it."""
    on = stage(tmp_path, people(20))
    on.world.faults = dict.fromkeys(range(6, 1000), "down")
    report = on.apply()
    assert report.exit_code == 10
    assert not report.closed
    assert [reason.code for reason in report.stopped_by] == ["DESTINATION_DOWN"]
    on.world.faults = {}
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_missing_permission_stops_the_run(tmp_path: Path) -> None:
    """Exit 9: nothing new starts, what was in flight is recorded."""
    on = stage(tmp_path, people(40))
    on.world.faults = {5: "denied"}
    report = on.apply()
    assert report.exit_code == 9
    assert on.world.calls < 20
    assert report.left_open == 0
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_lost_answer_stays_open_when_the_run_stops_before_it_is_known(tmp_path: Path) -> None:
    """The seat may be there: its window stays open, recovery finds it, and it is taken away when it is not wanted."""
    on = stage(tmp_path, people(1))
    on.world.faults = {3: "lost after", 4: "denied"}
    report = on.apply()
    assert report.exit_code == 9
    assert report.left_open == 1
    on.world.faults = {}
    on.population.people["s0"].groups = ()
    on.recover()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_what_rode_in_a_lost_answer_stays_open_too(tmp_path: Path) -> None:
    """The seats came with their people: nobody knows, and the run ends before they are sent by themselves."""
    on = stage(tmp_path, people(8), (BATCH,))
    on.world.faults = {2: "lost after", 3: "denied"}
    report = on.apply()
    assert report.exit_code == 9
    assert len(on.world.seats) == 8
    assert report.left_open == 8
    on.world.faults = {}
    for person in on.population.people.values():
        person.groups = ()
    on.recover()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_one_bad_row_of_a_batch_is_found_by_halves(tmp_path: Path) -> None:
    """All others are done, with their children; the search takes at most 2 log2 n + 1 calls."""
    on = stage(tmp_path, people(8), (BATCH,))
    on.world.refuse = {'user["s5"]': Code.INVALID}
    report = on.apply()
    assert report.exit_code == 5
    assert len(on.world.users) == 7
    assert len(on.world.seats) == 7
    assert on.world.calls <= 1 + 7
    assert report.failures["INVALID", "user"].samples == ['user["s5"]']
    assert report.failures["PARENT_FAILED", "group_member"].samples == ['group_member["s5","staff"]']
    on.world.refuse = {}
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_named_row_of_a_batch_costs_one_call_more(tmp_path: Path) -> None:
    """Named rows fail, the rest goes again."""
    on = stage(tmp_path, people(8), (BATCH,))
    on.world.named = True
    on.world.refuse = {'user["s5"]': Code.INVALID}
    assert on.apply().exit_code == 5
    assert len(on.world.users) == 7
    assert on.world.calls == 1 + 2


def test_children_of_a_user_that_failed_are_not_done(tmp_path: Path) -> None:
    """They are never sent, and come again with the next plan."""
    on = stage(tmp_path, people(3))
    on.world.refuse = {'user["s1"]': Code.INVALID}
    report = on.apply()
    assert report.counts["group_member", "add", "not_done"] == 1
    assert {failure.code for failure in on.store.failures(report.run)} == {"INVALID", "PARENT_FAILED"}
    on.world.refuse = {}
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_value_set_free_in_this_run_is_taken_at_its_end(tmp_path: Path) -> None:
    """Two people swap e-mails by way of a third value: TAKEN is tried once more, with all that belongs to it."""
    on = stage(tmp_path, people(2))
    on.apply()
    on.population.people["s0"].values["email"] = "s1@example.com"
    on.population.people["s1"].values["email"] = "elsewhere@example.com"
    on.population.people.update(people(3).people | {"s0": on.population.people["s0"], "s1": on.population.people["s1"]})
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_create_waits_for_a_delete(tmp_path: Path) -> None:
    """The e-mail of a person that is deleted goes to a new one, whose seats wait for the second try."""
    on = stage(tmp_path, people(2))
    on.apply()
    on.population.people["s0"].delete = True
    on.population.people["new"] = people(1).people["s0"]
    on.population.people["new"].links = (("Google", "subject"),)
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_value_that_stays_taken_fails(tmp_path: Path) -> None:
    """Once more, not for ever."""
    on = stage(tmp_path, people(2))
    on.world.users["foreign"] = {"email": "s0@example.com", "created": 0}
    report = on.apply()
    assert report.exit_code == 5
    assert report.failures["TAKEN", "user"].count == 1
    assert report.failures["PARENT_FAILED", "group_member"].count == 1
    assert report.closed


def test_a_record_that_exists_and_is_ours_is_taken_over(tmp_path: Path) -> None:
    """EXISTS is settled by the marker, and only what differs is sent."""
    on = stage(tmp_path, people(2))
    on.planned = on.plan()
    on.world.users["u9"] = {"email": "s0@example.com", "external_id": "s0", "owner": "acme", "created": 0}
    assert on.apply().exit_code == 0
    on.planned = None
    base = on.store.person("s0")
    assert base is not None
    assert base.destination_id == "u9"
    assert_clean(on)


def test_a_record_of_another_migration_is_not_touched(tmp_path: Path) -> None:
    """Our source id with a foreign owner claims nothing."""
    on = stage(tmp_path, people(1))
    on.planned = on.plan()
    foreign = {"email": "s0@example.com", "external_id": "s0", "owner": "others", "created": 0}
    on.world.users["u9"] = dict(foreign)
    report = on.apply()
    assert report.failures["EXISTS", "user"].count == 1
    assert on.world.users == {"u9": foreign}


def test_without_a_marker_a_login_alone_claims_nothing(tmp_path: Path) -> None:
    """Found by e-mail, equal, but made long before the window: a foreign record."""
    on = stage(tmp_path, people(1), marker=False)
    on.planned = on.plan()
    on.world.users["u9"] = {**on.population.people["s0"].values, "created": 0}
    assert on.apply().failures["EXISTS", "user"].count == 1


def test_without_a_marker_a_lost_create_is_claimed_by_value_and_time(tmp_path: Path) -> None:
    """Equal to what we sent and created within the window: ours."""
    on = stage(tmp_path, people(3), marker=False)
    on.world.faults = {2: "lost after", 3: "lost before"}
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_lookup_that_is_not_sure_never_leads_to_a_create(tmp_path: Path) -> None:
    """The window stays open, the report says so, and a later run settles it."""
    on = stage(tmp_path, people(2), lag=5.0)
    on.world.faults = {2: "lost after"}
    on.world.deaf = True
    report = on.apply()
    assert report.left_open == 1
    assert report.exit_code == 5
    assert not report.closed
    assert len(on.world.users) == 2
    on.world.deaf = False
    on.recover()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_a_lag_is_waited_for_before_a_no_is_believed(tmp_path: Path) -> None:
    """A "not found" counts after the key's lag, asked twice."""
    on = stage(tmp_path, people(1), lag=30.0)
    on.world.faults = {2: "lost before"}
    before = on.clock()
    assert on.apply().exit_code == 0
    assert on.clock() - before >= 60
    assert_clean(on)


def test_half_an_update_is_finished_by_a_smaller_one(tmp_path: Path) -> None:
    """The first call of two landed: only the paths of the second are sent again."""
    on = stage(tmp_path, people(1), (PATHWISE,))
    on.world.faults = {3: "lost before"}
    assert on.apply().exit_code == 0
    assert on.world.calls == 1 + 1 + 2 + 1
    assert_clean(on)


def test_paths_that_failed_keep_their_last_decision(tmp_path: Path) -> None:
    """One path landed, one was refused: the row has the new pair of the one, the old pair of the other, never quiet."""
    on = stage(tmp_path, people(1))
    on.apply()
    before = on.store.person("s0")
    values = on.population.people["s0"].values
    values |= {"name": "New", "plan": "pro"}

    def split(outcomes: list[Outcome]) -> list[Outcome]:
        on.world.users["u1"]["plan"] = "free"
        address = outcomes[0].address
        refused = Failure(Code.INVALID, "no such plan", "plan")
        return [
            Outcome(address, paths=frozenset({"name"})),
            Outcome(address, "failed", frozenset({"plan"}), failure=refused),
        ]

    on.world.outcomes = split
    report = on.apply()
    assert report.exit_code == 5
    after = on.store.person("s0")
    assert before is not None
    assert after is not None
    assert after.fields["plan"] == before.fields["plan"]
    assert after.fields["name"] != before.fields["name"]
    assert after.quiet == (bytes(8), bytes(8))
    on.world.outcomes = None
    assert on.apply().exit_code == 0
    assert_clean(on)


def _twice(outcomes: list[Outcome]) -> list[Outcome]:
    return outcomes * 2


def _stranger(outcomes: list[Outcome]) -> list[Outcome]:
    return [*outcomes, Outcome('user["nobody"]')]


def _path(outcomes: list[Outcome]) -> list[Outcome]:
    return [Outcome(outcome.address, paths=frozenset({"shoe_size"})) for outcome in outcomes]


@pytest.mark.parametrize("lie", [_twice, _stranger, _path])
def test_a_provider_that_breaks_law_6_is_named(tmp_path: Path, lie: object) -> None:
    """Outcomes outside the batch, or twice: a clear error; the next run settles what was in flight."""
    on = stage(tmp_path, people(6))
    on.world.outcomes = lie  # type: ignore[assignment]
    with pytest.raises(PoolshiftError) as raised:
        on.apply()
    assert [reason.code for reason in raised.value.diagnostics] == ["PROVIDER_LAW_6"]
    on.world.outcomes = None
    on.recover()
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_outcomes_that_are_missing_are_asked_for(tmp_path: Path) -> None:
    """A row nobody answered for is settled by lookup, not taken for done."""
    on = stage(tmp_path, people(6), (BATCH,))
    dropped: list[Outcome] = []

    def forget(outcomes: list[Outcome]) -> list[Outcome]:
        if dropped or not outcomes[0].address.startswith("user"):
            return outcomes
        dropped.extend(outcomes[:3])
        return outcomes[3:]

    on.world.outcomes = forget
    assert on.apply().exit_code == 0
    assert dropped
    assert_clean(on)


def test_not_yet_is_no_failure(tmp_path: Path) -> None:
    """A link that cannot be made before the first sign-in is planned again, quietly."""
    on = stage(tmp_path, people(2, links=True))
    on.world.outcomes = lambda outcomes: [
        Outcome(outcome.address, "not_yet") if outcome.address.startswith("link") else outcome for outcome in outcomes
    ]
    on.world.links.clear()
    report = on.apply()
    assert report.exit_code == 0
    assert report.counts["link", "add", "not_yet"] == 2


def test_a_kind_without_a_route_is_refused_by_row(tmp_path: Path) -> None:
    """UNSUPPORTED names the kind; the rest is done."""
    on = stage(tmp_path, people(2, links=True))
    schema = on.world.schema
    kept = tuple(route for route in schema.routes if route.kind != "link")
    on.world.schema = type(schema)(schema.kinds, routes=kept)
    report = on.apply()
    assert report.failures["UNSUPPORTED", "link"].count == 2
    assert len(on.world.users) == 2


def test_the_same_faults_with_many_partitions(tmp_path: Path) -> None:
    """Faults in several windows at once end clean."""
    on = stage(tmp_path, people(60, ("staff", "readers")), (BATCH,))
    on.world.faults = dict.fromkeys(range(2, 60, 5), "lost after")
    assert on.apply().exit_code == 0
    assert_clean(on)
