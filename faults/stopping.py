"""A command in the background that stops itself, or is stopped, and is woken when the rest of the case is done."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from faults.runs import Ran

_PATIENCE: Final = 60.0


class Stopped:
    """A context manager around the command; at its end it runs no more. run: takes ``started``, see `Nursery.run`."""

    def __init__(self, run: Callable[..., Ran]) -> None:
        self._run = run
        self._pid: Future[int] = Future()

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1)
        self._ran = self._pool.submit(self._run, started=self._pid.set_result)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._ran.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._pool.shutdown()

    @property
    def pid(self) -> int:
        return self._pid.result(_PATIENCE)

    @property
    def has_ended(self) -> bool:
        return self._ran.done()

    @property
    def is_stopped(self) -> bool:
        """Once it has stopped; False where it ended before."""
        end = time.monotonic() + _PATIENCE
        while not self.has_ended and time.monotonic() < end:
            if _status(self.pid) == "T":
                return True
            time.sleep(0.01)
        return False

    def stop(self) -> None:
        """From outside."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def wake(self) -> Ran:
        """It goes on, to its end."""
        self.go_on()
        return self._ran.result(_PATIENCE)


def _status(pid: int) -> str:
    """Field 3 of ``/proc/PID/stat`` (proc(5)); "" where the process has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[0]
