"""Pacing: a token bucket over the nested windows of one quota.

Never above a window's rate: within any ``seconds`` of a window at most ``calls`` calls begin, the burst included.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from poolshift.provider.schema import Quota

SHARE: Final = 0.5  # of a quota that live sign-ins use too
BURST: Final = 0.05  # of a window's calls may begin at once, so that a late wake-up is caught up with
REMEMBERED: Final = 100  # answers
TOLERATED: Final = 5  # refused ones among them


class _Window:
    """One window as a bucket of ``burst`` tokens; ``full_at`` is when it will be full again."""

    def __init__(self, calls: float, seconds: float) -> None:
        if calls <= 0 or seconds <= 0:
            raise ValueError("a rate has at least some calls in some seconds")
        self.burst = max(1.0, calls * BURST)
        # What begins in any `seconds` is burst + rate * seconds: the burst comes out of the rate.
        self.rate = (calls - self.burst + 1) / seconds if calls >= 1 else calls / seconds
        self.full_at = 0.0

    def ready(self, weight: float, scale: float) -> float:
        """When ``weight`` may begin. More than a whole burst begins on a full bucket and is paid for afterwards."""
        return self.full_at - (self.burst - min(weight, self.burst)) / (self.rate * scale)

    def take(self, start: float, weight: float, scale: float) -> None:
        self.full_at = max(self.full_at, start) + weight / (self.rate * scale)


class Bucket:
    """Paces the calls of one quota, from any number of threads.

    windows: ``((calls, seconds), …)``, all of them hold at once.
    penalty: seconds for which a vendor refuses everything after one refusal.
    clock: monotonic seconds.
    """

    def __init__(
        self,
        windows: Sequence[tuple[float, float]],
        *,
        penalty: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._windows = [_Window(calls, seconds) for calls, seconds in windows]
        self._penalty = penalty
        self._clock = clock
        self._closed_until = 0.0
        self._scale = 1.0
        self._answers: deque[bool] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()

    def delay(self, weight: float = 1) -> float:
        """Reserve ``weight`` and return the seconds to wait before the call may begin."""
        with self._lock:
            now = self._clock()
            start = max([now, self._closed_until, *(window.ready(weight, self._scale) for window in self._windows)])
            for window in self._windows:
                window.take(start, weight, self._scale)
            return start - now

    def penalise(self, factor: float = 0.75) -> None:
        """Go on at ``factor`` of the full rate until `restore`."""
        with self._lock:
            self._scale = factor

    def restore(self) -> None:
        """Go on at the full rate."""
        with self._lock:
            self._scale = 1.0

    def answered(self, *, throttled: bool) -> None:
        """Count an answer; lowers the rate by a quarter only while over 5 % of the last 100 are refusals."""
        with self._lock:
            self._answers.append(throttled)
            if throttled and self._penalty:
                self._closed_until = self._clock() + self._penalty
            refused = sum(self._answers)
        if refused > TOLERATED:
            self.penalise()
        else:
            self.restore()

    @property
    def throttled(self) -> int:
        """Refusals among the last 100 answers."""
        with self._lock:
            return sum(self._answers)


def windows_of(quota: Quota, rate: tuple[float, float] | None) -> tuple[tuple[float, float], ...]:
    """The windows to keep: the spec's (calls, seconds) within the vendor's own, else half of a shared quota."""
    if rate is not None:
        return (*quota.windows, rate)
    if quota.shared:
        return tuple((calls * SHARE, seconds) for calls, seconds in quota.windows)
    return quota.windows
