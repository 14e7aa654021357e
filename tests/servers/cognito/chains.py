"""Chains of pages: opaque tokens that stand for one listing, its parameters and a place in it."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from tests.servers.cognito.refusal import Refusal

_KEPT: Final = 10_000
LARGEST: Final = 60


@dataclass(frozen=True)
class _Place:
    rows: Sequence[str]
    start: int
    parameters: str
    at: float


class Chains:
    """token_seconds: how long a token lives. Orders differ from one chain to the next, as Cognito's may."""

    def __init__(self) -> None:
        self.token_seconds = 3600.0
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._started = 0
        self._fault: str | None = None

    @contextmanager
    def disturbed(self, fault: str | None) -> Iterator[None]:
        """While open, pages are ``empty_page``, ``short_page`` or ``repeated_page``; None: as they should be."""
        self._fault = fault
        try:
            yield
        finally:
            self._fault = None

    def begin(self, parameters: Mapping[str, object], rows: Sequence[str]) -> _Place:
        """rows: keys of the records, all of them, as they are now."""
        self._started += 1
        turn = self._started * 17 % len(rows) if len(rows) > LARGEST else 0
        return _Place([*rows[turn:], *rows[:turn]], 0, _text(parameters), time.monotonic())

    def resume(self, token: str, parameters: Mapping[str, object]) -> _Place:
        """Raises Refusal for a token that is unknown, too old, or of a listing with other parameters."""
        place = self._places.get(token)
        if place is None or place.parameters != _text(parameters) or self._expired(place):
            raise Refusal.parameter("Paging marker is invalid for request")
        return place

    def page(self, place: _Place, limit: int) -> tuple[Sequence[str], str | None]:
        """The keys of the next page and the token of the one after it, None at the end."""
        size, step = limit, limit
        if self._fault == "empty_page":
            size = step = 0
        elif self._fault == "short_page":
            size = step = limit // 2
        elif self._fault == "repeated_page":
            step = 0
        end = place.start + step
        more = end < len(place.rows)
        return place.rows[place.start : place.start + size], self._token(place, end) if more else None

    def _token(self, place: _Place, start: int) -> str:
        token = secrets.token_urlsafe(48)
        self._places[token] = _Place(place.rows, start, place.parameters, time.monotonic())
        while len(self._places) > _KEPT:
            self._places.popitem(last=False)
        return token

    def _expired(self, place: _Place) -> bool:
        return time.monotonic() - place.at > self.token_seconds


def _text(parameters: Mapping[str, object]) -> str:
    return repr(sorted(parameters.items()))
