"""The laws of the provider contract as tests anybody can run on a provider of their own.

Write a `World`: an end to try the provider on, with a way to put and to get records around it. Then, in a test file:

    class TestAcme(DestinationContract):
        world = world_of(AcmeWorld)

`HttpWorld` is one whose end is a fake of an HTTP API. `SourceContract` is for providers that are only read. Each law
is one test, cites its number in docs/provider-contract.md, and skips with a reason where it has no meaning. Needs the
extra ``poolshift[testing]``.

Calls are broken by the kit itself, on the wire between the provider and its vendor (HTTP, AWS, SQLite): a world has
nothing to offer for that. A world that is slow to make or to ask is a fixture of the module, ``scope="module"``, and
lowers `World.points` (places at which calls are broken) and `World.examples`.

This layer is above all others; nothing of the product imports it.
"""

import pytest

pytest.register_assert_rewrite("poolshift.testing.laws")

from poolshift.testing.destination import DestinationContract  # noqa: E402
from poolshift.testing.folders import quick_folder  # noqa: E402
from poolshift.testing.http_world import HttpWorld, Refused, Request  # noqa: E402
from poolshift.testing.source_contract import SourceContract  # noqa: E402
from poolshift.testing.world import World  # noqa: E402
from poolshift.testing.world_fixture import world_of  # noqa: E402

__all__ = [
    "DestinationContract",
    "HttpWorld",
    "Refused",
    "Request",
    "SourceContract",
    "World",
    "quick_folder",
    "world_of",
]
