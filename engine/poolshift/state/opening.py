"""Find the state of a migration, create it where there is none, and open it."""

import errno
import os
import sqlite3
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from poolshift.errors import InputError
from poolshift.state import keyring, sqlite_schema
from poolshift.state.private_file import create_folder, writing
from poolshift.state.sqlite import SqliteStore
from poolshift.state.sqlite_connection import meaning
from poolshift.state.store import Store

_STATE: Final = "state.db"


def state_path(folder: Path, migration: str, settings: Mapping[str, Any]) -> Path:
    """Where the state lies: beside the spec, or where ``settings["path"]`` says (relative to the spec's folder).

    Raises InputError SPEC_STATE.
    """
    path = settings.get("path")
    if path is None:
        return folder / keyring.FOLDER / migration / _STATE
    if not isinstance(path, str) or not path:
        raise InputError.of("SPEC_STATE", "state.settings.path is not a path", "Write the path of a file.")
    return folder / path


def open_store(
    folder: Path, migration: str, settings: Mapping[str, Any], environ: Mapping[str, str], *, write: bool
) -> Store:
    """The state of a migration whose spec lies in ``folder``; a new one, with a new lineage, where there is none.

    write: take the exclusive lock and keep it until the store is closed. Without it the store is a snapshot, which
    keeps writers waiting until it is closed.
    Raises Locked; StateUnusable: KEY_MISSING, KEY_MALFORMED, KEY_WRONG, STATE_DAMAGED, STATE_FOREIGN, STATE_NEWER,
    STATE_UNWRITABLE, STATE_FULL; InputError SPEC_STATE.
    """
    path = state_path(folder, migration, settings)
    exists = _exists(path)
    master_key = keyring.master_key(folder, environ, generate=not exists)
    if not exists:
        _create(path, migration, master_key)
    return SqliteStore(path, migration, master_key, write=write)


def _exists(path: Path) -> bool:
    with writing(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        return path.exists()


def _create(path: Path, migration: str, master_key: bytes) -> None:
    lineage = uuid.uuid4().hex
    wrapped = keyring.wrap(keyring.new_data_key(), master_key, lineage)
    with writing(path):
        create_folder(path.parent)
        try:
            # Whoever came first has made the state; this command then opens that one.
            sqlite_schema.create(path, migration, lineage, wrapped)
        except sqlite3.Error as error:
            raise meaning(error, path) from error
