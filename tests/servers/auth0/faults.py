"""What goes wrong on purpose: the nth call of an endpoint meets a fault."""

import threading
from dataclasses import dataclass
from typing import Final, Literal, get_args

How = Literal[
    "close_before", "close_after_commit", "error_500", "throttle", "revoked_token", "empty_body", "html", "slow"
]
HOW: Final[tuple[How, ...]] = get_args(How)
"""close_before: the connection ends and nothing was done. close_after_commit, empty_body, html: it was done, and the
answer is lost. The others refuse, or take longer."""

BEFORE: Final = frozenset({"close_before", "error_500", "throttle", "revoked_token"})
ANY: Final = "*"


@dataclass
class Fault:
    """endpoint: "POST /users", or * for any. skip: calls to let pass; times: calls it happens to, 0 = all after."""

    endpoint: str
    skip: int
    times: int
    how: How
    seconds: float


class Faults:
    """The programme. Each fault counts the calls of its endpoint from the moment it was added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def next(self, endpoint: str) -> Fault | None:
        """The fault this call meets, the first added if there are several."""
        met: Fault | None = None
        with self._lock:
            for fault in tuple(self._faults):
                if fault.endpoint not in (endpoint, ANY):
                    continue
                if fault.skip:
                    fault.skip -= 1
                elif met is None:
                    met = fault
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
        return met
