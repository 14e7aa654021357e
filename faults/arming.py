"""Deaths inside a process: the public function of a point is wrapped, and the nth crossing kills.

``python -m faults.arming POINT NUMBER poolshift's words…`` is the command line with a death in it.

points: answered (the directory has committed, nobody has seen the answer), settling (the answer is known, its outcome
is not written), opened (the window is durable, no call was made). after: milliseconds after the run began. stopped: as
opened, but it is suspended there instead of dying. checked: suspended where a call was just allowed to start, counted
from the first window on.
"""

import atexit
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from poolshift.cli import main
from poolshift.provider.pacing import Pacing
from poolshift.state import holding
from poolshift.state.lease import Terms
from poolshift.state.sql_store import SqlStore
from poolshift_providers.directory.writer import DirectoryWriter

POINTS: Final[dict[str, tuple[Any, str, bool]]] = {
    "answered": (DirectoryWriter, "send", True),
    "settling": (SqlStore, "settle", False),
    "opened": (SqlStore, "open_window", True),
}
"""Whose function it is, and whether the point lies behind it."""

_Meet = Callable[[], None]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _suspend() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def shorten(lasts: float, beat: float, margin: float) -> None:
    """Leases of this process: seconds."""
    holding.TERMS = Terms(lasts, beat, margin)


def arm(point: str, number: int) -> None:
    """This process ends at that crossing, counted from 1; or that many milliseconds after its run began."""
    if point == "after":
        timer = threading.Timer(number / 1000, die)
        timer.daemon = True
        _wrap(SqlStore, "begin_run", timer.start, behind=True)
        return
    if point == "checked":
        after_a_window = _counted(1, lambda: _wrap(Pacing, "spend", _counted(number, _suspend), behind=True))
        _wrap(SqlStore, "open_window", after_a_window, behind=True)
        return
    owner, name, behind = POINTS["opened" if point == "stopped" else point]
    _wrap(owner, name, _counted(number, _suspend if point == "stopped" else die), behind=behind)


def _counted(number: int, end: _Meet) -> _Meet:
    """At that crossing, and at no other."""
    left = [number]

    def meet() -> None:
        left[0] -= 1
        if not left[0]:
            end()

    return meet


def count_into(file: Path) -> None:
    """At its end this process writes how often it crossed each point."""
    crossed: Counter[str] = Counter()
    for point, (owner, name, behind) in POINTS.items():
        _wrap(owner, name, lambda own=point: crossed.update([own]), behind=behind)  # type: ignore[misc]
    atexit.register(lambda: file.write_text(json.dumps(crossed)))


def _wrap(owner: Any, name: str, meet: _Meet, *, behind: bool) -> None:
    own = getattr(owner, name)

    def wrapped(*args: Any, **more: Any) -> Any:
        if not behind:
            meet()
        answer = own(*args, **more)
        if behind:
            meet()
        return answer

    setattr(owner, name, wrapped)


if __name__ == "__main__":
    arm(sys.argv[1], int(sys.argv[2]))
    raise SystemExit(main(sys.argv[3:]))
