"""A realm keeps the laws, on a real server."""

from collections.abc import Iterator

import pytest

from poolshift.testing import DestinationContract, quick_folder
from tests.providers.keycloak.contract_world import KeycloakWorld
from tests.servers.keycloak import Realm, shared_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> Iterator[KeycloakWorld]:
    """One realm for all laws: making one takes longer than most of them."""
    with Realm(shared_server()) as realm, quick_folder() as folder:
        yield KeycloakWorld(realm, folder)


class TestKeycloak(DestinationContract):
    """All laws."""
