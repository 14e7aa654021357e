"""`poolshift state` and `poolshift lock`, as they are typed, on a file and on a server."""

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import DIRECTORY, KEY, SPEC_FILE, STATE, Migration, accepts
from tests.population.people import people
from tests.population.spec import SPEC
from tests.servers.postgres import Postgres

OLD: Final = {"POOLSHIFT_KEY": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}
NEW: Final = {"POOLSHIFT_KEY": "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="}
SHARED: Final = SPEC + '\nstate: {backend: postgres, settings: {url: "${env:STATE_URL}"}}\n'


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


def document(migration: Migration, *words: str, code: int = 0, environ: Mapping[str, str] | None = None) -> Any:
    ran = migration.run(*words, "--format", "json", environ=environ)
    assert ran.code == code, ran.err + ran.out
    return ran.document


def test_a_new_key_leaves_the_next_plan_empty(settled: Migration) -> None:
    """No fingerprint changes: what was quiet stays quiet; the key of before opens nothing."""
    environ = {"POOLSHIFT_NEW_KEY": NEW["POOLSHIFT_KEY"]}
    document(settled, "state", "rekey", SPEC_FILE, environ=environ)
    assert settled.run("plan", SPEC_FILE).codes() == {"KEY_WRONG"}
    (settled.folder / KEY).unlink()
    assert settled.run("plan", SPEC_FILE).codes() == {"KEY_MISSING"}
    assert document(settled, "plan", SPEC_FILE, environ=NEW)["verdict"]["changes"] == 0


@pytest.mark.parametrize(
    "verb", ["plan", "verify", "drift", "status", "state list", "state rebuild --from-destination"]
)
def test_a_wrong_key_is_told_before_either_end_is_read(settled: Migration, verb: str) -> None:
    """11, though neither end is there any more: nobody asked them."""
    shutil.rmtree(settled.folder / "users")
    (settled.folder / DIRECTORY).unlink()
    first, *rest = verb.split(" --")
    words = (*first.split(), SPEC_FILE, *(f"--{word}" for word in rest))
    ran = settled.run(*words, environ=OLD)
    assert (ran.code, ran.codes()) == (11, {"KEY_WRONG"})
    assert settled.run(*words).code != 11


@pytest.mark.slow
def test_a_lost_state_is_rebuilt_from_the_destination(settled: Migration) -> None:
    """Counted first, then written: everybody with our marker, as before; the next plan then changes nobody."""
    before = {row["address"] for row in _listed(settled)}
    (settled.folder / STATE).unlink()
    settled.plan()
    counted = document(settled, "state", "rebuild", SPEC_FILE, "--from-destination")
    assert (counted["new"], counted["written"], counted["complete"]) == (len(before), 0, True)
    assert _listed(settled) == []
    written = document(settled, "state", "rebuild", SPEC_FILE, "--from-destination", "--write")
    assert written["written"] == len(before)
    assert {row["address"] for row in _listed(settled)} == before
    people_before = settled.directory()
    rows = settled.rows()
    assert [row for row in rows if row["action"] in ("create", "delete", "disable")] == []
    again = document(settled, "state", "rebuild", SPEC_FILE, "--from-destination", "--write")
    assert (again["known"], again["new"]) == (len(before), 0)
    settled.migrate()
    assert settled.directory() == people_before
    assert settled.plan()["verdict"]["changes"] == 0


def test_somebody_elses_records_are_not_rebuilt(settled: Migration) -> None:
    """A record of another migration, and a source id that two records bear, are left to the plan."""
    count = len(_listed(settled))
    (settled.folder / STATE).unlink()
    settled.plan()
    settled.execute("UPDATE users SET owner = 'another' WHERE id = (SELECT min(id) FROM users WHERE owner = 'people')")
    found = document(settled, "state", "rebuild", SPEC_FILE, "--from-destination")
    assert (found["new"], found["ambiguous"]) == (count - 1, 0)


def _listed(migration: Migration) -> list[dict[str, str]]:
    ran = migration.run("state", "list", SPEC_FILE, "user", "--format", "json")
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_a_damaged_row_is_found(settled: Migration) -> None:
    """11 and a count; the document still tells the rest."""
    with closing(sqlite3.connect(settled.folder / STATE)) as connection, connection:
        connection.execute("UPDATE people SET base = x'00' WHERE id = (SELECT min(id) FROM people)")
    found = document(settled, "state", "verify", SPEC_FILE, code=11)
    assert found["problems"] == ["1 people whose row does not read"]


def test_without_a_state_there_is_nothing_to_care_for(fresh: Migration) -> None:
    """65, and none is made."""
    shutil.rmtree(fresh.folder / ".poolshift")
    for verb in ("verify", "export"):
        words = ["state", verb, SPEC_FILE, *(["out.sealed"] if verb == "export" else [])]
        assert fresh.run(*words).codes() == {"STATE_NONE"}
    assert document(fresh, "lock", "status", SPEC_FILE)["status"] == "free"
    assert not (fresh.folder / ".poolshift").exists()


