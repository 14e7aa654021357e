"""The fixture most worlds need: a new one for each law, in a folder in memory, ended afterwards."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from poolshift.testing.folders import quick_folder
from poolshift.testing.world import World


def world_of(make: Callable[[Path, Mapping[str, Any]], World], settings: Mapping[str, Any] | None = None) -> Any:
    """What a class of laws sets as its `world`; ``make`` gets an empty folder, and the settings."""

    @pytest.fixture
    def world(self: Any) -> Iterator[World]:
        with quick_folder() as folder:
            made = make(folder, settings or {})
            yield made
            made.close()

    return world
