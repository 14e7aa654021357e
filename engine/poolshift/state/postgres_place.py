"""Where a state lies in PostgreSQL, which several machines share, and how a new one comes to be."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import psycopg

from poolshift.errors import InputError
from poolshift.state import keyring, postgres_schema
from poolshift.state.postgres_connection import PostgresConnection, connect
from poolshift.state.postgres_errors import meaning


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """Where a state lies. The url is a secret: neither shown nor in any error."""

    url: str = field(repr=False)
    schema: str

    @classmethod
    def of(cls, migration: str, settings: Mapping[str, Any]) -> Self:
        """The schema is called like the migration unless ``settings["schema"]`` says otherwise.

        Raises InputError SPEC_STATE.
        """
        url, schema = settings.get("url"), settings.get("schema") or migration
        if not isinstance(url, str) or not url or not isinstance(schema, str):
            raise InputError.of("SPEC_STATE", "state.settings.url is no address", 'Write url: "${env:STATE_URL}".')
        return cls(url, schema)

    def __str__(self) -> str:
        return f"postgres, schema {self.schema}"

    def exists(self) -> bool:
        """Raises StateUnusable."""
        with connect(self.url, self.schema, str(self)) as raw:
            try:
                return postgres_schema.exists(raw, self.schema)
            except psycopg.Error as error:
                raise meaning(error, str(self)) from error

    def create(self, migration: str, master_key: bytes, lineage: str = "", wrapped: bytes = b"") -> None:
        """A new lineage, or one that comes from elsewhere with its wrapped data key. Raises StateUnusable."""
        lineage = lineage or uuid.uuid4().hex
        wrapped = wrapped or keyring.wrap(keyring.new_data_key(), master_key, lineage)
        with connect(self.url, self.schema, str(self)) as raw:
            try:
                postgres_schema.create(raw, self.schema, migration, lineage, wrapped)
            except psycopg.Error as error:
                raise meaning(error, str(self)) from error

    def connection(self, *, write: bool) -> PostgresConnection:
        return PostgresConnection(self.url, self.schema, str(self), write=write)
