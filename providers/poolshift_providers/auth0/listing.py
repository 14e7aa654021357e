"""Lists that come in pages: to the very end, each by the way of paging that has no end of its own."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from poolshift.errors import ProviderDown
from poolshift.provider.operation import Code, Failed
from poolshift.provider.session import Reply
from poolshift_providers.auth0.api import ManagementApi

PAGE: Final = 100
RESTARTS: Final = 3
Items = list[Mapping[str, Any]]


class Checkpoints:
    """Pages by ``from`` and ``take``: only a missing ``next`` is the end. Iterated once.

    A checkpoint that the tenant does not take any more begins the list again: what was given before comes once more.
    is_first: whether the page just given is the first of a list.
    """

    def __init__(
        self,
        api: ManagementApi,
        name: str,
        items: str,
        query: Mapping[str, str],
        at: Mapping[str, str] | None = None,
    ) -> None:
        self._ask = partial(api, name, at)
        self._name = name
        self._items = items
        self._query = query
        self.is_first = True

    def __iter__(self) -> Iterator[Items]:
        """Raises ProviderDown for a circle, and for a list that cannot be read to its end."""
        for _ in range(RESTARTS + 1):
            self.is_first = True
            try:
                yield from self._chain()
            except _Expired:
                continue
            return
        why = f"{self._name}: the checkpoint was refused {RESTARTS + 1} times before the list ended"
        raise ProviderDown.of("LISTING_EXPIRED", why, "Try again where the connection is faster.")

    def _chain(self) -> Iterator[Items]:
        begin: str | None = None
        seen: set[str] = set()
        while True:
            answer = self._page(begin)
            if not isinstance(answer, dict) or self._items not in answer:
                raise ProviderDown.of("HTTP_ANSWER", f"{self._name}: an answer without {self._items}", "Try again.")
            if answer[self._items]:
                yield answer[self._items]
                self.is_first = False
            begin = answer.get("next")
            if not begin:
                return
            if begin in seen:
                why = f"{self._name}: the list begins again before it ends"
                raise ProviderDown.of("LISTING_CIRCLE", why, "Try again.")
            seen.add(begin)

    def _page(self, begin: str | None) -> Any:
        own = {} if begin is None else {"from": begin}
        try:
            return self._ask(query={**self._query, "take": str(PAGE), **own}).json()
        except Failed as error:
            if begin is None or error.failure.code is not Code.INVALID:
                raise
            raise _Expired from error


class _Expired(Exception):
    """The tenant does not take a checkpoint it gave."""


def numbered(
    api: ManagementApi, name: str, items: str, query: Mapping[str, str], at: Mapping[str, str] | None = None
) -> Iterator[Items]:
    """Pages by number. For lists that are known to be short: it is held in memory, and begun again where it moved.

    Raises ProviderDown LISTING_MOVED where it never stood still.
    """
    for _ in range(RESTARTS + 1):
        if (pages := _still(partial(api, name, at), name, items, query)) is not None:
            yield from pages
            return
    why = f"{name}: the list changed each of {RESTARTS + 1} times it was read"
    raise ProviderDown.of("LISTING_MOVED", why, "Try again when less is changed there.")


def _still(ask: Callable[..., Reply], name: str, items: str, query: Mapping[str, str]) -> list[Items] | None:
    """All pages; None where its total changed on the way: then somebody may have been passed over."""
    pages: list[Items] = []
    total: int | None = None
    while True:
        asked = {**query, "page": str(len(pages)), "per_page": str(PAGE), "include_totals": "true"}
        answer = ask(query=asked).json()
        if not isinstance(answer, dict) or items not in answer:
            raise ProviderDown.of("HTTP_ANSWER", f"{name}: an answer without {items}", "Try again.")
        now = int(answer.get("total", 0))
        total = now if total is None else total
        pages.append(answer[items])
        read = sum(map(len, pages))
        if now != total or (not answer[items] and read < total):
            return None
        if read >= total:
            return [page for page in pages if page]


def roles(api: ManagementApi) -> Iterator[Items]:
    """All roles of the tenant: at most 1,000."""
    return numbered(api, "roles", "roles", {})


def roles_named(api: ManagementApi, name: str) -> Items:
    """Roles of exactly this name; the filter takes part of one."""
    pages = numbered(api, "roles", "roles", {"name_filter": name})
    return [role for page in pages for role in page if role.get("name") == name]


def organizations(api: ManagementApi) -> Checkpoints:
    return Checkpoints(api, "organizations", "organizations", {})


def members(api: ManagementApi, organization: str) -> Checkpoints:
    """Members with the roles they have there."""
    query = {"fields": "user_id,roles", "include_fields": "true"}
    return Checkpoints(api, "members", "members", query, {"organization": organization})


def role_members(api: ManagementApi, role: str) -> Checkpoints:
    return Checkpoints(api, "role_members", "users", {}, {"role": role})
