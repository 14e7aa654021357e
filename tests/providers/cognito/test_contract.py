"""A pool keeps the laws, as source and destination, on an emulator behind rules of ours."""

from collections.abc import Iterator, Mapping

import pytest

from poolshift.identity.kind import Kind
from poolshift.testing import DestinationContract, SourceContract, quick_folder
from poolshift.testing.laws.calling import CallingLaws
from poolshift.testing.laws.contract import Contract
from poolshift.testing.laws.rules import RuleLaws
from poolshift.testing.laws.sending import SendingLaws
from tests.providers.cognito.contract_world import CognitoWorld
from tests.providers.cognito.world import person
from tests.servers.cognito import CognitoServer

pytestmark = pytest.mark.slow
ROLE = "arn:aws:iam::123456789012:role/import-log"


class TestCognito(DestinationContract):
    """All laws, on a new pool each."""

    @pytest.fixture
    def world(self, server: CognitoServer) -> Iterator[CognitoWorld]:
        with quick_folder() as folder:
            yield CognitoWorld(server, folder)


class TestCognitoByJob(Contract):
    """The laws in which the import job matters, on a pool that takes one; people go there in no other way."""

    test_08 = SendingLaws.test_08_row_means_row
    test_13 = CallingLaws.test_13_cost
    test_16 = CallingLaws.test_16_jobs
    test_18 = RuleLaws.test_18_forces

    @pytest.fixture
    def world(self, server: CognitoServer) -> Iterator[CognitoWorld]:
        """A started job ends at the next look: what more looks cost is no matter of what is declared."""
        server.imports.polls = 1
        with quick_folder() as folder:
            yield CognitoWorld(server, folder, import_role_arn=ROLE)


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
