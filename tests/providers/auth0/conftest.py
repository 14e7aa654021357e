"""A tenant for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.auth0.world import World
from tests.servers.auth0 import Auth0Server


@pytest.fixture
def server() -> Iterator[Auth0Server]:
    with Auth0Server() as server:
        yield server


@pytest.fixture
def world(server: Auth0Server, tmp_path: Path) -> World:
    return World(server, tmp_path)
