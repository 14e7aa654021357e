"""Kratos and a project of the Ory Network keep the laws, on a server of ours."""

from collections.abc import Iterator

import pytest

from poolshift.testing import DestinationContract, quick_folder
from tests.providers.ory.contract_world import PROJECT, OryWorld
from tests.providers.ory.world import KEY
from tests.servers.ory import KratosServer

pytestmark = pytest.mark.slow


class TestKratos(DestinationContract):
    """All laws, on a Kratos of one's own."""

    @pytest.fixture
    def world(self) -> Iterator[OryWorld]:
        with KratosServer(choose_passwords=True) as server, quick_folder() as folder:
            yield OryWorld(server, folder)


class TestNetwork(DestinationContract):
    """All laws, on a project with a key, organizations, and one create at a time."""

    @pytest.fixture
    def world(self) -> Iterator[OryWorld]:
        with KratosServer(key=KEY, choose_passwords=True) as server, quick_folder() as folder:
            console = {"project_id": PROJECT, "workspace_key": server.workspace_key, "console_url": server.url}
            yield OryWorld(server, folder, api_key=KEY, **console)
