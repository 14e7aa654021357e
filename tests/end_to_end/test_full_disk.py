"""No room, or no right to write: a code and a reason, nothing half done, and later the same command succeeds."""

import ctypes
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import DIRECTORY, SPEC_FILE, Migration, Ran, accepts
from tests.population.people import people

EVERYBODY: Final = people(300)
_PR_CAPBSET_DROP: Final = 24
_OVERRIDES: Final = (1, 2, 3)
"""CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER."""


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


WRITING: Final = (
    ("plan", SPEC_FILE, "--out", "new.plan"),
    ("apply", "next.plan"),
    ("recover", SPEC_FILE),
    ("resolve", SPEC_FILE, "CONFLICT", "--keep", "source"),
    ("verify", SPEC_FILE),
    ("drift", SPEC_FILE),
    ("explain", SPEC_FILE, "nobody"),
    ("state", "rekey", SPEC_FILE),
    ("state", "export", SPEC_FILE, "new.sealed"),
    ("state", "import", SPEC_FILE, "old.sealed"),
    ("state", "rebuild", SPEC_FILE, "--from-destination", "--write"),
    ("lock", "break", SPEC_FILE, "--force"),
    ("init", "new"),
)
READING: Final = (
    ("status", SPEC_FILE),
    ("report", SPEC_FILE),
    ("export-ids", SPEC_FILE),
    ("doctor", SPEC_FILE),
    ("show", "next.plan"),
    ("state", "list", SPEC_FILE),
    ("state", "verify", SPEC_FILE),
    ("lock", "status", SPEC_FILE),
)
_NEW_KEY: Final = {"POOLSHIFT_NEW_KEY": "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="}
_FULL: Final = 1
"""Bytes: every write that is one fails."""


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """Forty people applied, planned again, the state exported; no command of this module changes it."""
    migration = Migration.create(tmp_path_factory.mktemp("used") / "m", people(40))
    migration.migrate()
    migration.plan_to("next.plan")
    assert migration.run("state", "export", SPEC_FILE, "old.sealed").code == 0
    return migration


@pytest.mark.slow
@pytest.mark.parametrize("words", WRITING, ids=lambda words: " ".join(words[:2]))
def test_where_nothing_may_be_written_a_command_says_so(used: Migration, words: tuple[str, ...]) -> None:
    """11 or 65 with a code, on a full disk and in a folder that may only be read; not one byte is another."""
    words = tuple(_conflict(used) if word == "CONFLICT" else word for word in words)
    before = _contents(used)
    full = used.run(*words, environ=_NEW_KEY, preexec_fn=_at_most(_FULL))
    with _read_only(used.folder):
        refused = used.run(*words, environ=_NEW_KEY, preexec_fn=_without_privileges)
    for ran in (full, refused):
        assert ran.code in (11, 65), ran.err
        assert len(ran.codes()) == 1, ran.err
    assert _contents(used) == before


@pytest.mark.slow
@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words[:2]))
def test_what_only_reads_needs_no_right_to_write(used: Migration, words: tuple[str, ...]) -> None:
    """As ever, on a full disk and in a folder that may only be read."""
    assert used.run(*words, preexec_fn=_at_most(_FULL)).code in (0, 4)
    with _read_only(used.folder):
        assert used.run(*words, preexec_fn=_without_privileges).code in (0, 4)


def _conflict(migration: Migration) -> str:
    return next(str(row["address"]) for row in migration.all_rows("next.plan") if row["action"] == "conflict")


def _contents(migration: Migration) -> dict[Path, bytes]:
    """A journal that SQLite has not emptied yet, and could not, is no content: the next writer rolls it back."""
    files = migration.files()
    return {file: (migration.folder / file).read_bytes() for file in files if not file.name.endswith("-journal")}


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    before = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path, mode in before.items():
        path.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for path, mode in before.items():
            path.chmod(mode)


def _without_privileges() -> None:
    """Root minds no permissions: the process to come loses what lets it (capabilities(7); the bounding set)."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in _OVERRIDES:
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")
