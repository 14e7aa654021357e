"""Export and import: a state goes from one place to another, from a file to a server too, as the same lineage."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from poolshift.diagnostics import Place
from poolshift.errors import StateUnusable
from poolshift.state import keyring, sealed_file
from poolshift.state.connection import Connection
from poolshift.state.opening import Backing
from poolshift.state.sealed_file import Head
from poolshift.state.sql_store import SqlStore
from poolshift.state.sqlite_schema import CONTENT

_ROWS: Final = 1_000
_END: Final = "rows"


def export(store: SqlStore, migration: str, path: Path) -> Mapping[str, int]:
    """Rows by table, written to a new sealed file. Raises InputError FILE_EXISTS, StateUnusable."""
    counts: dict[str, int] = {}
    head = Head(migration, store.lineage, store.wrapped_key)
    sealed_file.write(path, head, store.keys, _blocks(store.connection, counts))
    return counts


def _blocks(connection: Connection, counts: dict[str, int]) -> Iterator[Mapping[str, Any]]:
    for table in CONTENT:
        columns, rows = connection.rows(table)
        counts[table] = 0
        pile: list[tuple[Any, ...]] = []
        for row in rows:
            pile.append(row)
            if len(pile) == _ROWS:
                counts[table] += len(pile)
                yield {"table": table, "columns": columns, "rows": pile}
                pile = []
        if pile:
            counts[table] += len(pile)
            yield {"table": table, "columns": columns, "rows": pile}
    yield {_END: dict(counts)}


def prepare(place: Backing, migration: str, path: Path, master_key: bytes) -> Head:
    """What the file is; makes the state of its lineage where there is none yet. Nothing is imported.

    Raises InputError, StateUnusable: KEY_WRONG, STATE_FOREIGN.
    """
    head = sealed_file.read_head(path)
    keys = keyring.unwrap(head.wrapped_key, master_key, head.lineage)
    if head.migration != migration:
        summary = f"an export of migration {head.migration}, not of {migration}"
        raise StateUnusable.of("STATE_FOREIGN", summary, "Import it where its own spec lies.", Place(str(path)))
    _check(path, keys)
    if not place.exists():
        place.create(migration, master_key, head.lineage, head.wrapped_key)
    return head


def _check(path: Path, keys: keyring.LineageKeys) -> None:
    """Reads the file to its end before anything is made or written."""
    counts: dict[str, int] = dict.fromkeys(CONTENT, 0)
    last: Mapping[str, Any] = {}
    for last in sealed_file.read(path, keys):
        if "table" in last:
            counts[last["table"]] += len(last["rows"])
    if last.get(_END) != counts:
        raise sealed_file.unreadable(path)


def bring_in(store: SqlStore, head: Head, path: Path) -> Mapping[str, int]:
    """Rows by table, all in one transaction. Raises StateUnusable: STATE_LINEAGE, STATE_NOT_EMPTY."""
    place = Place(store.place)
    if store.lineage != head.lineage:
        summary = f"the state there is of lineage {store.lineage}, the file of {head.lineage}"
        remedy = "Import into a place without a state, or into an empty one of the same lineage."
        raise StateUnusable.of("STATE_LINEAGE", summary, remedy, place)
    connection = store.connection
    if any(connection.one(f"SELECT 1 FROM {table} LIMIT 1") for table in CONTENT):
        raise StateUnusable.of("STATE_NOT_EMPTY", "the state there holds rows", "Import into a new place.", place)
    counts: dict[str, int] = dict.fromkeys(CONTENT, 0)
    with connection.transaction() as statements:
        for block in sealed_file.read(path, store.keys):
            if "table" not in block:
                continue
            names = ", ".join(f'"{name}"' for name in block["columns"])
            marks = ", ".join("?" * len(block["columns"]))
            statements.executemany(
                f"INSERT INTO {block['table']} ({names}) VALUES ({marks})",
                [tuple(map(sealed_file.cell, row)) for row in block["rows"]],
            )
            counts[block["table"]] += len(block["rows"])
        connection.begun(statements)
    return counts
