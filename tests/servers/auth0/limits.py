"""Rate limits by group of endpoints: a bucket that holds a burst and is refilled (vendors/auth0.md 12)."""

import threading
import time
from typing import Final

from tests.servers.auth0.refusal import Refusal

# Essentials and Professional: (burst, a minute).
DOCUMENTED: Final[dict[str, tuple[float, float]]] = {
    "read_users": (40, 500),
    "write_users": (20, 200),
    "write_organization_members": (20, 200),
    "write_organizations": (5, 25),
    "read_connections": (5, 50),
}


class Limits:
    """No group is limited until it is asked for."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def limit(self, group: str, burst: float, a_minute: float) -> None:
        with self._lock:
            self._buckets[group] = _Bucket(burst, a_minute / 60)

    def as_documented(self) -> None:
        for group, (burst, a_minute) in DOCUMENTED.items():
            self.limit(group, burst, a_minute)

    def spend(self, group: str) -> dict[str, str]:
        """The headers of an answer that was allowed. Raises Refusal (429) with the same headers."""
        with self._lock:
            bucket = self._buckets.get(group)
            if bucket is None:
                return {}
            allowed = bucket.take()
            headers = bucket.headers()
        if not allowed:
            raise Refusal(429, "Too many requests. Check the X-RateLimit-* headers.", "too_many_requests", headers)
        return headers


class _Bucket:
    def __init__(self, burst: float, a_second: float) -> None:
        self._burst = burst
        self._rate = a_second
        self._left = burst
        self._then = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._then) * self._rate)
        self._then = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def headers(self) -> dict[str, str]:
        """Reset is the second in which the next request is allowed, in UTC epoch seconds."""
        wait = 0.0 if self._left >= 1 else (1 - self._left) / self._rate
        return {
            "X-RateLimit-Limit": str(int(self._burst)),
            "X-RateLimit-Remaining": str(int(self._left)),
            "X-RateLimit-Reset": str(int(time.time() + wait) + 1),
        }
