"""A runner that is stopped for three lease times, with requests in flight: it starts none after waking."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.end_to_end.cognito.pools import Pools
from tests.end_to_end.cognito.spec import spec
from tests.end_to_end.migration import SPEC_FILE, Migration, accepts
from tests.population.people import people
from tests.servers.cognito import CognitoServer

pytestmark = pytest.mark.slow

LEASE: Final = 1.5
SLOW: Final = 2.0
SLOWED: Final = "AdminCreateUser"
COMMAND: Final = (sys.executable, Path(__file__).parents[1] / "short_lease.py", str(LEASE))
PATIENCE: Final = 60.0


@pytest.fixture
def pools() -> Iterator[Pools]:
    with CognitoServer() as server:
        own = Pools(server)
        own.seed(people(80))
        yield own


@pytest.mark.parametrize("taken_over", [False, True])
def test_a_suspended_apply_starts_no_request_after_waking(tmp_path: Path, pools: Pools, taken_over: bool) -> None:
    """8 and no row by the old fence, whether or not another has finished meanwhile; nobody is there twice."""
    migration = Migration(tmp_path)
    migration.write_spec(spec(pools.old_id, pools.new_id, pools.server.url))
    accept = accepts(migration.plan_to("first.plan"))
    pools.server.fail(SLOWED, how="slow", times=0, seconds=SLOW)
    pools.server.log.clear()
    with migration.start("apply", "first.plan", *accept, command=COMMAND) as process:
        try:
            flying = _until_in_flight(pools, process)
            process.send_signal(signal.SIGSTOP)
            time.sleep(3 * LEASE)
            assert _status(migration)["status"] == "expired"
            pools.server.heal()
            if taken_over:
                _finish(migration, accept)
            asked, rows, landed = _requests(pools), _rows(migration), pools.moved()
            process.send_signal(signal.SIGCONT)
            _, told = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert flying >= 5
    assert len(landed) >= flying
    assert process.returncode == 8, told
    assert "LEASE_LOST" in told
    assert _requests(pools) == asked
    assert _rows(migration) == rows
    if not taken_over:
        assert rows["open_windows"] == 1
        _finish(migration, accept)
    assert pools.moved().keys() >= landed.keys()  # asserts that nobody is there twice
    assert migration.plan()["verdict"]["changes"] == 0
    assert _status(migration)["status"] == "free"


def _finish(migration: Migration, accept: list[str]) -> None:
    """Settles the open window, and plans again for what its calls had changed meanwhile (5: stale)."""
    assert migration.apply("first.plan", *accept).code in (4, 5)
    migration.until_quiet(3)


def _until_in_flight(pools: Pools, process: "subprocess.Popen[str]") -> int:
    """Wait until requests have been on their way for a while, so that none is just being sent; how many."""
    log, end = pools.server.log, time.monotonic() + PATIENCE
    before, since = 0, time.monotonic()
    while time.monotonic() < end and process.poll() is None:
        flying = log.counts[SLOWED] - sum(count for (name, _), count in log.answered.items() if name == SLOWED)
        if flying != before:
            before, since = flying, time.monotonic()
        if flying and time.monotonic() - since > SLOW / 3:
            return flying
        time.sleep(0.02)
    raise AssertionError(f"nothing was in flight: {process.poll()}")


def _requests(pools: Pools) -> int:
    return sum(pools.server.log.counts.values())


def _rows(migration: Migration) -> dict[str, Any]:
    """What the state holds: a digest over all base rows, and the windows that are open."""
    ran = migration.run("state", "verify", SPEC_FILE, "--format", "json")
    assert ran.code == 0, ran.err
    return ran.document


def _status(migration: Migration) -> dict[str, Any]:
    return migration.run("lock", "status", SPEC_FILE, "--format", "json").document
