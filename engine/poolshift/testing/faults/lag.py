"""Read-after-write lag: what was made is not shown by lists for a while."""

import threading
import time
from collections.abc import Callable

from poolshift.testing.faults.exchange import Answer, Request
from poolshift.testing.faults.terms import PageOf, Terms


class Lag:
    """Thread-safe."""

    def __init__(self, terms: Terms, clock: Callable[[], float] = time.monotonic) -> None:
        self._terms = terms
        self._clock = clock
        self._hidden: dict[str, float] = {}
        self._lock = threading.Lock()

    def hide(self, made: Answer, seconds: float) -> bool:
        """False where the answer names nobody."""
        own = self._terms.made(made)
        if own is None:
            return False
        with self._lock:
            self._hidden[own] = self._clock() + seconds
        return True

    def shown(self, request: Request, answer: Answer) -> Answer:
        """The page without those who are hidden."""
        if not self._hidden or (page := self._terms.page(request, answer)) is None:
            return answer
        now = self._clock()
        with self._lock:
            hidden = {own for own, until in self._hidden.items() if until > now}
        records = [record for record in page.records if self._terms.id_of(record) not in hidden]
        if len(records) == len(page.records):
            return answer
        return self._terms.with_page(request, answer, PageOf(records, page.token))
