"""The tables of a state file, and how a new one comes to be."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from poolshift.state.private_file import publish, temporary_beside

APPLICATION_ID: Final = 0x706C7368  # "plsh"
FORMAT: Final = 1
PAGE_BYTES: Final = 4096

TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE tenants (side TEXT PRIMARY KEY, pins TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rule_sets (number INTEGER PRIMARY KEY, rules TEXT NOT NULL UNIQUE);
CREATE TABLE people (id BLOB PRIMARY KEY, base BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE shared (address TEXT PRIMARY KEY, base BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE resolutions (
    address TEXT NOT NULL, path TEXT NOT NULL, keep TEXT NOT NULL, desired BLOB NOT NULL, actual BLOB NOT NULL,
    who TEXT NOT NULL, why TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (address, path)
) WITHOUT ROWID;
CREATE TABLE plans (id TEXT PRIMARY KEY, digest TEXT NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE finished (plan TEXT NOT NULL, address TEXT NOT NULL, PRIMARY KEY (plan, address)) WITHOUT ROWID;
CREATE TABLE windows (
    number INTEGER PRIMARY KEY, run TEXT NOT NULL, plan TEXT NOT NULL, route TEXT NOT NULL, label TEXT NOT NULL,
    opened_at REAL NOT NULL, closed_at REAL, counts TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX open_windows ON windows (number) WHERE closed_at IS NULL;
CREATE TABLE intents (
    window INTEGER NOT NULL, address TEXT NOT NULL, position INTEGER NOT NULL, body BLOB NOT NULL, result TEXT,
    PRIMARY KEY (window, address)
) WITHOUT ROWID;
CREATE TABLE jobs (
    label TEXT PRIMARY KEY, window INTEGER NOT NULL, begun_at REAL NOT NULL, batch BLOB NOT NULL, handle TEXT
) WITHOUT ROWID;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, plan TEXT NOT NULL,
    started_at REAL NOT NULL, ended_at REAL, exit_code INTEGER, report TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE failures (
    number INTEGER PRIMARY KEY, run TEXT NOT NULL, address TEXT NOT NULL, result TEXT NOT NULL, destination_id TEXT,
    person TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, UNIQUE (run, address)
);
"""
"""A closed window keeps its row with counts per result; its intents move to `finished` until the plan is closed."""


def create(path: Path, migration: str, lineage: str, wrapped_key: bytes) -> bool:
    """Puts a new state at ``path``, whole or not at all; False when another command was first.

    Raises OSError and sqlite3.Error.
    """
    temporary = temporary_beside(path)
    try:
        _fill(temporary, migration, lineage, wrapped_key)
    except sqlite3.Error:
        temporary.with_name(f"{temporary.name}-journal").unlink(missing_ok=True)
        temporary.unlink()
        raise
    return publish(temporary, path)


def _fill(path: Path, migration: str, lineage: str, wrapped_key: bytes) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(
            f"BEGIN;\nPRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {FORMAT};\n{TABLES}"
        )
        meta = {"migration": migration.encode(), "lineage": lineage.encode(), "key": wrapped_key}
        connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items())
        connection.execute("COMMIT")
