"""A Kratos for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.ory.world import KEY, World
from tests.servers.ory import KratosServer


@pytest.fixture
def server() -> Iterator[KratosServer]:
    """One's own: no key, no limits."""
    with KratosServer() as server:
        yield server


@pytest.fixture
def world(server: KratosServer, tmp_path: Path) -> Iterator[World]:
    with World(server, tmp_path) as world:
        yield world


@pytest.fixture
def project(tmp_path: Path) -> Iterator[World]:
    """A project of the Ory Network: it asks for a key and takes one create at a time."""
    with KratosServer(key=KEY) as server, World(server, tmp_path, api_key=KEY) as world:
        yield world
