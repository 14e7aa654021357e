"""The entry point. Loading it imports neither the settings model nor a session."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import poolshift

if TYPE_CHECKING:
    from pydantic import BaseModel

    from poolshift.provider.operation import Failure
    from poolshift.provider.schema import Schema
    from poolshift.provider.session import Calls, Reader, Writer


class Directory:
    """Destination, and readable as a source."""

    name = "directory"
    version = poolshift.__version__
    contract = 1
    ends: frozenset[Literal["source", "destination"]] = frozenset({"source", "destination"})

    @property
    def settings(self) -> "type[BaseModel]":
        from poolshift_providers.directory.settings import Settings

        return Settings

    def documented(self, settings: Any) -> "Schema":
        from poolshift_providers.directory.schema import schema_of

        return schema_of(settings, {})

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> "Failure":
        """A file answers no request: whatever this is, it is not from here."""
        from poolshift.provider.operation import Code, Failure

        return Failure(Code.UNMAPPED, f"a directory file has no answer with status {status}")

    def reader(self, settings: Any, calls: "Calls") -> "Reader":
        from poolshift_providers.directory.reader import DirectoryReader

        return DirectoryReader(settings, calls)

    def create(self, settings: Any, folder: Path) -> None:
        """Make the file, empty. Raises InputError when it is there or cannot be made."""
        from poolshift_providers.directory.database import create

        create(folder / settings.path, settings)

    def writer(self, settings: Any, calls: "Calls", schema: "Schema") -> "Writer":
        from poolshift_providers.directory.writer import DirectoryWriter

        return DirectoryWriter(settings, calls)
