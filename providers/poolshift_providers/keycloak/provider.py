"""The entry point. Loading it imports neither the settings model nor a session, nor the HTTP client."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import poolshift

if TYPE_CHECKING:
    from pydantic import BaseModel

    from poolshift.provider.operation import Failure
    from poolshift.provider.schema import Schema
    from poolshift.provider.session import Calls, HttpConnection, Reader, Writer

SECONDS = 120.0
"""How long an answer may take: an import of a batch is one transaction of the server's."""


class Keycloak:
    """Destination."""

    name = "keycloak"
    version = poolshift.__version__
    contract = 1
    ends: frozenset[Literal["source", "destination"]] = frozenset({"destination"})

    @property
    def settings(self) -> "type[BaseModel]":
        from poolshift_providers.keycloak.settings import Settings

        return Settings

    def documented(self, settings: Any) -> "Schema":
        from poolshift_providers.keycloak.schema import documented

        return documented()

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> "Failure":
        from poolshift_providers.keycloak.failures import failure_of

        return failure_of(status, body, headers)

    def http(self, settings: Any) -> "HttpConnection":
        """The server, with short tokens of the client's service account."""
        from poolshift.provider.session import HttpConnection, Token

        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
        }
        return HttpConnection(settings.base, self.failure, token=Token(settings.token_url, form), seconds=SECONDS)

    def reader(self, settings: Any, calls: "Calls") -> "Reader":
        from poolshift_providers.keycloak.reader import RealmReader

        return RealmReader(settings, calls)

    def writer(self, settings: Any, calls: "Calls", schema: "Schema") -> "Writer":
        from poolshift_providers.keycloak.writer import RealmWriter

        return RealmWriter(settings, calls)
