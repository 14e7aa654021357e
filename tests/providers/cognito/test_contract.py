"""A pool keeps the laws, as source and destination, on an emulator behind rules of ours."""

from collections.abc import Iterator, Mapping

import pytest

from poolshift.identity.kind import Kind
from poolshift.testing import DestinationContract, SourceContract, quick_folder
from tests.providers.cognito.contract_world import CognitoWorld
from tests.providers.cognito.world import person
from tests.servers.cognito import CognitoServer

pytestmark = pytest.mark.slow


class TestCognito(DestinationContract):
    """All laws, on a new pool each."""

    @pytest.fixture
    def world(self, server: CognitoServer) -> Iterator[CognitoWorld]:
        with quick_folder() as folder:
            yield CognitoWorld(server, folder)


class Seeded(CognitoWorld):
    """A pool with more people than a page of its listing holds."""

    def there(self) -> Mapping[Kind, set[str]]:
        return self._seeded

    def seed(self, server: CognitoServer) -> "Seeded":
        people = [person(1_000_000 + number) for number in range(70)]
        server.seed(people, {"staff": {"Members": [one["Username"] for one in people[:5]]}}, pool_id=self.pool)
        subs = {str(pair["Value"]) for one in people for pair in one["Attributes"] if pair["Name"] == "sub"}
        self._seeded: Mapping[Kind, set[str]] = {"user": subs, "group": {"staff"}}
        return self


class TestCognitoAsSource(SourceContract):
    """The laws of a source, on a pool that was there before."""

    @pytest.fixture
    def world(self, server: CognitoServer) -> Iterator[Seeded]:
        with quick_folder() as folder:
            yield Seeded(server, folder).seed(server)
