"""Mixed people, from a pool into a realm: planned, applied, and then moved on at both ends."""

from pathlib import Path

import pytest

from tests.end_to_end.keycloak.ends import Ends
from tests.end_to_end.keycloak.story import Story
from tests.population.people import people


@pytest.mark.slow
def test_three_hundred_people_move_and_then_each_change_is_one_change(ends: Ends, tmp_path: Path) -> None:
    """Who belongs there is there, whole, by the id they had; then nothing changes; then three people move."""
    Story(ends, tmp_path, people(300)).tell()