@pytest.mark.slow
def test_a_state_goes_to_a_server_and_the_next_plan_is_empty(settled: Migration, postgres: Postgres) -> None:
    """Export from the file, import into PostgreSQL, go on there; the url's password is shown nowhere."""
    url = postgres.database().replace("poolshift@", "poolshift:s3cret-canary@")
    environ = {"STATE_URL": url, "POOLSHIFT_KEY": (settled.folder / KEY).read_text().strip()}
    digest = document(settled, "state", "verify", SPEC_FILE)["digest"]
    document(settled, "state", "export", SPEC_FILE, "state.sealed")
    settled.write_spec(SHARED)
    assert document(settled, "state", "import", SPEC_FILE, "state.sealed", environ=environ)["rows"]
    verified = document(settled, "state", "verify", SPEC_FILE, environ=environ)
    assert (verified["digest"], verified["problems"]) == (digest, [])
    ran = settled.run("plan", SPEC_FILE, "--format", "json", environ=environ)
    assert ran.document["verdict"]["changes"] == 0
    status = settled.run("status", SPEC_FILE, environ=environ)
    assert status.code == 0
    assert "canary" not in ran.out + ran.err + status.out + status.err


@pytest.mark.slow
def test_a_migration_with_its_state_on_a_server(tmp_path: Path, postgres: Postgres) -> None:
    """Plan, apply, quiet; the same people as with a file, and the lease is free afterwards."""
    migration = Migration.create(tmp_path / "m", people(60), SHARED)
    environ = {"STATE_URL": postgres.database(), **OLD}
    planned = migration.run("plan", SPEC_FILE, "--out", "first.plan", "--format", "json", environ=environ)
    assert planned.code == 0, planned.err
    accept = [
        word
        for own in planned.document["limits"]
        if own["verdict"] == "needs_accept"
        for word in ("--accept", f"{own['name']}={own['planned']}")
    ]
    ran = migration.run("apply", "first.plan", *accept, environ=environ)
    assert ran.code in (0, 4), ran.err
    assert migration.directory() == expected(people(60))[0]
    assert document(migration, "plan", SPEC_FILE, environ=environ)["verdict"]["changes"] == 0
    assert document(migration, "lock", "status", SPEC_FILE, environ=environ)["status"] == "free"
    assert not (migration.folder / STATE).exists()


def test_a_server_that_is_away_is_exit_11(tmp_path: Path) -> None:
    """Told once, with a code, and without the url."""
    migration = Migration.create(tmp_path / "m", people(5), SHARED)
    ran = migration.run("plan", SPEC_FILE, environ={"STATE_URL": "postgresql://u:s3cret@127.0.0.1:1/x", **OLD})
    assert (ran.code, ran.codes()) == (11, {"STATE_DOWN"})
    assert "s3cret" not in ran.err


def test_breaking_a_lock_asks_for_force(settled: Migration) -> None:
    """64 and what it means; with --force the fence rises."""
    first = document(settled, "lock", "status", SPEC_FILE)
    refused = settled.run("lock", "break", SPEC_FILE)
    assert (refused.code, refused.codes()) == (64, {"LOCK_FORCE"})
    broken = document(settled, "lock", "break", SPEC_FILE, "--force")
    assert (broken["broken"], broken["fence"]) == (False, int(str(first["fence"])) + 1)
    assert re.search(r"fence: \d+", settled.run("lock", "status", SPEC_FILE).out)
    assert os.path.exists(settled.folder / STATE)


@pytest.mark.slow
def test_a_server_that_restarts_in_the_middle_stops_the_apply_and_the_next_goes_on(tmp_path: Path) -> None:
    """11 with the window open; applied again and planned again, everybody is there once."""
    everybody = people(60)
    paced = SHARED.replace("{path: people.directory}", "{path: people.directory}\n  rates: {writes: 5/s}")
    migration = Migration.create(tmp_path / "m", everybody, paced)
    with Postgres() as server:
        environ = {"STATE_URL": server.database(), **OLD}
        accept = accepts(document(migration, "plan", SPEC_FILE, "--out", "first.plan", environ=environ))
        with migration.start("apply", "first.plan", *accept, environ=environ) as process:
            _until_something_is_there(migration)
            server.stop()
            server.start()
            _, told = process.communicate(timeout=120)
        assert process.returncode == 11, told
        assert "STATE_DOWN" in told
        assert migration.directory() != expected(everybody)[0]
        assert document(migration, "state", "verify", SPEC_FILE, environ=environ)["open_windows"] == 1
        assert migration.run("apply", "first.plan", *accept, environ=environ).code in (4, 5)
        assert migration.run("plan", SPEC_FILE, "--out", "rest.plan", environ=environ).code == 0
        assert migration.run("apply", "rest.plan", environ=environ).code in (0, 4)
        assert migration.directory() == expected(everybody)[0]


def _until_something_is_there(migration: Migration) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with closing(sqlite3.connect(f"file:{migration.folder / DIRECTORY}?mode=ro", uri=True)) as connection:
            if connection.execute("SELECT count(*) FROM organizations").fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nothing was written")
