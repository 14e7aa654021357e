"""What was asked of the server: counts, the most at once, and the latest requests."""

import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

_KEPT: Final = 10_000


@dataclass
class Entry:
    """status: of HTTP, 0 while there is none and when the connection was ended instead of an answer."""

    operation: str
    request: Any
    status: int = 0
    error: str | None = None
    fault: str | None = None


@dataclass
class Log:
    """counts and most_at_once by operation; answered: by operation and HTTP status; entries: the latest."""

    counts: Counter[str] = field(default_factory=Counter)
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _now: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def of(self, operation: str, request: object) -> Iterator[Entry]:
        """One request, from its arrival to its answer."""
        entry = Entry(operation, request)
        with self._lock:
            self.counts[operation] += 1
            self._now[operation] += 1
            self.most_at_once[operation] = max(self.most_at_once[operation], self._now[operation])
            self.entries.append(entry)
        try:
            yield entry
        finally:
            with self._lock:
                self._now[operation] -= 1
                self.answered[operation, entry.status] += 1

    def requests(self, operation: str) -> list[Any]:
        """Parameters of the latest requests of an operation, in order of arrival."""
        with self._lock:
            return [entry.request for entry in self.entries if entry.operation == operation]

    def clear(self) -> None:
        with self._lock:
            self.counts.clear()
            self.answered.clear()
            self.most_at_once.clear()
            self.entries.clear()
