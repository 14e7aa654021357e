"""What goes wrong on purpose: the nth request of a kind meets a fault."""

import threading
from dataclasses import dataclass
from typing import Final, Literal

How = Literal["html", "html_error", "empty_body", "close_before", "close_after", "expired_page_token", "repeated_page"]
ANY: Final = "*"


@dataclass
class Fault:
    """operation: METHOD and path, ids as {id}; skip: requests to let pass; times: 0 = all that follow.

    how: an HTTP status to refuse with, or what happens on the wire.
    """

    operation: str
    skip: int
    times: int
    how: How | int


class Faults:
    """The programme, counted from the moment a fault is added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def next(self, operation: str) -> How | int | None:
        """What this request meets, by the first fault that is due."""
        with self._lock:
            for fault in self._faults:
                if fault.operation not in (operation, ANY):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault.how
        return None
