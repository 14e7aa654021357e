"""Where a state file lies, and how a new one comes to be."""

import errno
import os
import sqlite3
import uuid
from dataclasses import dataclass
from pathlib import Path

from poolshift.state import keyring, sqlite_schema
from poolshift.state.private_file import create_folder, writing
from poolshift.state.sqlite_connection import SqliteConnection, meaning


@dataclass(frozen=True, slots=True)
class SqlitePlace:
    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        """Raises StateUnusable."""
        with writing(self.path):
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
            return self.path.exists()

    def create(self, migration: str, master_key: bytes, lineage: str = "", wrapped: bytes = b"") -> None:
        """A new lineage, or one that comes from elsewhere with its wrapped data key. Raises StateUnusable."""
        lineage = lineage or uuid.uuid4().hex
        wrapped = wrapped or keyring.wrap(keyring.new_data_key(), master_key, lineage)
        with writing(self.path):
            create_folder(self.path.parent)
            try:
                # Whoever came first has made the state; this command then opens that one.
                sqlite_schema.create(self.path, migration, lineage, wrapped)
            except sqlite3.Error as error:
                raise meaning(error, self.path) from error

    def connection(self, *, write: bool) -> SqliteConnection:
        return SqliteConnection(self.path, write=write)
