"""No room, or no right to write: a code and a reason, nothing half done, and later the same command succeeds."""

import os
import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import DIRECTORY, SPEC_FILE, Migration, Ran, accepts
from tests.population.people import people

EVERYBODY: Final = people(300)


def _at_most(size: int) -> Callable[[], None]:
    """No file of the process may grow beyond ``size`` bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [1_000, 20_000, 60_000])
def test_a_plan_on_a_full_disk_is_none(fresh: Migration, size: int) -> None:
    """11, no plan file, no rest of one; with room the same command plans."""
    before = fresh.files()
    ran = fresh.run("plan", SPEC_FILE, "--out", "full.plan", preexec_fn=_at_most(size))
    assert ran.code == 11, ran.err
    assert ran.codes()
    assert fresh.files() == before
    assert fresh.run("plan", SPEC_FILE, "--out", "full.plan").code == 0


def test_an_apply_with_no_room_for_its_state_goes_on_later(fresh: Migration) -> None:
    """11 wherever it stops, people written or not; with room the same plan ends as if nothing had been."""
    accept = _accepted(fresh)
    there, _ = expected(EVERYBODY)
    start = (fresh.folder / DIRECTORY).stat().st_size
    written = set()
    for size in (start, 2 * start, 5 * start // 2, 3 * start):
        ran = fresh.run("apply", "first.plan", *accept, preexec_fn=_at_most(size))
        assert ran.code == 11, _told(ran, size)
        written.add(len(fresh.directory()))
        assert fresh.directory().keys() <= there.keys()
    assert 0 in written
    assert max(written) > 0
    assert fresh.apply("first.plan", *accept).code == 4
    assert fresh.directory() == there
    assert fresh.plan()["verdict"]["changes"] == 0


@pytest.mark.slow
def test_an_apply_with_no_room_at_the_destination_goes_on_later(fresh: Migration) -> None:
    """5: some calls have no answer, after all patience; with room the rest follows."""
    accept = _accepted(fresh)
    there, _ = expected(EVERYBODY)
    with closing(sqlite3.connect(fresh.folder / DIRECTORY)) as connection:
        connection.executescript("CREATE TABLE padding (bytes); INSERT INTO padding VALUES (zeroblob(4000000))")
    size = (fresh.folder / DIRECTORY).stat().st_size + 40_000
    ran = fresh.run("apply", "first.plan", *accept, preexec_fn=_at_most(size))
    assert ran.code == 5, _told(ran, size)
    assert 0 < len(fresh.directory()) < len(there)
    assert fresh.apply("first.plan", *accept).code == 4
    assert fresh.directory() == there
    assert fresh.plan()["verdict"]["changes"] == 0


def _accepted(migration: Migration) -> list[str]:
    return accepts(migration.run("show", "first.plan", "--format", "json").document)


def _told(ran: Ran, size: int) -> str:
    return f"at {size} bytes: exit code {ran.code}\n{ran.err}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(fresh: Migration, tmp_path: Path) -> None:
    """11 before anything is read."""
    fresh.folder.chmod(0o500)
    try:
        ran = fresh.run("plan", SPEC_FILE, "--out", "refused.plan")
        assert ran.code == 11, ran.err
    finally:
        fresh.folder.chmod(0o700)
    assert Path("refused.plan") not in fresh.files()
