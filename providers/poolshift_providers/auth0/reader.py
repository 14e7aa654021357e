"""Reads a tenant: organizations, roles, their members, then people and, with them, their links."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from poolshift.errors import AccessDenied, ProviderDown
from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.operation import Failed
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Complete, Found, Page, Partial, Want
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.connection import database
from poolshift_providers.auth0.export_job import ExportJob
from poolshift_providers.auth0.lookup import Lookup
from poolshift_providers.auth0.membership import Memberships
from poolshift_providers.auth0.schema import documented, schema_of
from poolshift_providers.auth0.settings import Settings
from poolshift_providers.auth0.user_record import link_records, record_of

_PROBES: Final = {
    "read:connections": "connections",
    "read:users": "users",
    "read:roles": "roles",
    "read:organizations": "organizations",
}
_KINDS: Final = frozenset[Kind](("organization", "role", "organization_member", "role_member", "user", "link"))


@contextmanager
def _explained() -> Iterator[None]:
    """A read that the tenant refuses, for a reason nobody foresaw, ends the command."""
    try:
        yield
    except Failed as error:
        remedy = "Report this to the author of the provider, with the status."
        raise ProviderDown.of("HTTP_REFUSED", error.failure.message, remedy) from error


class TenantReader:
    """One connection. Every method raises AccessDenied or ProviderDown when the tenant cannot be read."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._calls = calls
        self._api = ManagementApi(calls)

    def fingerprint(self) -> Mapping[str, str]:
        return {"provider": "auth0", "domain": self._settings.domain, "connection": self._settings.connection}

    def schema(self) -> Schema:
        with _explained():
            return schema_of(self._settings, database(self._api, self._settings.connection))

    def access(self) -> Mapping[str, bool | None]:
        """Reads are tried; whether writes are allowed is not known without one."""
        granted: dict[str, bool | None] = {}
        for scope, endpoint in _PROBES.items():
            try:
                self._api(endpoint, query={"per_page": "1"})
            except AccessDenied as error:
                if any(diagnostic.code != "HTTP_DENIED" for diagnostic in error.diagnostics):
                    raise
                granted[scope] = False
            else:
                granted[scope] = True
        kinds = documented(self._settings).kinds
        asked = {scope for kind in kinds.values() for scopes in kind.scopes.values() for scope in scopes}
        return dict.fromkeys(sorted(asked)) | granted

    def read(self, want: Want) -> Iterator[Page]:
        """The export is begun first and fetched last; the count that ends a kind is of distinct records."""
        with _explained():
            yield from self._read(want, time.time())

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        """One answer a value; people by endpoints that see every write at once."""
        lookup = Lookup(self._api)
        with _explained():
            for value in values:
                yield Found(value, tuple(lookup.find(kind, key, value)))

    def _read(self, want: Want, began: float) -> Iterator[Page]:
        for kind in sorted(want.kinds - _KINDS):
            yield Page(kind, (), Partial("a tenant does not hold it"))
        export = None
        if want.kinds & {"user", "link"}:
            export = ExportJob(self._calls, self._api, database(self._api, self._settings.connection))
        yield from Memberships(self._api).pages(want, began)
        if export is not None:
            yield from _people(export, want, began)


def _people(export: ExportJob, want: Want, began: float) -> Iterator[Page]:
    count = links = 0
    for users in export.users():
        count += len(users)
        if "user" in want.kinds:
            yield Page("user", tuple(map(record_of, users)))
        if "link" in want.kinds:
            found = tuple(link for user in users for link in link_records(user))
            links += len(found)
            yield Page("link", found)
    if "user" in want.kinds:
        yield Page("user", (), Complete(count, began))
    if "link" in want.kinds:
        yield Page("link", (), Complete(links, began))
