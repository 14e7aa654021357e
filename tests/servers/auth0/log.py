"""What was asked of the tenant."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Log:
    """counts by endpoint ("POST /users"); answered by endpoint and status; credentials: exports asked for with one."""

    counts: Counter[str] = field(default_factory=Counter)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    credentials_elsewhere: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, endpoint: str) -> None:
        with self._lock:
            self.counts[endpoint] += 1

    def told(self, endpoint: str, status: int) -> None:
        with self._lock:
            self.answered[endpoint, status] += 1

    def clear(self) -> None:
        with self._lock:
            self.counts.clear()
            self.answered.clear()
