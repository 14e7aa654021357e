"""What was asked of the tenant."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Log:
    """counts by endpoint ("POST /users"); answered by endpoint and status; credentials: exports asked for with one.

    spans: when each endpoint answered first and last, on a monotonic clock.
    """

    counts: Counter[str] = field(default_factory=Counter)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    credentials_elsewhere: int = 0
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, endpoint: str) -> None:
        with self._lock:
            self.counts[endpoint] += 1

    def told(self, endpoint: str, status: int) -> None:
        with self._lock:
            self.answered[endpoint, status] += 1
            now = time.monotonic()
            self.spans[endpoint] = (self.spans.get(endpoint, (now, now))[0], now)

    @property
    def document(self) -> dict[str, Any]:
        """For a client in another process."""
        with self._lock:
            refused = sum(count for (_, status), count in self.answered.items() if status == 429)
            return {"counts": dict(self.counts), "refused": refused, "spans": dict(self.spans)}

    def clear(self) -> None:
        with self._lock:
            self.counts.clear()
            self.answered.clear()
