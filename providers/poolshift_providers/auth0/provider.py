"""The entry point. Loading it imports neither the settings model nor a session."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import poolshift

if TYPE_CHECKING:
    from pydantic import BaseModel

    from poolshift.provider.operation import Failure
    from poolshift.provider.schema import Schema
    from poolshift.provider.session import Calls, HttpConnection, Reader, Writer


class Auth0:
    """A destination."""

    name = "auth0"
    version = poolshift.__version__
    contract = 1
    ends: frozenset[Literal["source", "destination"]] = frozenset({"destination"})

    @property
    def settings(self) -> "type[BaseModel]":
        from poolshift_providers.auth0.settings import Settings

        return Settings

    def documented(self, settings: Any) -> "Schema":
        from poolshift_providers.auth0.schema import documented

        return documented(settings)

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> "Failure":
        from poolshift_providers.auth0.failures import failure_of

        return failure_of(status, body, headers)

    def http(self, settings: Any) -> "HttpConnection":
        """The Management API; its tokens are for an audience, and come from the tenant itself."""
        from poolshift.provider.session import HttpConnection, Token

        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.get_secret_value(),
            "audience": settings.asked_audience,
        }
        token = Token(f"{settings.where}/oauth/token", form)
        return HttpConnection(f"{settings.where}/api/v2", self.failure, token=token)

    def reader(self, settings: Any, calls: "Calls") -> "Reader":
        from poolshift_providers.auth0.reader import TenantReader

        return TenantReader(settings, calls)

    def writer(self, settings: Any, calls: "Calls", schema: "Schema") -> "Writer":
        from poolshift_providers.auth0.writer import TenantWriter

        return TenantWriter(settings, calls)
