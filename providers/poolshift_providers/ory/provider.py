"""The entry point. Loading it imports neither the settings model nor a session."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import poolshift

if TYPE_CHECKING:
    from pydantic import BaseModel

    from poolshift.provider.operation import Failure
    from poolshift.provider.schema import Schema
    from poolshift.provider.session import Calls, HttpConnection, Reader, Writer


class Ory:
    """Destination only: a password that Kratos keeps cannot be read, and nobody leaves it by this way yet."""

    name = "ory"
    version = poolshift.__version__
    contract = 1
    ends: frozenset[Literal["source", "destination"]] = frozenset({"destination"})

    @property
    def settings(self) -> "type[BaseModel]":
        from poolshift_providers.ory.settings import Settings

        return Settings

    def documented(self, settings: Any) -> "Schema":
        from poolshift_providers.ory.schema import documented

        return documented(settings)

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> "Failure":
        from poolshift_providers.ory.failures import failure_of

        return failure_of(status, body, headers)

    def http(self, settings: Any) -> "HttpConnection":
        """The admin API. Without a key it is open to whoever reaches it: that is how Kratos itself is."""
        from poolshift.provider.session import HttpConnection

        headers = {"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
        # A batch of a thousand takes longer than a single identity.
        return HttpConnection(settings.url, self.failure, headers, seconds=120.0)

    def reader(self, settings: Any, calls: "Calls") -> "Reader":
        from poolshift_providers.ory.reader import IdentityReader

        return IdentityReader(settings, calls)

    def writer(self, settings: Any, calls: "Calls", schema: "Schema") -> "Writer":
        from poolshift_providers.ory.writer import IdentityWriter

        return IdentityWriter(settings, calls)
