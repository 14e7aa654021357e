"""The entry point. Loading it imports no reader and no settings model: those wait until they are asked for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import poolshift
from poolshift.errors import UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from poolshift.provider.operation import Failure
    from poolshift.provider.schema import Schema
    from poolshift.provider.session import Calls, Reader, Writer


class CognitoExport:
    """Source only."""

    name = "cognito_export"
    version = poolshift.__version__
    contract = 1
    ends: frozenset[Literal["source", "destination"]] = frozenset({"source"})

    @property
    def settings(self) -> "type[BaseModel]":
        from poolshift_providers.cognito_export.settings import Settings

        return Settings

    def documented(self, settings: Any) -> "Schema":
        """Standard attributes are known, custom ones are text: the pool's own schema is read by `Reader.schema`."""
        from poolshift_providers.cognito_export.schema import schema_of

        return schema_of({}, groups=settings.groups is not None)

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> "Failure":
        """An export answers no request: whatever this is, it is not from here."""
        from poolshift.provider.operation import Code, Failure

        return Failure(Code.UNMAPPED, f"an export has no answer with status {status}")

    def reader(self, settings: Any, calls: "Calls") -> "Reader":
        from poolshift_providers.cognito_export.reader import ExportReader

        return ExportReader(settings, calls)

    def writer(self, settings: Any, calls: "Calls", schema: "Schema") -> "Writer":
        """An export cannot be written: always raises UsageError."""
        raise UsageError.of("SOURCE_ONLY", "an export can only be a source", "Choose another destination.")
