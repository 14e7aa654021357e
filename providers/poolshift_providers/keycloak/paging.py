"""Lists by offset, which others may shift while they are read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from poolshift.errors import ProviderDown

PAGE: Final = 100
"""The server looks at each of a page of users again for each of it: pages of 500 take three times as long a user."""
OVERLAP: Final = 5
"""Records of the page before that are read once more: one of them has to be there still."""

Items = Sequence[Mapping[str, Any]]


class ListMoved(ProviderDown):
    """So much came or went while the list was read that nobody can say who was passed over."""


def overlapping(name: str, ask: Callable[[int, int], Items]) -> Iterator[Items]:
    """Each record that was there all the time, once. ask: (first, most) -> a page, in an order that stays.

    Memory: one page and its overlap. Raises ListMoved.
    """
    position = 0
    last: frozenset[str] = frozenset()
    while True:
        start = max(0, position - OVERLAP)
        page = ask(start, PAGE)
        if fresh := _beyond(name, page, last):
            yield fresh
        if len(page) < PAGE:
            return
        last = frozenset(str(own["id"]) for own in page[-OVERLAP:])
        position = start + len(page)


def _beyond(name: str, page: Items, last: frozenset[str]) -> Items:
    """What comes after the records that were given."""
    if not last:
        return page
    known = (number for number in range(len(page) - 1, -1, -1) if str(page[number]["id"]) in last)
    found = next(known, None)
    if found is None:
        why = f"{name}: the list changed while it was read"
        raise ListMoved.of("LISTING_MOVED", why, "Try again when less is changed there.")
    return page[found + 1 :]
