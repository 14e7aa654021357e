"""What `poolshift providers test NAME` hands to pytest: the laws, on the world the provider's package offers."""

import os
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

from poolshift.provider.discovery import Installed
from poolshift.testing import DestinationContract, SourceContract, World, quick_folder

NAME = os.environ.get("POOLSHIFT_TRIED", "")


@pytest.fixture
def world() -> Iterator[World]:
    """Made by the entry point: a class or function of a folder and settings."""
    (point,) = {point.value: point for point in entry_points(group="poolshift.worlds", name=NAME)}.values()
    file = os.environ.get("POOLSHIFT_TRIED_SETTINGS")
    settings = yaml.safe_load(Path(file).read_text("utf-8")) if file else {}
    with quick_folder() as folder:
        world: World = point.load()(folder, settings)
        yield world
        world.close()


if NAME and "destination" in Installed().get(NAME).ends:

    class TestDestination(DestinationContract):
        """All laws."""

elif NAME:

    class TestSource(SourceContract):
        """The laws of a provider that is only read."""
