"""The faults a call meets on purpose."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from tests.servers.cognito.refusal import Refusal
from tests.servers.programme import Due

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
class Fault(Due):
    """seconds: of a slow answer."""

    how: How
    seconds: float

    def refusal(self) -> Refusal | None:
        """The error this fault answers with; None for the others."""
        found = _REFUSALS.get(self.how)
        return Refusal(*found) if found else None
