"""A pool of people on our strict Cognito, a realm on the real Keycloak."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.cognito.conftest import _credentials
from tests.end_to_end.keycloak.ends import Ends
from tests.servers.cognito import CognitoServer
from tests.servers.keycloak import Realm, shared_server

__all__ = ["_credentials"]


@pytest.fixture
def ends() -> Iterator[Ends]:
    with CognitoServer() as pool, Realm(shared_server()) as realm:
        yield Ends(pool, realm)
