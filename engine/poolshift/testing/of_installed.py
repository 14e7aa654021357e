"""What `poolshift providers test NAME` hands to pytest: the laws, on the world the provider's package offers."""

import os
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import yaml

from poolshift.provider.discovery import Installed
from poolshift.testing import DestinationContract, SourceContract, world_of

NAME = os.environ.get("POOLSHIFT_TRIED", "")


def _world() -> Any:
    """Of the entry point: a class or function of a folder and settings."""
    (point,) = {point.value: point for point in entry_points(group="poolshift.worlds", name=NAME)}.values()
    file = os.environ.get("POOLSHIFT_TRIED_SETTINGS")
    return world_of(point.load(), yaml.safe_load(Path(file).read_text("utf-8")) if file else {})


if NAME and "destination" in Installed().get(NAME).ends:

    class TestDestination(DestinationContract):
        """All laws."""

        world = _world()

elif NAME:

    class TestSource(SourceContract):
        """The laws of a provider that is only read."""

        world = _world()
