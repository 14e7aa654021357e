"""Many at once: exactly one gets the state, and exactly one takes a lease over."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier

import pytest

from poolshift.errors import Locked
from poolshift.state import holding
from poolshift.state.lease import Terms
from poolshift.state.sql_store import SqlStore
from tests.state.backends import Backend
from tests.state.contract import PLAN, intent_of

ROOT = Path(__file__).parents[2]


def race(backend: Backend, runners: int, jitter: Callable[[], float]) -> list[SqlStore]:
    """Opens the state for writing from several threads within 50 ms; gives those that got it."""
    barrier = Barrier(runners)

    def run(delay: float) -> SqlStore | None:
        barrier.wait()
        time.sleep(delay)
        try:
            return backend.open()
        except Locked:
            return None

    with ThreadPoolExecutor(runners) as pool:
        return [store for store in pool.map(run, [jitter() for _ in range(runners)]) if store is not None]


def test_of_two_that_start_together_one_works(backend: Backend) -> None:
    """Twenty races, the start up to 50 ms apart; the number rises once a race."""
    backend.open().close()
    random = Random(5)
    fences = []
    for _ in range(20):
        winners = race(backend, 2, lambda: random.uniform(0, 0.05))
        assert len(winners) == 1
        fences.append(winners[0].fence)
        backend.close()
    assert fences == list(range(2, 22))


def test_of_two_waiters_one_takes_a_lease_over(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three leases that ran out with a window open, two waiters each: one finds the window, the other waits on."""
    monkeypatch.setattr(holding, "TERMS", Terms(lasts=1.0, beat=3600, margin=0.05))
    random = Random(6)
    for number in range(1, 4):
        stopped = backend.open()
        stopped.open_window("run", PLAN, "api", [intent_of(str(number))])
        time.sleep(1.05)
        (winner,) = race(backend, 2, lambda: random.uniform(0, 0.02))
        assert winner.fence == stopped.fence + 1
        (window,) = winner.open_windows()
        assert [intent.person for intent in window.open_rows] == [str(number)]
        with winner.connection.transaction(guarded=False) as statements:
            statements.execute("DELETE FROM intents")
            statements.execute("UPDATE windows SET closed_at = 1")
        backend.close()


@pytest.mark.kills
def test_a_killed_holder_is_replaced_at_once(tmp_path: Path) -> None:
    """Its process is gone, which the next command can prove: nobody waits for the minute to pass."""
    command = [sys.executable, "-m", "tests.state.commands", "hold", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "ready"
        holder.kill()
    backend = Backend("sqlite", tmp_path, {})
    assert backend.open(environ={}).fence == 2
    backend.close()
