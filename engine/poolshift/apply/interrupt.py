"""Stopping: the first signal drains, the second ends the process."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Event, current_thread, main_thread
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignal:
    """Asked by the executor before each batch. `drain` may be called from any thread or signal handler."""

    def __init__(self) -> None:
        self._asked = Event()

    @property
    def draining(self) -> bool:
        """No new batch may start; those in flight finish and are recorded."""
        return self._asked.is_set()

    def drain(self) -> None:
        self._asked.set()

    def wait(self, seconds: float) -> None:
        """Sleep, unless or until the run is to stop."""
        self._asked.wait(seconds)

    @contextmanager
    def handling(self) -> Iterator["StopSignal"]:
        """While inside, SIGINT and SIGTERM drain; a second one ends the process as if nobody listened.

        The process then dies by the signal (130 or 143 in a shell); windows are durable and the next run settles them.
        """
        before = {number: signal.signal(number, self._received) for number in SIGNALS}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _received(self, number: int, _frame: FrameType | None) -> None:
        if not self.draining:
            self.drain()
            return
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


@contextmanager
def handling_signals() -> Iterator[StopSignal]:
    """SIGINT and SIGTERM drain from the first look-up to the last outcome; only the main thread may listen."""
    stop = StopSignal()
    with stop.handling() if current_thread() is main_thread() else nullcontext():
        yield stop
