"""A realm of its own for every test that asks for one, on the server of this run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.keycloak.world import World
from tests.servers.keycloak import Realm, shared_server


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Realm(shared_server()) as realm:
        yield World(realm, tmp_path)
