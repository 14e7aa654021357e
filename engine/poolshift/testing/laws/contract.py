"""What all laws share: the trial on the author's world, and a skip that says why."""

from collections.abc import Iterator
from typing import NoReturn

import pytest

from poolshift.testing.trial import Trial
from poolshift.testing.world import World


class Contract:
    """Base of the laws. The author's class or module has a fixture `world`."""

    @pytest.fixture
    def trial(self, world: World) -> Iterator[Trial]:
        """The world under watch, for one law."""
        with Trial(world) as trial:
            yield trial


def does_not_apply(why: str) -> NoReturn:
    """Skip: the law has no meaning for this provider."""
    pytest.skip(f"does not apply: {why}")
