"""Mixed people, from a pool into a realm: planned, applied, and then moved on at both ends."""

from pathlib import Path
from typing import Final

import pytest

from tests.end_to_end.keycloak.ends import Ends
from tests.end_to_end.keycloak.story import Story
from tests.population.people import people

_FEW: Final = 300
_MANY: Final = 10_000
_OTHERS: Final = 20261201
"""Seed of people with other ids: no two realms of one server can hold the same ones."""


@pytest.mark.slow
def test_three_hundred_people_move_and_then_each_change_is_one_change(ends: Ends, tmp_path: Path) -> None:
    """Who belongs there is there, whole, by the id they had; then nothing changes; then four people move."""
    story = Story(ends, tmp_path, people(_FEW, _OTHERS))
    story.arrive()
    story.stay()
    story.move_on()


@pytest.mark.slow
def test_ten_thousand_people_move_and_sign_in(ends: Ends, tmp_path: Path) -> None:
    """Everybody arrives by the id they had, nothing is left to do, and whoever chose a password gets a token."""
    story = Story(ends, tmp_path, people(_MANY))
    story.arrive()
    story.stay()
    story.sign_in()
