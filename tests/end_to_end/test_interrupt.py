"""Control-C during an apply: what is under way ends, and the same plan goes on later."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import DIRECTORY, Migration, accepts
from tests.population.people import people
from tests.population.spec import SPEC

EVERYBODY: Final = people(300)
SLOW: Final = SPEC.replace("{path: people.directory}", "{path: people.directory}\n  rates: {writes: 8/s}")
PATIENCE: Final = 60.0


def test_an_interrupted_apply_drains_and_goes_on(tmp_path: Path) -> None:
    """13 in good time, with something done and something left; applied again, everything is there once."""
    migration = Migration.create(tmp_path / "m", EVERYBODY, SLOW)
    accept = accepts(migration.plan_to("first.plan"))
    with migration.start("apply", "first.plan", *accept) as process:
        _wait_for_writes(migration)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 13, told
    there, _ = expected(EVERYBODY)
    assert len(migration.directory()) < len(there)
    assert migration.apply("first.plan", *accept).code == 4
    assert migration.directory() == there
    assert migration.plan()["verdict"]["changes"] == 0


def _wait_for_writes(migration: Migration) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(f"file:{migration.folder / DIRECTORY}?mode=ro", uri=True)) as connection:
            if connection.execute("SELECT count(*) FROM organizations").fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nothing was written")
