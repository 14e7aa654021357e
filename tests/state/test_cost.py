"""What one record costs does not depend on how many there are: pages of a file, rows a server touches; no clock."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from poolshift.state.opening import state_path
from poolshift.state.sql_store import SqlStore
from tests.servers.postgres import Postgres
from tests.state.backends import Backend
from tests.state.contract import PLAN, base_of, intent_of, landed

SMALL, LARGE = 1_000, 16_000


def grow(store: SqlStore, people: int) -> None:
    for first in range(0, people, 1_000):
        rows = [landed(base_of(store, f"person {number}")) for number in range(first, first + 1_000)]
        store.record(rows)


def one_window(store: SqlStore) -> None:
    """A window of one change, from its opening to its end; and the person looked up."""
    window = store.open_window(store.begin_run("apply", PLAN), PLAN, "api", [intent_of("person 7")])
    store.settle(window.number, [landed(base_of(store, "person 7"))])
    store.close_window(window.number)
    assert store.person("person 7") is not None
    assert "nobody" not in store.finished(PLAN)


@contextmanager
def steps(store: SqlStore) -> Iterator[Callable[[], int]]:
    """Hundreds of instructions SQLite's machine has run: rows visited, whatever the processor does meanwhile."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    raw: sqlite3.Connection = store.connection._sqlite  # type: ignore[attr-defined]
    raw.set_progress_handler(step, 100)
    yield lambda: count
    raw.set_progress_handler(None, 0)


def test_a_window_of_a_large_file_takes_the_steps_of_a_small_one(tmp_path: Path) -> None:
    """Sixteen times the people: a level of the tree more, not sixteen times the work."""
    taken: dict[int, int] = {}
    for people in (SMALL, LARGE):
        backend = Backend("sqlite", tmp_path / str(people), {})
        store = backend.open()
        grow(store, people)
        with steps(store) as so_far:
            one_window(store)
            taken[people] = so_far()
        backend.close()
    assert taken[LARGE] <= 1.5 * taken[SMALL] + 5


def test_a_window_of_a_large_file_writes_the_pages_of_a_small_one(tmp_path: Path) -> None:
    """The pages that differ before and after one window, counted in the file."""
    changed: dict[int, int] = {}
    for people in (SMALL, LARGE):
        backend = Backend("sqlite", tmp_path / str(people), {})
        store = backend.open()
        grow(store, people)
        path = state_path(backend.folder, "acme", {})
        before = _pages(path)
        one_window(store)
        changed[people] = sum(1 for number, page in enumerate(_pages(path)) if before[number : number + 1] != [page])
        backend.close()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM people").fetchone() == (people,)
    assert changed[LARGE] <= changed[SMALL] + 2


def _pages(path: Path) -> list[bytes]:
    content = path.read_bytes()
    return [content[at : at + 4096] for at in range(0, len(content), 4096)]


def test_a_server_reads_no_table_of_people_from_end_to_end(tmp_path: Path, server: Postgres) -> None:
    """One window: its statements touch the person's row by its key; the table is not scanned."""
    backend = Backend("postgres", tmp_path, {"url": server.database()})
    store = backend.open()
    grow(store, LARGE)
    with psycopg.connect(backend.settings["url"], autocommit=True) as connection:
        connection.execute("ANALYZE acme.people")
        before = _scanned(connection)
        one_window(store)
        backend.close()
        scans, rows = _since(connection, before)
    assert scans == 0
    assert 1 <= rows <= 5


def _since(connection: psycopg.Connection[tuple[int, int]], before: tuple[int, int]) -> tuple[int, int]:
    """What came to it, once the session that ended has told: a moment after its end."""
    end = time.monotonic() + 20
    while (now := _scanned(connection)) == before and time.monotonic() < end:
        time.sleep(0.05)
    return now[0] - before[0], now[1] - before[1]


def _scanned(connection: psycopg.Connection[tuple[int, int]]) -> tuple[int, int]:
    """Sequential scans of the people, and rows read by key."""
    row = connection.execute(
        "SELECT seq_scan, idx_tup_fetch FROM pg_stat_user_tables WHERE schemaname = 'acme' AND relname = 'people'"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


@pytest.mark.parametrize("people", [SMALL])
def test_the_counters_see_a_scan(tmp_path: Path, people: int) -> None:
    """The neighbour: reading everybody takes more steps the more there are."""
    backend = Backend("sqlite", tmp_path, {})
    store = backend.open()
    grow(store, people)
    with steps(store) as so_far:
        one_window(store)
        alone = so_far()
        list(store.people())
        assert so_far() - alone > 3 * alone
    backend.close()
