"""Lost answers and killed runs, in a pool that cannot be searched by the id people had: nobody twice, nobody lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.providers.cognito.migration import Migration, changes
from tests.providers.cognito.world import person
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.faults import How

COUNT = 60


@pytest.fixture
def migration(server: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migration:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    migration = Migration(server, tmp_path)
    people = [person(number, Enabled=number % 7 > 0) for number in range(COUNT)]
    server.seed(people, {"staff": {"Description": "S", "Members": [one["Username"] for one in people]}})
    return migration


def _assert_moved(migration: Migration) -> None:
    """Everybody once, whole; the next plan is empty."""
    pool, moved = migration.server.pool(migration.new), migration.people()
    assert len(pool.users) == len(moved) == COUNT
    for number in range(COUNT):
        one = moved[str(person(number)["Attributes"][0]["Value"])]
        assert (one["status"], one["enabled"]) == ("CONFIRMED", number % 7 > 0)
        assert one["groups"] == {"staff"}
    assert changes(migration.plan()) == {}
    assert migration.server.messages == []


@pytest.mark.parametrize("how", ["close_after_commit", "close_before", "internal_error", "empty_body"])
@pytest.mark.parametrize("operation", ["AdminCreateUser", "AdminSetUserPassword", "AdminDisableUser"])
def test_a_lost_answer_is_settled_in_the_same_run(migration: Migration, operation: str, how: How) -> None:
    """The record is found by its address, and is ours because it bears the id the person had."""
    migration.plan()
    migration.server.fail(operation, 3, how)
    assert migration.apply() == 0
    _assert_moved(migration)


def test_a_lost_answer_about_attributes_and_groups_is_settled(migration: Migration) -> None:
    """They are looked up by name."""
    migration.plan()
    migration.server.fail("AddCustomAttributes", 1, "close_after_commit")
    migration.server.fail("CreateGroup", 1, "close_after_commit")
    migration.server.fail("AdminAddUserToGroup", 5, "close_after_commit")
    assert migration.apply() == 0
    _assert_moved(migration)


def test_throttling_only_slows_a_run_down(migration: Migration) -> None:
    """Everything is done in the end, and nothing twice."""
    migration.plan()
    migration.server.fail("AdminCreateUser", 5, "throttle", times=4)
    migration.server.fail("AdminAddUserToGroup", 5, "throttle", times=3)
    assert migration.apply() == 0
    _assert_moved(migration)


def test_a_list_that_lags_behind_does_not_create_anybody_twice(migration: Migration) -> None:
    """ListUsers shows the lost create only a moment later: it is waited for."""
    migration.plan()
    migration.server.list_lag = 1.0
    migration.server.fail("AdminCreateUser", 3, "close_after_commit")
    assert migration.apply() == 0
    assert migration.server.log.counts["AdminCreateUser"] == COUNT
    time.sleep(1.1)
    _assert_moved(migration)


def test_expired_credentials_stop_the_run_and_the_next_one_goes_on(migration: Migration) -> None:
    """Exit 9; what was done stays done."""
    migration.plan()
    migration.server.fail("AdminCreateUser", 20, "expired_credentials", times=999)
    assert migration.apply() == 9
    migration.server.heal()
    assert 0 < len(migration.people()) < COUNT
    assert migration.migrate() == 0
    _assert_moved(migration)


def test_a_person_whose_second_half_failed_is_finished_by_the_next_plan(migration: Migration) -> None:
    """Created, and then the credentials ran out: who may not sign in is disabled without a conflict."""
    migration.plan()
    migration.server.fail("AdminDisableUser", 3, "access_denied", times=999)
    migration.server.fail("AdminSetUserPassword", 30, "access_denied", times=999)
    assert migration.apply() == 9
    migration.server.heal()
    left = changes(migration.plan())["user", "disable"]
    assert left > 0
    assert migration.apply("--accept", f"disable={left}") == 0
    _assert_moved(migration)


@pytest.mark.kills
@pytest.mark.parametrize(
    ("operation", "calls"), [("AdminCreateUser", 7), ("AdminSetUserPassword", 9), ("AdminAddUserToGroup", 5)]
)
def test_a_killed_run_is_taken_over(migration: Migration, operation: str, calls: int) -> None:
    """SIGKILL in the middle of creates, passwords or memberships: the next apply looks up what became of each."""
    migration.plan()
    server = migration.server
    server.fail(operation, calls, "slow", times=999, seconds=1.0)
    script = "import sys; from poolshift.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "apply", migration.latest, *migration.variables]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=migration.folder)
    try:
        deadline = time.monotonic() + 60
        while server.log.counts[operation] < calls + 2:
            assert run.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline, "the run never came so far"
            time.sleep(0.02)
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    server.heal()
    time.sleep(1.2)  # what was in flight is carried out all the same
    # The same plan again: what landed is settled first; a half that is left is what the next plan is for.
    assert migration.apply() in (0, 5)
    left = changes(migration.plan()).get(("user", "disable"), 0)
    assert migration.apply(*(["--accept", f"disable={left}"] if left else [])) == 0
    _assert_moved(migration)
