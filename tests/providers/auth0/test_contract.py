"""A tenant keeps the laws, on a server of ours."""

from collections.abc import Iterator

import pytest

from poolshift.testing import DestinationContract, quick_folder
from tests.providers.auth0.contract_world import Auth0World
from tests.servers.auth0 import Auth0Server

pytestmark = pytest.mark.slow


class TestAuth0(DestinationContract):
    """All laws, on a new tenant each."""

    @pytest.fixture
    def world(self, server: Auth0Server) -> Iterator[Auth0World]:
        with quick_folder() as folder:
            yield Auth0World(server, folder)
