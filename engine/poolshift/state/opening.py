"""Find the state of a migration, create it where there is none, and open it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from poolshift.errors import InputError
from poolshift.state import keyring
from poolshift.state.sqlite import SqliteStore
from poolshift.state.sqlite_place import SqlitePlace

if TYPE_CHECKING:
    from poolshift.state.connection import Connection
    from poolshift.state.sql_store import SqlStore

_STATE: Final = "state.db"


class Backing(Protocol):
    """Where a state lies, or may be made. As a text it shows no secret."""

    def exists(self) -> bool:
        """Raises StateUnusable."""

    def create(self, migration: str, master_key: bytes, lineage: str = "", wrapped: bytes = b"") -> None:
        """A new lineage, or one that comes from elsewhere with its wrapped data key. Raises StateUnusable."""

    def connection(self, *, write: bool) -> "Connection":
        """Raises StateUnusable, Locked."""


def state_path(folder: Path, migration: str, settings: Mapping[str, Any]) -> Path:
    """Where a state file lies: beside the spec, or where ``settings["path"]`` says (relative to the spec's folder).

    Raises InputError SPEC_STATE.
    """
    path = settings.get("path")
    if path is None:
        return folder / keyring.FOLDER / migration / _STATE
    if not isinstance(path, str) or not path:
        raise InputError.of("SPEC_STATE", "state.settings.path is not a path", "Write the path of a file.")
    return folder / path


def place_of(folder: Path, migration: str, settings: Mapping[str, Any], backend: str = "sqlite") -> Backing:
    """Where the state lies. PostgreSQL's client is imported only where the spec asks for it. Raises InputError."""
    if backend == "sqlite":
        return SqlitePlace(state_path(folder, migration, settings))
    if backend == "postgres":
        from poolshift.state.postgres_place import PostgresPlace

        return PostgresPlace.of(migration, settings)
    raise InputError.of("SPEC_STATE", f"there is no state in {backend} yet", "Use sqlite or postgres.")


def open_store(
    folder: Path,
    migration: str,
    settings: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    write: bool,
    backend: str = "sqlite",
) -> "SqlStore":
    """The state of a migration whose spec lies in ``folder``; a new one, with a new lineage, where there is none.

    write: take the lease and keep it until the store is closed. Without it the store is a snapshot; one of a file
    keeps writers waiting until it is closed.
    Raises Locked; StateUnusable: KEY_MISSING, KEY_MALFORMED, KEY_WRONG, STATE_DAMAGED, STATE_FOREIGN, STATE_NEWER,
    STATE_UNWRITABLE, STATE_FULL, STATE_DOWN, STATE_DENIED; InputError SPEC_STATE.
    """
    place = place_of(folder, migration, settings, backend)
    # A key for a shared state is not made up: it would lie on one of several machines.
    exists = place.exists()
    master_key = keyring.master_key(folder, environ, generate=not exists and backend == "sqlite")
    if not exists:
        place.create(migration, master_key)
    if isinstance(place, SqlitePlace):
        return SqliteStore(place.path, migration, master_key, write=write)
    from poolshift.state.sql_store import SqlStore

    return SqlStore(place.connection(write=write), migration, master_key)
