"""Rate limits and the lock of the Ory Network (facts 12)."""

import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from tests.servers.ory.refusal import Refusal

Windows = tuple[tuple[int, float], ...]
_LOCKED: Final = frozenset({("POST", "/admin/identities"), ("PATCH", "/admin/identities")})


def bucket_of(method: str, path: str) -> str:
    if method != "GET":
        return "kratos-admin-low"
    single = path.startswith("/admin/identities/") and not path.startswith("/admin/identities/by/")
    return "kratos-admin-high" if single else "kratos-admin-medium"


class Rates:
    """Nested windows a bucket, and one write at a time on the collection of identities."""

    def __init__(self) -> None:
        self._windows: dict[str, Windows] = {}
        self._times: dict[str, deque[float]] = {}
        self._in_flight: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self.locks = False

    def limit(self, bucket: str, windows: Windows) -> None:
        """``windows``: ((calls, seconds), …), all of them hold."""
        with self._lock:
            self._windows[bucket] = windows
            self._times[bucket] = deque()

    @contextmanager
    def admitted(self, method: str, path: str) -> Iterator[Mapping[str, str]]:
        """Headers to answer with. Raises Refusal 429: over a limit, or another such write is under way."""
        key = (method, path)
        with self._lock:
            headers = self._spend(bucket_of(method, path))
            if self.locks and key in _LOCKED:
                if key in self._in_flight:
                    raise Refusal(429, "Another request on this path is in flight.", headers={"Retry-After": "1"})
                self._in_flight.add(key)
        try:
            yield headers
        finally:
            with self._lock:
                self._in_flight.discard(key)

    def _spend(self, bucket: str) -> dict[str, str]:
        windows = self._windows.get(bucket)
        if windows is None:
            return {}
        now, times = time.monotonic(), self._times[bucket]
        while times and times[0] <= now - max(seconds for _, seconds in windows):
            times.popleft()
        full = [(sum(own > now - seconds for own in times), calls, seconds) for calls, seconds in windows]
        spent = [seconds for used, calls, seconds in full if used >= calls]
        headers = {
            "x-ratelimit-limit": ", ".join(
                [str(windows[0][0]), *(f"{calls};w={seconds:g}" for calls, seconds in windows)]
            ),
            "x-ratelimit-remaining": str(max(0, min(calls - used - 1 for used, calls, _ in full))),
            "x-ratelimit-reset": str(math.ceil(max(spent, default=windows[0][1]))),
        }
        if spent:
            raise Refusal(429, "Rate limit exceeded.", headers=headers)
        times.append(now)
        return headers
