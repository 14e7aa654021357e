"""The strict emulator of a user pool, as a place to migrate into and out of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from types import TracebackType
from typing import Any, Self

from tests.end_to_end.cognito.pools import People, Pools
from tests.population.people import Person
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.pool import Pool


class Emulated:
    """A context manager around a server with two pools."""

    def __enter__(self) -> Self:
        self._server = CognitoServer().__enter__()
        self._pools = Pools(self._server)
        self.old_id, self.new_id = self._pools.old_id, self._pools.new_id
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def messages(self) -> Sequence[object]:
        return self._server.messages

    def seed(self, people: Sequence[Person]) -> None:
        """Into the old pool, in the place of everybody there."""
        for user in tuple(self._pools.old.users.values()):
            self._pools.old.remove(user)
        self._pools.seed(people)

    def snapshot(self) -> Pool:
        """A new pool of its own that belongs to the same service."""
        return _copy(self._pools.new)

    def put(self, snapshot: Any) -> None:
        """A copy of it in the new pool's place; no message was sent."""
        snapshot.backend.user_pools[snapshot.id] = _copy(snapshot)
        self._server.messages.clear()

    def holders(self) -> Counter[str | None]:
        """How many records of the new pool hold each source id."""
        return Counter(user.attribute_lookup.get("custom:legacy_sub") for user in self._pools.new.users.values())

    def moved(self) -> People:
        return self._pools.moved()

    def ids(self) -> Mapping[str, str]:
        return self._pools.ids()


def _copy(pool: Pool) -> Pool:
    return deepcopy(pool, {id(pool.backend): pool.backend})
