"""A directory with two declared attributes, an organization, two roles, a group and a user."""

from pathlib import Path

import pytest

from tests.providers.directory.world import World

ATTRIBUTES = """
attributes:
  plan: {type: string, max_length: 8}
  score: {type: number}
  active: {type: boolean}
  since: {type: date}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "attributes.yaml").write_text(ATTRIBUTES)
    return World(tmp_path, schema="attributes.yaml")
