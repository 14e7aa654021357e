"""Reads a realm: what people can be in, users, then who is in what and who is linked with whom."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from poolshift.errors import AccessDenied, ProviderDown
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failed
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Complete, Found, Page, Partial, Want
from poolshift_providers.keycloak import access, lookup, shared_records
from poolshift_providers.keycloak.admin import Admin
from poolshift_providers.keycloak.listing import Users
from poolshift_providers.keycloak.member_records import MEMBERS
from poolshift_providers.keycloak.paging import ListMoved
from poolshift_providers.keycloak.realm import Realm, realm_of
from poolshift_providers.keycloak.schema import schema_of
from poolshift_providers.keycloak.settings import Settings
from poolshift_providers.keycloak.user_record import link_records, record_of

ORDER: Final[tuple[Kind, ...]] = (
    "attribute",
    "organization",
    "role",
    "group",
    "user",
    "organization_member",
    "role_member",
    "group_member",
    "link",
)


def describe(admin: Admin, settings: Settings) -> Realm:
    """The realm as it is now. Raises AccessDenied REALM_NOT_FOUND."""
    own = admin.found("", "view-realm")
    if own is None:
        why = f"there is no realm {settings.realm} at {settings.base}"
        raise AccessDenied.of("REALM_NOT_FOUND", why, "Check `url` and `realm`, and whose client this is.")
    return realm_of(
        own,
        admin.get("/users/profile", "view-realm"),
        admin.get("/default-groups", "view-realm"),
        admin.get("/authentication/required-actions", "view-realm"),
        admin.get("/identity-provider/instances", "view-identity-providers", briefRepresentation=True),
    )


@contextmanager
def _explained() -> Iterator[None]:
    """A read that the server refuses, for a reason nobody foresaw, ends the command."""
    try:
        yield
    except Failed as error:
        remedy = "Report this to the author of the provider, with the request and the status."
        raise ProviderDown.of("HTTP_REFUSED", error.failure.message, remedy) from error


class RealmReader:
    """One realm. Every method raises AccessDenied or ProviderDown when it cannot be read."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._admin = Admin(settings, calls)
        self._realm: Realm | None = None

    def fingerprint(self) -> Mapping[str, str]:
        return {"provider": "keycloak", "url": self._settings.base, "realm": self._settings.realm}

    def schema(self) -> Schema:
        with _explained():
            self._realm = describe(self._admin, self._settings)
        return schema_of(self._realm)

    def access(self) -> Mapping[str, bool | None]:
        """By role of realm-management, as far as the service account may see its own."""
        with _explained():
            held = access.roles_of(self._admin, self._settings.client_id)
        scopes = {name for kind in schema_of(Realm()).kinds.values() for own in kind.scopes.values() for name in own}
        return {name: None if held is None else name in held for name in sorted(scopes)}

    def read(self, want: Want) -> Iterator[Page]:
        with _explained():
            for kind in sorted(want.kinds - set(ORDER)):
                yield Page(kind, (), Partial("a realm does not hold it"))
            for kind in ORDER:
                if kind in want.kinds:
                    yield from self._pages(kind, want)

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        """One answer a value, read from the database: sure at once."""
        with _explained():
            for value in values:
                yield Found(value, tuple(lookup.find(self._admin, self._known, kind, key, value)))

    @property
    def _known(self) -> Realm:
        """What does not change while a session lasts."""
        if self._realm is None:
            self._realm = describe(self._admin, self._settings)
        return self._realm

    def _pages(self, kind: Kind, want: Want) -> Iterator[Page]:
        began = time.time()
        if kind in ("organization", "organization_member") and not self._known.organizations:
            yield Page(
                kind, (), Partial("organizations are switched off in this realm: switch them on, or leave them out")
            )
        elif kind == "user":
            yield from self._users(began)
        else:
            yield from _counted(kind, self._records(kind, want), began)

    def _records(self, kind: Kind, want: Want) -> Iterable[Sequence[Record]]:
        if kind == "link":
            return self._links()
        if kind in MEMBERS:
            parent = MEMBERS[kind]
            named = want.parents.get(parent.kind)
            return parent.pages(self._admin, sorted(named) if named else None, self._known.default_role)
        list_: Callable[[Admin], Iterable[Sequence[Record]]] = shared_records.LISTS[kind]
        return list_(self._admin)

    def _users(self, began: float) -> Iterator[Page]:
        users, realm = Users(self._admin), self._known
        for page in users.pages():
            yield Page("user", tuple(record_of(user, realm) for user in page))
        yield Page("user", (), Partial(users.broken) if users.broken else Complete(users.count, began))

    def _links(self) -> Iterator[Sequence[Record]]:
        """Only of those who have one: a list by identity provider names the users, not what they are linked to."""
        for alias in sorted(self._known.identity_providers or ()):
            for page in self._admin.pages("/users", "view-users", idpAlias=alias, briefRepresentation=True):
                yield [
                    link
                    for user in page
                    for link in link_records(
                        str(user["id"]), self._admin.found(f"/users/{user['id']}/federated-identity", "view-users")
                    )
                    if link.values["provider"] == alias
                ]


def _counted(kind: Kind, pages: Iterable[Sequence[Record]], began: float) -> Iterator[Page]:
    """A parent that is removed while its members are read has none any more."""
    count = 0
    try:
        for page in pages:
            count += len(page)
            yield Page(kind, tuple(page))
    except (Failed, ListMoved) as error:
        if isinstance(error, Failed) and error.failure.code is not Code.GONE:
            raise
        yield Page(kind, (), Partial("something was removed while it was read"))
        return
    yield Page(kind, (), Complete(count, began))
