"""The pace of one session's calls: a bucket a quota, and waiting that ends as soon as the run is told to stop."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from poolshift.errors import Interrupted
from poolshift.provider.quota import Bucket, windows_of
from poolshift.provider.schema import Quota

UNPACED: Final = ""
"""The quota of calls that count against none."""


class Pacing:
    """Shared by all kinds of calls of a session; used from many threads.

    rates: the spec's rates by quota name: (calls, seconds). stop: once set, waiting ends by raising Interrupted.
    may_start: asked before each call, and again before its bytes leave; raises where no new one may start.
    """

    def __init__(
        self,
        quotas: Sequence[Quota] = (),
        rates: Mapping[str, tuple[float, float]] | None = None,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        may_start: Callable[[], None] = lambda: None,
    ) -> None:
        self.may_start = may_start
        self._stop = stop or threading.Event()
        self._buckets = {
            quota.name: Bucket(windows_of(quota, (rates or {}).get(quota.name)), penalty=quota.penalty, clock=clock)
            for quota in quotas
        }

    def spend(self, quota: str, weight: float = 1) -> None:
        """Wait for the quota, then ask whether a call may start.

        Raises KeyError for a quota the schema does not declare, Interrupted while waiting, and what ``may_start`` does.
        """
        if quota != UNPACED:
            self.wait(self._buckets[quota].delay(weight))
        self.may_start()

    def answered(self, quota: str, *, throttled: bool) -> None:
        """Tell the quota's bucket how a call ended, so that it slows down while many are refused."""
        self._buckets[quota].answered(throttled=throttled)

    def throttled(self, quota: str) -> int:
        """Refusals among the last 100 answers of a quota."""
        return self._buckets[quota].throttled

    def wait(self, seconds: float) -> None:
        """Wait; raises Interrupted as soon as the run is told to stop."""
        if seconds > 0 and self._stop.wait(seconds):
            raise Interrupted.of("INTERRUPTED", "stopped while waiting", "Run the same command again.")
