"""What the groups call trouble: each kind is seen where it is, and nothing where all is well."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import httpx
import pytest
from faults.calls import Case, run
from faults.going_on import DONE
from faults.pools import PoolMigration
from faults.runs import Nursery
from faults.stub import Stub

from poolshift.testing.faults import Fault

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoolMigration]:
    folder = tmp_path_factory.mktemp("judge")
    with Nursery() as nursery, PoolMigration(folder, nursery, "export", "stub", begun=False) as own:
        yield own


@pytest.fixture(scope="module")
def applied(migration: PoolMigration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Applied to the end."""
    folder = migration.begin(tmp_path_factory.mktemp("applied") / "m")
    assert migration.apply(folder).code == DONE
    assert migration.found(folder) == {}
    return folder


def _lose(stub: Stub) -> None:
    stub.held.users.popitem()


def _double(stub: Stub) -> None:
    sub, user = next(iter(stub.held.users.items()))
    stub.held.users[f"{sub}-again"] = deepcopy(user)


def _rename(stub: Stub) -> None:
    attributes = next(iter(stub.held.users.values()))["Attributes"]
    next(own for own in attributes if own["Name"] == "email")["Value"] = "somebody@example.com"


def _leave(stub: Stub) -> None:
    next(inside for inside in stub.held.members.values() if inside).pop()


def _invite(stub: Stub) -> None:
    stub.messages.append("invitation")


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (_lose, {"lost": 1}),
        (_double, {"twice": 1}),
        (_rename, {"differ": 1}),
        (_leave, {"differ": 1}),
        (_invite, {"messages": 1}),
    ],
)
def test_a_spoilt_end_is_seen(
    migration: PoolMigration, applied: Path, spoil: Callable[[Stub], None], found: dict[str, int]
) -> None:
    """One person lost, doubled or changed, one membership gone, one message sent."""
    stub = migration.server
    assert isinstance(stub, Stub)
    before = stub.snapshot()
    try:
        spoil(stub)
        assert migration.found(applied) == found
    finally:
        stub.put(before)
    assert migration.found(applied) == {}


def test_a_state_that_is_not_that_of_a_clean_run_is_seen(migration: PoolMigration, tmp_path: Path) -> None:
    """Everybody is there, and the base knows nobody: the plan was made again, nothing was applied with it."""
    folder = migration.begin(tmp_path / "m")
    clean = migration.server.snapshot()
    assert migration.apply(folder).code == DONE
    done = migration.server.snapshot()
    migration.server.put(clean)
    again = migration.begin(tmp_path / "again")
    migration.server.put(done)
    assert migration.found(again)["state"] == 1


def test_a_write_beyond_those_of_a_clean_run_is_seen(migration: PoolMigration, tmp_path: Path) -> None:
    """One request more reaches the server; none more is nothing."""
    folder = migration.begin(tmp_path / "m")
    assert migration.apply(folder).code == DONE
    assert migration.written_again() == {}
    sub = next(iter(migration.server.ids().values()))
    headers = {"X-Amz-Target": "AWSCognitoIdentityProviderService.AdminEnableUser"}
    body = {"UserPoolId": "any", "Username": sub}
    assert httpx.post(migration.ends["destination"].url, headers=headers, json=body).status_code == 200
    assert migration.written_again() == {"written again": 1}


def test_a_wrong_code_and_a_fault_that_nobody_met_are_seen(migration: PoolMigration, tmp_path: Path) -> None:
    """A case that expects another exit code, of a fault that comes after the last request."""
    case = Case("destination", "apply", Fault("busy", "create", 10_000), DONE + 1)
    assert run(case, migration, tmp_path).found.keys() >= {"codes", "not met"}
