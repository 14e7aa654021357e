"""The entry point. Loading it imports neither the settings model nor a session, nor the SDK."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import poolshift

if TYPE_CHECKING:
    from pydantic import BaseModel

    from poolshift.provider.operation import Failure
    from poolshift.provider.schema import Schema
    from poolshift.provider.session import AwsConnection, Calls, Reader, Writer


class Cognito:
    """Source and destination."""

    name = "cognito"
    version = poolshift.__version__
    contract = 1
    ends: frozenset[Literal["source", "destination"]] = frozenset({"source", "destination"})

    @property
    def settings(self) -> "type[BaseModel]":
        from poolshift_providers.cognito.settings import Settings

        return Settings

    def documented(self, settings: Any) -> "Schema":
        from poolshift_providers.cognito.schema import documented

        return documented(settings)

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> "Failure":
        from poolshift_providers.cognito.failures import failure_of

        return failure_of(status, body, headers)

    def aws(self, settings: Any) -> "AwsConnection":
        """The service of the pool's region."""
        from poolshift.provider.session import AwsConnection

        return AwsConnection(
            service="cognito-idp",
            failure=self.failure,
            region=settings.where,
            profile=settings.profile,
            role_arn=settings.role_arn,
            endpoint_url=settings.endpoint_url,
            others={"logs": settings.logs_endpoint_url},
        )

    def reader(self, settings: Any, calls: "Calls") -> "Reader":
        from poolshift_providers.cognito.reader import PoolReader

        return PoolReader(settings, calls)

    def writer(self, settings: Any, calls: "Calls", schema: "Schema") -> "Writer":
        from poolshift_providers.cognito.writer import PoolWriter

        return PoolWriter(settings, calls)
