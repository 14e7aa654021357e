"""Signals and an expired session in the middle of an apply into a pool: the right code, and the same plan goes on."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
from faults.going_on import DONE
from faults.pools import PoolMigration
from faults.runs import Nursery, Ran

from poolshift.testing.faults import Fault

pytestmark = pytest.mark.slow

INTERRUPTED = 13
EXPIRED = 9


@pytest.fixture(scope="module")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoolMigration]:
    folder = tmp_path_factory.mktemp("interrupt")
    with Nursery() as nursery, PoolMigration(folder, nursery, "export", "cognito", begun=False) as own:
        yield own


def _interrupted(migration: PoolMigration, folder: Path, send: Callable[[int], None]) -> Ran:
    """An apply whose creates take a second each from the tenth person on; ``send`` gets its process's id by then."""
    front = migration.ends["destination"]
    front.fail(Fault("slow", "create", 10, times=0))
    threads: list[Thread] = []

    def started(pid: int) -> None:
        def wait() -> None:
            while not front.programme.met:
                time.sleep(0.01)
            send(pid)

        threads.append(Thread(target=wait))
        threads[-1].start()

    ran = migration.apply(folder, started=started)
    for thread in threads:
        thread.join()
    migration.heal()
    return ran


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_one_signal_drains(migration: PoolMigration, tmp_path: Path, number: signal.Signals) -> None:
    """13 with everything that was under way recorded: the next apply has no window to settle and ends it."""
    folder = migration.begin(tmp_path / "m")
    ran = _interrupted(migration, folder, lambda pid: os.kill(pid, number))
    assert ran.code == INTERRUPTED, ran.err
    assert ran.document["left_open"] == 0
    assert 0 < migration.server.holders().total() < len(migration.clean.people)
    assert migration.apply(folder).code == DONE
    assert migration.found(folder) == {}
    assert migration.look(folder).document["verdict"]["changes"] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_a_second_signal_ends_it(migration: PoolMigration, tmp_path: Path, number: signal.Signals) -> None:
    """It dies by the signal; the windows it left are settled, and the same plan ends as if nothing had been."""

    def twice(pid: int) -> None:
        os.kill(pid, number)
        time.sleep(0.3)
        os.kill(pid, number)

    folder = migration.begin(tmp_path / "m")
    assert _interrupted(migration, folder, twice).code == -number
    migration.apply_to_the_end(folder)
    assert migration.found(folder) == {}
    assert migration.look(folder).document["verdict"]["changes"] == 0


def test_a_session_that_expires_ends_it_with_a_remedy(migration: PoolMigration, tmp_path: Path) -> None:
    """9 at once, told without a value; with a new session the same plan goes on."""
    folder = migration.begin(tmp_path / "m")
    migration.ends["destination"].fail(Fault("expired_session", "change", 20, times=0))
    ran = migration.apply(folder)
    assert ran.code == EXPIRED, ran.err
    assert "expired" in ran.err + ran.out
    assert "@example.com" not in ran.err + ran.out
    assert 0 < migration.server.holders().total() < len(migration.clean.people)
    migration.heal()
    migration.apply_to_the_end(folder)
    assert migration.found(folder) == {}
    assert migration.look(folder).document["verdict"]["changes"] == 0
