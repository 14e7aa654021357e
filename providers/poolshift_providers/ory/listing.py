"""All identities, in pages: to the very end, and from the start again when a page token is not valid any more."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from poolshift.errors import ProviderDown
from poolshift.provider.operation import Code, Failed
from poolshift_providers.ory.requests import Requests

PAGE: Final = 500
RESTARTS: Final = 3
_NEXT: Final = re.compile(r'<([^>]*)>\s*;\s*rel="?next"?')


class Repeated(Exception):
    """The list came back to a page it had given before."""


class Listing:
    """A page token that is not taken any more begins the list again: what was given before comes once more.

    is_first: whether the page just given is the first of a list.
    """

    def __init__(self, requests: Requests, *, links: bool) -> None:
        self._requests = requests
        self._links = links
        self.is_first = True

    def pages(self) -> Iterator[list[Mapping[str, Any]]]:
        """Raises ProviderDown (the token expires again and again), Repeated, Failed."""
        for _ in range(RESTARTS + 1):
            self.is_first = True
            try:
                yield from self._chain()
            except Failed as error:
                if error.failure.code is not Code.STALE:
                    raise
            else:
                return
        why = f"the page token expired {RESTARTS + 1} times before the list of identities ended"
        raise ProviderDown.of("LISTING_EXPIRED", why, "Run where the connection is faster, or raise `rates`.")

    def _chain(self) -> Iterator[list[Mapping[str, Any]]]:
        token: str | None = None
        used: set[str] = set()
        while True:
            reply = self._requests.page(PAGE, token, links=self._links)
            found = reply.json()
            if not isinstance(found, list):
                raise ProviderDown.of("ORY_ANSWER", "the list of identities is no list", "Is `url` the admin API?")
            if found:
                yield found
                self.is_first = False
            token = next_token(reply.headers.get("link", ""))
            if token is None:
                return
            if token in used:
                raise Repeated
            used.add(token)


def next_token(link: str) -> str | None:
    """The page token in a Link header; None = the last page."""
    found = _NEXT.search(link)
    if found is None:
        return None
    tokens = parse_qs(urlsplit(found[1]).query).get("page_token")
    return tokens[0] if tokens else None
