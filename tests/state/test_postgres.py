"""What only a server does: it is away, it refuses, it restarts in the middle; and the url is never shown."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from poolshift.errors import PoolshiftError, StateUnusable
from poolshift.state.store import Store
from tests.servers.postgres import Postgres
from tests.state.backends import Backend
from tests.state.contract import PLAN, base_of, insert, intent_of, landed

CANARY = "s3cret-canary"


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """One that may be stopped."""
    with Postgres() as running:
        yield running


@pytest.fixture
def shared(server: Postgres, tmp_path: Path) -> Iterator[Backend]:
    backend = Backend("postgres", tmp_path, {"url": server.database()})
    yield backend
    backend.close()


def test_a_restart_in_the_middle_leaves_the_window_open(own_server: Postgres, tmp_path: Path) -> None:
    """11, nothing half written; once the server is back the next command finds the window and goes on."""
    backend = Backend("postgres", tmp_path, {"url": own_server.database()})
    store = backend.open()
    window = store.open_window(store.begin_run("apply", PLAN), PLAN, "api", [intent_of("a"), intent_of("b")])
    store.settle(window.number, [landed(base_of(store, "a"))])
    outcome = landed(base_of(store, "b"))
    own_server.stop()
    own_server.start()
    with pytest.raises(StateUnusable) as error:
        store.settle(window.number, [outcome])
    assert error.value.exit_code == 11
    assert error.value.diagnostics[0].code == "STATE_DOWN"
    store.close()
    _let_go(own_server, backend)
    again = backend.open()
    (found,) = again.open_windows()
    assert [intent.person for intent in found.open_rows] == ["b"]
    assert again.count_people() == 1
    again.settle(window.number, [outcome])
    again.close_window(window.number)
    backend.close()


def _let_go(server: Postgres, backend: Backend) -> None:
    """The lease could not be given back: in a test its process lives on, so its time has to be over."""
    with psycopg.connect(backend.settings["url"], autocommit=True) as connection:
        connection.execute("UPDATE acme.lease SET until = 0")


def test_a_server_that_is_away_is_told_without_its_url(own_server: Postgres, tmp_path: Path) -> None:
    """Neither password nor host are in the error, nor in what it grew out of."""
    url = own_server.url(password=CANARY)
    own_server.stop()
    assert _refusal(tmp_path, url) == "STATE_DOWN"
    own_server.start()


@pytest.mark.parametrize(
    "url", [f"postgresql://u:{CANARY}@127.0.0.1:1/x", f"nonsense {CANARY}", f"postgresql://u:{CANARY}@h:port/x"]
)
def test_no_url_is_in_an_error(tmp_path: Path, url: str) -> None:
    """Nobody listens there, or it is no url at all: libpq would repeat it."""
    assert _refusal(tmp_path, url) in ("STATE_DOWN", "STATE_DAMAGED")


def test_a_database_that_is_not_there_is_denied(server: Postgres, tmp_path: Path) -> None:
    """The server answers, and it is for a person to correct."""
    assert _refusal(tmp_path, server.url("nowhere", CANARY)) == "STATE_DENIED"


def _refusal(folder: Path, url: str) -> str:
    with pytest.raises(PoolshiftError) as error:
        Backend("postgres", folder, {"url": url}).open()
    told = f"{error.value!r} {error.value} {error.value.__cause__!r}"
    assert CANARY not in told
    assert error.value.exit_code == 11
    return error.value.diagnostics[0].code


def test_two_migrations_share_a_database_but_not_a_schema(shared: Backend) -> None:
    """Each has a schema of its name; a schema that is named twice is refused."""
    first, second = shared.open(), shared.open(migration="other")
    insert(first, "a")
    assert (first.count_people(), second.count_people()) == (1, 0)
    shared.close()
    shared.settings = {**shared.settings, "schema": "acme"}
    with pytest.raises(StateUnusable, match="STATE_FOREIGN"):
        shared.open(migration="other")


def test_a_user_who_may_not_write_is_told(shared: Backend, server: Postgres) -> None:
    """Reading works with the right to read; a writer is refused before anything is begun."""
    shared.open().close()
    url = shared.settings["url"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA acme TO reader")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA acme TO reader")
    shared.settings = {"url": url.replace("poolshift@", "reader@")}
    shared.open(write=False).close()
    with pytest.raises(StateUnusable, match="STATE_UNWRITABLE"):
        shared.open()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY reader")


def test_people_are_streamed_by_the_server(shared: Backend) -> None:
    """A cursor of the server hands out a part at a time, in the order of the key, without sorting."""
    store = shared.open()
    insert(store, *map(str, range(5000)))
    with psycopg.connect(shared.settings["url"]) as connection:
        connection.execute("SET search_path TO acme")
        connection.execute("ANALYZE people")
        sql = "EXPLAIN DECLARE c CURSOR FOR SELECT id, base FROM people WHERE id > '\\x00' AND id < '\\x10' ORDER BY id"
        plan = "\n".join(row[0] for row in connection.execute(sql))
        assert "Index Scan using people_pkey" in plan
        assert "Sort" not in plan
        stream = store.people()
        next(stream)
        held = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'FETCH%stream_%'").fetchone()
        assert held is not None
        assert held[0] == 1
    stream.close()  # type: ignore[attr-defined]


def test_an_abandoned_stream_ends_with_the_store(shared: Backend) -> None:
    """A command that stops in the middle of a stream closes cleanly."""
    store: Store = shared.open()
    insert(store, *map(str, range(5000)))
    stream = store.people()
    next(stream)
    store.close()
    del stream
