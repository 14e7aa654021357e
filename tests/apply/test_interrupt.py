"""The first signal drains, the second ends the process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from poolshift.apply.interrupt import StopSignal
from tests.apply.stage import assert_clean, people, stage


def test_draining_records_what_is_in_flight_and_starts_nothing(tmp_path: Path) -> None:
    """Exit 13, no window left open, the plan stays open; the next apply finishes it."""
    on = stage(tmp_path, people(40))
    on.world.on_call = lambda number: on.stop.drain() if number == 10 else None
    report = on.apply()
    assert report.exit_code == 13
    assert not report.closed
    assert report.left_open == 0
    assert on.world.calls < 20
    done = report.counts["user", "create", "done"]
    assert done == len(on.world.users) == on.store.count_people()
    on.stop = StopSignal()
    on.world.on_call = None
    assert on.apply().exit_code == 0
    assert_clean(on)


def test_the_first_signal_drains_and_handlers_are_put_back() -> None:
    """Inside `handling`, SIGTERM only asks."""
    before = signal.getsignal(signal.SIGTERM)
    with StopSignal().handling() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        stop.wait(5)
        assert stop.draining
    assert signal.getsignal(signal.SIGTERM) is before


def test_the_second_signal_ends_the_process() -> None:
    """The process dies by the signal, at once, whatever its threads do."""
    program = (
        "import os, signal, threading, time\n"
        "from poolshift.apply.interrupt import StopSignal\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "with StopSignal().handling():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('draining', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(60)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=False)
    assert ended.stdout == b"draining\n"
    assert ended.returncode == -signal.SIGINT


def test_waiting_ends_when_the_run_is_to_stop() -> None:
    """A pause for a quota does not delay the end."""
    stop = StopSignal()
    stop.drain()
    stop.wait(60)
    assert stop.draining
