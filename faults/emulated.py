"""The strict emulator of a user pool, as a place to migrate into and out of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from types import TracebackType
from typing import Any, Final, Self

from tests.end_to_end.cognito.pools import People, Pools
from tests.end_to_end.cognito.spec import spec
from tests.population.people import Person
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.terms import CognitoTerms

from faults.exports import from_export

_REST: Final = '  - {match: "*", as: group}'
_NAMED: Final = "  - {match: Café staff, as: group, name: Café-staff}\n"
"""A pool takes no space in the name of a group."""


def pool_spec(old_pool: str, new_pool: str, source: str | None, destination: str) -> str:
    """From the pool at one URL, or from the export beside the spec, into the pool at the other."""
    text = spec(old_pool, new_pool, destination)
    if source is not None:
        return text.replace(destination, source, 1)
    return from_export(text.replace(_REST, _NAMED + _REST))


class Emulated:
    """A context manager around a server with two pools."""

    terms = CognitoTerms()
    environ: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        self._server = CognitoServer().__enter__()
        self._pools = Pools(self._server)
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

    def spec(self, source: str | None, destination: str) -> str:
        return pool_spec(self._pools.old_id, self._pools.new_id, source, destination)

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
