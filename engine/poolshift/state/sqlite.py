"""The state of one lineage in one SQLite file."""

import time
from pathlib import Path

from poolshift.state import clock, lease
from poolshift.state.process import Process
from poolshift.state.sql_store import SqlStore
from poolshift.state.sqlite_connection import SqliteConnection


class SqliteStore(SqlStore):
    """A writer keeps everybody else out by its lease; readers keep writers out by reading."""

    def __init__(self, path: Path, migration: str, master_key: bytes, *, write: bool) -> None:
        """Raises Locked; StateUnusable."""
        connection = SqliteConnection(path, write=write)
        try:
            if not write:
                _refuse_while_held(connection)
        except BaseException:
            connection.close()
            raise
        super().__init__(connection, migration, master_key)


def _refuse_while_held(connection: SqliteConnection) -> None:
    """A reader that stayed would keep the holder from committing."""
    held = lease.read(connection)
    if held.is_live(Process.current(), None, clock.seconds(), time.time()):
        raise held.locked(connection.place)
