"""A state is checked, gets another key, and moves; its fingerprints and rows stay what they were."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from poolshift.errors import InputError, PoolshiftError, StateUnusable
from poolshift.state import moving, verifying
from poolshift.state.keyring import master_key
from poolshift.state.opening import place_of
from poolshift.state.sql_store import SqlStore
from poolshift.state.store import Resolution, Settled
from tests.servers.postgres import Postgres
from tests.state.backends import KEY, OTHER_KEY, Backend
from tests.state.contract import PLAN, base_of, insert, intent_of, landed, user


def fill(store: SqlStore) -> None:
    """Something in every table, one window open."""
    store.pin_tenants({"source": {"pool": "a"}, "destination": {"domain": "b"}})
    insert(store, *map(str, range(1500)))
    store.resolve(Resolution(user("1"), "email", "source", b"desired1", b"actual_1", "ops", "because", 1.5))
    store.open_plan(PLAN, "digest")
    run = store.begin_run("apply", PLAN)
    window = store.open_window(run, PLAN, "api", [intent_of("new"), intent_of("taken")])
    failure = Settled(user("taken"), "failed", person="taken", code="taken", message="the login is another's")
    store.settle(window.number, [landed(base_of(store, "new")), failure])
    store.close_window(window.number)
    store.open_window(run, PLAN, "api", [intent_of("open")])
    store.end_run(run, 13, {"done": 1})


def code_of(deed: Callable[[], object]) -> str:
    with pytest.raises(PoolshiftError) as error:
        deed()
    return error.value.diagnostics[0].code


def test_a_whole_state_has_no_problems(backend: Backend) -> None:
    """Everybody is counted; the digest depends on every row and on nothing else."""
    store = backend.open()
    fill(store)
    first = verifying.verify(store.connection)
    assert (first.people, first.problems) == (1501, ())
    assert verifying.verify(store.connection) == first
    store.record([landed(replace(base_of(store, "1"), handover=True))])
    assert verifying.verify(store.connection).digest != first.digest


@pytest.mark.parametrize(
    ("sql", "values", "what"),
    [
        ("UPDATE people SET base = ? WHERE base = (SELECT base FROM people LIMIT 1)", (b"\x01\x00",), "people whose"),
        (
            "UPDATE people SET id = ? WHERE id = (SELECT id FROM people ORDER BY id DESC LIMIT 1)",
            (bytes(8) + b"\x02a",),
            "people whose",
        ),
        ("DELETE FROM rule_sets", (), "people whose"),
        ("INSERT INTO shared (address, base) VALUES ('nonsense', ?)", (b"\x01",), "shared rows"),
        ("UPDATE intents SET body = ?", (b"\xff",), "intents that do not read"),
        ("UPDATE windows SET closed_at = 1", (), "intents of no open window"),
        ("DELETE FROM runs", (), "windows of no run"),
        ("DELETE FROM plans", (), "finished addresses of no open plan"),
    ],
)
def test_what_does_not_fit_is_told(backend: Backend, sql: str, values: tuple[bytes, ...], what: str) -> None:
    """Each kind of damage is named and counted, and the rest is read all the same."""
    store = backend.open()
    fill(store)
    with store.connection.transaction() as statements:
        statements.execute(sql, values)
    problems = verifying.verify(store.connection).problems
    assert any(problem.what.startswith(what) and problem.count for problem in problems), problems


def test_a_new_key_changes_no_fingerprint_and_the_old_one_opens_nothing(backend: Backend) -> None:
    """The data key is the same; its old wrapping is in no byte of the file any more."""
    store = backend.open()
    fill(store)
    fingerprint, before = store.keys.fingerprints.of_bytes(b"x"), verifying.verify(store.connection)
    wrapped = store.wrapped_key
    store.rekey(_key(backend, KEY), _key(backend, OTHER_KEY))
    store.close()
    assert code_of(backend.open) == "KEY_WRONG"
    assert code_of(lambda: backend.open(write=False)) == "KEY_WRONG"
    again = backend.open(environ=OTHER_KEY)
    assert again.keys.fingerprints.of_bytes(b"x") == fingerprint
    assert verifying.verify(again.connection) == before
    assert not [path for path in backend.folder.rglob("*") if path.is_file() and wrapped in path.read_bytes()]


def _key(backend: Backend, environ: Mapping[str, str]) -> bytes:
    return master_key(backend.folder, environ, generate=False)


@pytest.fixture
def elsewhere(tmp_path: Path, server: Postgres, backend: Backend) -> Backend:
    """The other kind of place."""
    if backend.name == "sqlite":
        return Backend("postgres", tmp_path, {"url": server.database()})
    return Backend("sqlite", tmp_path / "elsewhere", {})


def bring(target: Backend, file: Path, migration: str = "acme", environ: Mapping[str, str] = KEY) -> None:
    place = place_of(target.folder, migration, target.settings, target.name)
    head = moving.prepare(place, migration, file, _key(target, environ))
    store = target.open(migration=migration, environ=environ)
    try:
        moving.bring_in(store, head, file)
    finally:
        store.close()


def exported(backend: Backend, file: Path) -> verifying.Verified:
    store = backend.open()
    fill(store)
    moving.export(store, "acme", file)
    found = verifying.verify(store.connection)
    store.close()
    return found


def test_a_state_moves_from_a_file_to_a_server_and_back(backend: Backend, elsewhere: Backend, tmp_path: Path) -> None:
    """Lineage, keys, base, open windows, plans and runs are what they were, and new rows get new numbers."""
    file = tmp_path / "state.sealed"
    before = exported(backend, file)
    bring(elsewhere, file)
    old, new = backend.open(), elsewhere.open()
    assert verifying.verify(new.connection) == before
    assert new.lineage == old.lineage
    assert new.keys.derive("spill") == old.keys.derive("spill")
    assert list(new.people()) == list(old.people())
    for ask in (
        SqlStore.tenants, SqlStore.rule_sets, SqlStore.resolutions, SqlStore.open_windows, SqlStore.runs
    ):  # fmt: skip
        assert ask(new) == ask(old)
    assert set(new.finished(PLAN)) == set(old.finished(PLAN))
    (run,) = new.runs()
    assert list(new.failures(run.id)) == list(old.failures(run.id))
    numbers = {window.number for window in new.open_windows()}
    assert new.open_window(new.begin_run("apply", PLAN), PLAN, "api", [intent_of("next")]).number not in numbers
    elsewhere.close()


def test_an_import_fills_only_an_empty_state_of_its_lineage(backend: Backend, tmp_path: Path) -> None:
    """What is there is never overwritten; a wrong key and another migration are told before anything is made."""
    file = tmp_path / "state.sealed"
    exported(backend, file)
    assert code_of(lambda: bring(backend, file)) == "STATE_NOT_EMPTY"
    other = Backend("sqlite", tmp_path / "other", {})
    assert code_of(lambda: bring(other, file, environ=OTHER_KEY)) == "KEY_WRONG"
    assert code_of(lambda: bring(other, file, migration="somebody-else")) == "STATE_FOREIGN"
    assert not list(other.folder.rglob("*.db"))
    other.open().close()
    assert code_of(lambda: bring(other, file)) == "STATE_LINEAGE"
    store = backend.open()
    with pytest.raises(InputError, match="FILE_EXISTS"):
        moving.export(store, "acme", file)


@pytest.mark.parametrize("harm", ["cut at a block", "cut anywhere", "changed", "swapped head"])
def test_a_file_that_was_changed_makes_no_state(tmp_path: Path, harm: str) -> None:
    """It is read to its end before anything is written."""
    own = Backend("sqlite", tmp_path / "own", {})
    file = tmp_path / "state.sealed"
    exported(own, file)
    content = file.read_bytes()
    head, _, body = content.partition(b"\n")
    if harm == "cut at a block":
        length = int.from_bytes(body[:4], "big") + 4
        content = head + b"\n" + body[:length]
    elif harm == "cut anywhere":
        content = content[:-7]
    elif harm == "changed":
        content = content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]
    else:
        content = head.replace(b'"format":1', b'"format": 1') + b"\n" + body
    file.write_bytes(content)
    target = Backend("sqlite", tmp_path / "target", {})
    assert code_of(lambda: bring(target, file)) == "EXPORT_UNREADABLE"
    assert not list(target.folder.rglob("*.db"))


def test_an_export_shows_no_row(backend: Backend, tmp_path: Path) -> None:
    """Addresses and ids are sealed; only the lineage and the migration can be read."""
    store = backend.open()
    store.record([landed(replace(base_of(store, "source-canary"), destination_id="destination-canary"))])
    file = tmp_path / "state.sealed"
    moving.export(store, "acme", file)
    assert b"canary" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_shared_state_is_never_made_with_a_key_nobody_else_has(server: Postgres, tmp_path: Path) -> None:
    """On a server the key has to be given; on one machine of several a made-up one would be lost to the others."""
    shared = Backend("postgres", tmp_path, {"url": server.database()})
    with pytest.raises(StateUnusable, match="KEY_MISSING"):
        shared.open(environ={})
    assert not list(tmp_path.rglob("key"))
