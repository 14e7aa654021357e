"""The faults a request meets on purpose."""

from dataclasses import dataclass
from typing import Literal

from tests.servers.programme import Due

How = Literal["html", "html_error", "empty_body", "close_before", "close_after", "expired_page_token", "repeated_page"]


@dataclass
class Fault(Due):
    """operation: METHOD and path, ids as {id}; how: an HTTP status to refuse with, or what happens on the wire."""

    how: How | int
