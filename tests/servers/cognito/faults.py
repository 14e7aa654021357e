"""What goes wrong on purpose: the nth call of an operation meets a fault."""

import threading
from dataclasses import dataclass
from typing import Final, Literal, get_args

from tests.servers.cognito.refusal import Refusal

How = Literal[
    "throttle",
    "throttle_429",
    "throttle_retry_after",
    "internal_error",
    "expired_credentials",
    "access_denied",
    "not_found",
    "html",
    "html_error",
    "empty_body",
    "close_before",
    "close_after_commit",
    "slow",
    "expired_page_token",
    "empty_page",
    "short_page",
    "repeated_page",
]
HOW: Final[tuple[How, ...]] = get_args(How)
"""throttle answers 400 as Cognito does; html and empty_body answer 200; both close_ kinds end the connection without
an answer, before the call is carried out or after it was."""

PAGES: Final = ("empty_page", "short_page", "repeated_page")
ANY: Final = "*"

_THROTTLED: Final = "TooManyRequestsException"
_REFUSALS: Final[dict[How, tuple[str, str, int, dict[str, str]]]] = {
    "throttle": (_THROTTLED, "Rate exceeded", 400, {}),
    "throttle_429": (_THROTTLED, "Rate exceeded", 429, {}),
    "throttle_retry_after": (_THROTTLED, "Rate exceeded", 429, {"Retry-After": "1"}),
    "internal_error": ("InternalErrorException", "Something went wrong.", 500, {}),
    "expired_credentials": ("ExpiredTokenException", "The security token included in the request is expired", 400, {}),
    "access_denied": ("AccessDeniedException", "User is not authorized to perform this action", 400, {}),
    "not_found": ("ResourceNotFoundException", "User pool does not exist.", 400, {}),
    "expired_page_token": ("InvalidParameterException", "Paging marker is invalid for request", 400, {}),
}


@dataclass
class Fault:
    """skip: calls to let pass; times: calls it happens to, 0 for all that follow; seconds: of a slow answer."""

    operation: str
    skip: int
    times: int
    how: How
    seconds: float

    def refusal(self) -> Refusal | None:
        """The error this fault answers with; None for the others."""
        found = _REFUSALS.get(self.how)
        return Refusal(*found) if found else None


class Faults:
    """The programme. Each fault counts the calls of its operation from the moment it was added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def next(self, operation: str) -> Fault | None:
        """The fault this call meets, the first added if there are several."""
        met: Fault | None = None
        with self._lock:
            for fault in tuple(self._faults):
                if fault.operation not in (operation, ANY):
                    continue
                if fault.skip:
                    fault.skip -= 1
                elif met is None:
                    met = fault
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
        return met
