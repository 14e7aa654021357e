"""A realm keeps the laws, on a real server."""

from collections.abc import Iterator

import pytest

from poolshift.testing import DestinationContract, quick_folder
from tests.providers.keycloak.contract_world import KeycloakWorld
from tests.servers.keycloak import Realm, shared_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def realm() -> Iterator[KeycloakWorld]:
    """One for all laws: making one takes longer than most of them."""
    with Realm(shared_server()) as realm, quick_folder() as folder:
        yield KeycloakWorld(realm, folder)


@pytest.fixture
def world(realm: KeycloakWorld) -> KeycloakWorld:
    """What is declared does not pile up."""
    realm.declare_again()
    return realm


class TestKeycloak(DestinationContract):
    """All laws."""
