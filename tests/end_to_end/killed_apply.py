"""The command line with a death in it: ``killed_apply.py POINT NUMBER poolshift's words…``.

POINT: answered (the destination has committed, nobody has seen the answer), settling (the answer is known, its outcome
is not written), opened (the window is durable, no call was made): dies at that crossing, counted from 1. after: dies
NUMBER milliseconds after the run began.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

from poolshift.cli import main
from poolshift.state.sqlite import SqliteStore
from poolshift_providers.directory.writer import DirectoryWriter


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str, meet: Callable[[], None]) -> None:
    own = getattr(owner, name)

    def wrapped(*args: Any, **more: Any) -> Any:
        meet()
        return own(*args, **more)

    setattr(owner, name, wrapped)


def _behind(owner: Any, name: str, meet: Callable[[], None]) -> None:
    own = getattr(owner, name)

    def wrapped(*args: Any, **more: Any) -> Any:
        answer = own(*args, **more)
        meet()
        return answer

    setattr(owner, name, wrapped)


def _crossing(number: int) -> Callable[[], None]:
    crossings = count(1)

    def meet() -> None:
        if next(crossings) == number:
            die()

    return meet


def arm(point: str, number: int) -> None:
    """Wrap the public function of that point."""
    if point == "answered":
        _behind(DirectoryWriter, "send", _crossing(number))
    elif point == "settling":
        _before(SqliteStore, "settle", _crossing(number))
    elif point == "opened":
        _behind(SqliteStore, "open_window", _crossing(number))
    elif point == "after":
        timer = threading.Timer(number / 1000, die)
        timer.daemon = True
        _behind(SqliteStore, "begin_run", timer.start)
    else:
        raise SystemExit(f"no point {point}")


if __name__ == "__main__":
    arm(sys.argv[1], int(sys.argv[2]))
    raise SystemExit(main(sys.argv[3:]))
