"""A PostgreSQL server of a test session, on a socket in a folder of its own."""

from tests.servers.postgres.server import Postgres

__all__ = ["Postgres"]
