"""The ways a call breaks, and the watch that breaks it: it sees every request before it leaves."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal


class Fault(Enum):
    """How one request ends. LOST and EMPTY were carried out; nothing came of the others."""

    REFUSED = "no connection"
    LOST = "the connection broke before the answer"
    ERROR = "status 500"
    BUSY = "status 429"
    DENIED = "status 401"
    EMPTY = "an empty body"
    HTML = "an HTML page"


Wire = Literal["http", "aws", "database", "file"]

FAULTS: Final[dict[Wire, tuple[Fault, ...]]] = {
    "http": tuple(Fault),
    "aws": tuple(Fault),
    "database": (Fault.REFUSED, Fault.LOST),
    "file": (Fault.LOST, Fault.EMPTY, Fault.HTML),
}
"""What can happen on each kind of wire."""

PAGE: Final = b"<!DOCTYPE html><html><title>Gateway</title><body>Please sign in to the network</body></html>"


@dataclass(frozen=True, slots=True)
class Call:
    """One call a provider made: its name without values, and what it said about itself."""

    name: str
    quota: str
    writes: bool
    again: bool
    by_writer: bool


class Watch:
    """What one provider does while laws are tried. Used from many threads.

    calls: all of them; spent: weight by quota; requests: what reached the wire of a session that is watched.
    doubled: calls that say they may be repeated are.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.spent: Counter[str] = Counter()
        self.requests = 0
        self.wires: set[Wire] = set()
        self.doubled = False
        self._lock = threading.Lock()
        self._of_writer = True
        self._point: int | None = None
        self._lasting = False
        self._fault = Fault.REFUSED
        self._breaches: dict[int, list[str]] = {}

    @contextmanager
    def counting(self, *, writer: bool) -> Iterator[None]:
        """Count the requests of writers' or of readers' sessions, from zero."""
        with self._lock:
            self.requests = 0
            self._of_writer = writer
        yield

    @contextmanager
    def broken(self, point: int, fault: Fault, *, writer: bool, lasting: bool = False) -> Iterator[None]:
        """While inside, request ``point`` (from 0) of such sessions ends in the fault; lasting: all from it on do."""
        with self.counting(writer=writer):
            self._point, self._fault, self._lasting = point, fault, lasting
            try:
                yield
            finally:
                self._point = None

    def request(self, wire: Wire, *, writer: bool) -> Fault | None:
        """Asked by every wire before a request: how it is to end; None = as it will."""
        with self._lock:
            self.wires.add(wire)
            if writer is not self._of_writer:
                return None
            number = self.requests
            self.requests += 1
        if self._point is None or not (number == self._point or (self._lasting and number > self._point)):
            return None
        return self._fault

    def called(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)

    def spend(self, quota: str, weight: float) -> None:
        with self._lock:
            self.spent[quota] += weight  # type: ignore[assignment]

    def breach(self, law: int, what: str) -> None:
        """Something a law forbids was seen, in whatever law's run."""
        with self._lock:
            found = self._breaches.setdefault(law, [])
            if what not in found:
                found.append(what)

    def breaches(self, law: int) -> list[str]:
        return self._breaches.get(law, [])
