"""What goes wrong on purpose, and when: the nth request of a nature meets a fault."""

import threading
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from poolshift.testing.faults.terms import Nature

How = Literal[
    "busy",
    "busy_retry_after",
    "timeout_408",
    "error_500",
    "html_502",
    "html_200",
    "slow",
    "reset_before",
    "reset_after",
    "late_commit",
    "lag",
    "short_page",
    "empty_page",
    "repeated_page",
    "swapped_pages",
    "expired_page_token",
    "expired_session",
    "denied",
    "kill_before",
    "kill_committed",
    "kill_after",
]
"""busy: a 429, with and without Retry-After. html_200: a page of a proxy that says all is well.

reset_before: the connection breaks and the request never reaches the server. reset_after: the server did it, the
answer never arrives. late_commit: the connection breaks, and the server gets the request ``seconds`` later all the
same; a create that is repeated meanwhile meets its own twin (409). lag: from this create on, what it made is shown by
no listing for ``seconds``.

short_page, empty_page, repeated_page, swapped_pages: a page that holds half, nothing, the same once more, or the next
page before this one; the chain of pages as a whole still holds everybody.

kill_before: the client dies, the request does not reach the server. kill_committed: it dies between the server's
commit and the answer. kill_after: it dies ``seconds`` after the answer.
"""
HOW: Final[tuple[How, ...]] = get_args(How)
PAGES: Final[frozenset[How]] = frozenset({"short_page", "empty_page", "repeated_page", "swapped_pages"})
KILLS: Final[frozenset[How]] = frozenset({"kill_before", "kill_committed", "kill_after"})
_ENDLESS: Final = -1


@dataclass(frozen=True, slots=True)
class Fault:
    """at: which requests count, change = create or write; nth: the first of them that meets it, from 1.

    times: how many meet it, 0 = all that follow.
    continued: only pages after the first of a list count.
    """

    how: How
    at: Nature | Literal["any", "change"] = "any"
    nth: int = 1
    times: int = 1
    seconds: float = 1.0
    continued: bool = False

    def counts(self, nature: Nature, *, continued: bool) -> bool:
        wanted = nature in ("create", "write") if self.at == "change" else self.at in (nature, "any")
        return wanted and (continued or not self.continued)


class Programme:
    """Faults to come. Each counts from the moment it was added; a request meets the first that is due. Thread-safe."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._met: Counter[How] = Counter()
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(replace(fault, times=fault.times or _ENDLESS))

    def clear(self) -> None:
        """Take back what was not met yet, and forget what was."""
        with self._lock:
            self._faults.clear()
            self._met.clear()

    def put_back(self, fault: Fault) -> None:
        """The request could not meet it: the next one of that nature does."""
        with self._lock:
            self._met[fault.how] -= 1
            self._faults.append(replace(fault, nth=1, times=1))

    @property
    def met(self) -> Counter[How]:
        """How often each kind was met since the last clear."""
        with self._lock:
            return +self._met

    def next(self, nature: Nature, *, continued: bool) -> Fault | None:
        """The fault this request meets."""
        due: Fault | None = None
        with self._lock:
            for number, fault in enumerate(self._faults):
                if not fault.counts(nature, continued=continued):
                    continue
                if fault.nth > 1:
                    self._faults[number] = replace(fault, nth=fault.nth - 1)
                elif due is None:
                    due = fault
                    self._faults[number] = replace(fault, times=fault.times - 1)
            self._faults = [fault for fault in self._faults if fault.times]
            if due is not None:
                self._met[due.how] += 1
        return due
