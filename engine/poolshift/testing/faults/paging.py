"""Pages that hold less, nothing, the same once more, or come in another order: the chain still holds everybody."""

import threading
from collections.abc import Callable
from itertools import count
from typing import Final

from poolshift.testing.faults.exchange import Answer, Request
from poolshift.testing.faults.fault import How
from poolshift.testing.faults.terms import PageOf, Terms

_PREFIX: Final = "fault-server-"


class Paging:
    """Keeps pages under tokens of its own. Thread-safe."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._kept: dict[str, Answer] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def kept(self, request: Request) -> Answer | None:
        """The page kept under the token of this request; None for the server's own tokens. May be asked again."""
        token = self._terms.token(request) if self._kept else None
        return self._kept.get(token) if token else None

    def bent(self, how: How, request: Request, answer: Answer, ask: Callable[[Request], Answer]) -> Answer | None:
        """The page to send instead; None where this one cannot be bent so. ``ask``: the server behind."""
        page = self._terms.page(request, answer)
        if page is None:
            return None
        if how == "empty_page":
            return self._page(request, answer, PageOf([], self._keep(answer)))
        if how == "repeated_page":
            return self._page(request, answer, PageOf(page.records, self._keep(answer)))
        if how == "short_page":
            half = len(page.records) // 2
            rest = self._page(request, answer, PageOf(page.records[half:], page.token))
            return self._page(request, answer, PageOf(page.records[:half], self._keep(rest)))
        return self._swapped(request, answer, page, ask)

    def _swapped(
        self, request: Request, answer: Answer, page: PageOf, ask: Callable[[Request], Answer]
    ) -> Answer | None:
        if page.token is None:
            return None
        following = ask(self._terms.with_token(request, page.token))
        other = self._terms.page(request, following)
        if other is None:
            return None
        late = self._page(request, answer, PageOf(page.records, other.token))
        return self._page(request, following, PageOf(other.records, self._keep(late)))

    def _page(self, request: Request, answer: Answer, page: PageOf) -> Answer:
        return self._terms.with_page(request, answer, page)

    def _keep(self, answer: Answer) -> str:
        with self._lock:
            token = f"{_PREFIX}{next(self._numbers)}"
            self._kept[token] = answer
        return token
