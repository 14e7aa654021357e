"""Lists by offset while others write: whoever stays is given once, or it is said that nobody can tell."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift_providers.keycloak.paging import OVERLAP, PAGE, Items, ListMoved, overlapping


class Listed:
    """A sorted list of ids, of which pages are asked. between: what happens to it before each page but the first."""

    def __init__(self, ids: range, between: Callable[[set[int]], Any] = lambda _ids: None) -> None:
        self.ids = set(ids)
        self.stayed = set(ids)
        self._between = between
        self._asked = 0

    def __call__(self, first: int, most: int) -> Items:
        if self._asked:
            self._between(self.ids)
            self.stayed &= self.ids
        self._asked += 1
        return [{"id": id} for id in sorted(self.ids)[first : first + most]]


def read(listed: Listed) -> list[int]:
    return [int(own["id"]) for page in overlapping("people", listed) for own in page]


@pytest.mark.parametrize("count", [0, 1, OVERLAP, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE - OVERLAP, 3 * PAGE])
def test_a_list_that_stands_still_is_read_whole(count: int) -> None:
    """Of any length, each once and in its order."""
    assert read(Listed(range(count))) == list(range(count))


@given(st.data())
def test_whoever_stays_is_given_once(data: st.DataObject) -> None:
    """Or the list is said to have moved."""

    def between(ids: set[int]) -> None:
        ids -= data.draw(st.sets(st.sampled_from(range(0, 1000, 2)), max_size=12))
        ids |= data.draw(st.sets(st.sampled_from(range(1, 1000, 2)), max_size=12))

    listed = Listed(range(0, 700, 2), between)
    try:
        found = read(listed)
    except ListMoved:
        return
    assert len(found) == len(set(found))
    assert listed.stayed <= set(found)


def test_a_few_who_go_are_made_up_for() -> None:
    """Nobody is passed over, and the list is not given up."""
    listed = Listed(range(250), lambda ids: ids.discard(min(ids)))
    found = read(listed)
    assert listed.stayed <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(("gone", "come"), [(range(OVERLAP), range(0)), (range(0), range(-PAGE, 0))])
def test_a_list_that_moved_too_far_is_told(gone: range, come: range) -> None:
    """As many went as an overlap holds, or a page of newcomers came before."""

    def between(ids: set[int]) -> None:
        ids.difference_update(gone)
        ids.update(come)

    with pytest.raises(ListMoved):
        read(Listed(range(250), between))
