"""Vendors' servers to migrate into, through a fault server. A further vendor is one more line, and one class."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Final, Protocol, Self, runtime_checkable

from tests.population.people import Person

from faults.emulated import Emulated
from faults.kratos import Kratos
from faults.realm import KeycloakRealm
from faults.stub import Stub
from faults.tenant import Tenant
from poolshift.testing.faults import Terms

People = Mapping[str, Mapping[str, Any]]
"""Everybody by source id, as the server holds them: without ids and times of its own."""


class Server(Protocol):
    """One vendor's server with a place to migrate into.

    terms: what its requests mean. environ: what the spec takes from the environment. messages: that it would have sent.
    holders: how many records hold each source id.
    """

    @property
    def terms(self) -> Terms: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def url(self) -> str: ...

    @property
    def messages(self) -> Sequence[object]: ...

    def spec(self, source: str | None, destination: str) -> str:
        """The spec of a migration by these URLs; of the export beside it where there is no source."""

    def snapshot(self) -> Any:
        """The place to migrate into, as it is."""

    def put(self, snapshot: Any) -> None:
        """Make it so again; no message was sent."""

    def holders(self) -> Counter[str | None]: ...

    def moved(self) -> People: ...

    def ids(self) -> Mapping[str, str]:
        """The server's id of everybody by source id."""


@runtime_checkable
class Origin(Protocol):
    """A server that has a place to migrate from as well."""

    def seed(self, people: Sequence[Person]) -> None:
        """Into the place to migrate from, instead of everybody there."""


SERVERS: Final[Mapping[str, Callable[[], Server]]] = {
    "cognito": Emulated,
    "stub": Stub,
    "ory": partial(Kratos, "api"),
    "ory, batches": Kratos,
    "keycloak": KeycloakRealm,
    "auth0": partial(Tenant, "api"),
    "auth0, jobs": partial(Tenant, "job"),
}

PAIRS: Final = (
    ("export", "cognito"),
    ("cognito", "cognito"),
    ("export", "stub"),
    ("export", "keycloak"),
    ("export", "auth0"),
    ("export", "auth0, jobs"),
    ("export", "ory"),
    ("export", "ory, batches"),
)
"""(source, destination) of the calls: an export, or the destination's vendor itself."""
