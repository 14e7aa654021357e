"""Writes to a realm: what each kind needs is in its own file."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Final

from poolshift.identity.kind import Kind
from poolshift.provider.operation import Batch, Code, Failed, Failure, Operation, Outcome
from poolshift.provider.schema import Route
from poolshift.provider.session import Calls
from poolshift_providers.keycloak.admin import Admin
from poolshift_providers.keycloak.element_writes import (
    write_group_member,
    write_link,
    write_organization_member,
    write_role_member,
)
from poolshift_providers.keycloak.reader import describe
from poolshift_providers.keycloak.realm import Realm
from poolshift_providers.keycloak.routes import IMPORT, PROFILE
from poolshift_providers.keycloak.settings import Settings
from poolshift_providers.keycloak.shared_writes import declare, write_group, write_organization, write_role
from poolshift_providers.keycloak.user_writes import import_users, write_user

_WRITES: Final[Mapping[Kind, Callable[[Admin, Operation], Iterator[Outcome]]]] = {
    "organization": write_organization,
    "role": write_role,
    "group": write_group,
    "user": write_user,
    "organization_member": write_organization_member,
    "role_member": write_role_member,
    "group_member": write_group_member,
    "link": write_link,
}


class RealmWriter:
    """May be used from several threads; keeps nothing but the realm's settings, read once before the first import."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._admin = Admin(settings, calls)
        self._reading = Lock()
        self._realm: Realm | None = None

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        """Outcomes as the calls land. Raises Failed, Unknown, and WholeRejected for imports and the user profile."""
        if route.name == PROFILE:
            yield from declare(self._admin, batch)
        elif route.name == IMPORT:
            yield from import_users(self._admin, self._known(), batch)
        else:
            for operation in batch.operations:
                write = _WRITES.get(operation.kind)
                if write is None:
                    raise Failed(Failure(Code.UNSUPPORTED, f"a realm holds no {operation.kind}"))
                yield from write(self._admin, operation)

    def _known(self) -> Realm:
        with self._reading:
            if self._realm is None:
                self._realm = describe(self._admin, self._settings)
            return self._realm
