"""Writes to an Ory: identities here, their social sign-ins in a file of their own."""

from collections.abc import Iterator
from functools import cached_property
from threading import Lock

from poolshift.provider.operation import Batch, Code, Failed, Failure, Operation, Outcome
from poolshift.provider.schema import Route
from poolshift.provider.session import Calls
from poolshift_providers.ory.identity_record import Layout
from poolshift_providers.ory.link_writes import LinkWrites
from poolshift_providers.ory.organizations import Organizations, member_id
from poolshift_providers.ory.reader import read_traits
from poolshift_providers.ory.requests import Requests
from poolshift_providers.ory.settings import Settings
from poolshift_providers.ory.user_writes import UserWrites


class IdentityWriter:
    """May be used from several threads; keeps nothing but the identity schema."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._requests = Requests(calls, settings)
        self._links = LinkWrites(self._requests)
        self._organizations = Organizations(calls, settings)
        self._reading = Lock()

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        """Outcomes as the calls land. Raises Failed, Unknown and, of a batch, WholeRejected."""
        if route.name == "batch":
            yield from self._users.create_all(batch.operations)
            return
        for operation in batch.operations:
            if operation.kind == "link":
                yield from self._links.write(operation)
            elif operation.kind == "organization":
                yield self._organizations.create(operation)
            elif operation.kind == "organization_member":
                yield self._look(operation)
            elif operation.kind != "user":
                raise Failed(Failure(Code.UNSUPPORTED, f"Ory holds no {operation.kind}"))
            elif operation.verb == "create":
                yield from self._users.create(operation)
            elif operation.verb == "update":
                yield from self._users.update(operation)
            else:
                yield from self._users.delete(operation)

    def _look(self, operation: Operation) -> Outcome:
        """Whether the identity is in its organization: after a create whose answer was lost."""
        user, organization = (operation.refs[name].id or "" for name in ("user", "organization"))
        identity = self._requests.identity(user)
        if identity is None or identity.get("organization_id") != organization:
            raise Failed(Failure(Code.UNSUPPORTED, "an identity gets its organization when it is created"))
        return Outcome(operation.address, "already", id=member_id(user, organization))

    @property
    def _users(self) -> UserWrites:
        with self._reading:
            return self._made

    @cached_property
    def _made(self) -> UserWrites:
        layout = Layout.of(read_traits(self._requests, self._settings))
        return UserWrites(self._requests, self._settings.schema_id, layout)
