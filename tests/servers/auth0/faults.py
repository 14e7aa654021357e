"""The faults a call meets on purpose."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from tests.servers.programme import Due

How = Literal[
    "close_before", "close_after_commit", "error_500", "throttle", "revoked_token", "empty_body", "html", "slow"
]
HOW: Final[tuple[How, ...]] = get_args(How)
"""close_before: the connection ends and nothing was done. close_after_commit, empty_body, html: it was done, and the
answer is lost. The others refuse, or take longer."""

BEFORE: Final = frozenset({"close_before", "error_500", "throttle", "revoked_token"})


@dataclass
class Fault(Due):
    """operation: an endpoint, "POST /users"; seconds: of a slow answer."""

    how: How
    seconds: float
