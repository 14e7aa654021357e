"""No value of a person is in anything the command writes, beside the directory: not even after a death."""

from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Final

import pytest

from tests.end_to_end.canaries import EVERYBODY, MAILBOX, address, canaries, source_id, username
from tests.end_to_end.dying import dying
from tests.end_to_end.haul import Haul
from tests.end_to_end.migration import DIRECTORY, SPEC_FILE, Migration, accepts
from tests.population.people import people

pytestmark = pytest.mark.slow

HOMES: Final = ("users", "groups", DIRECTORY)
"""Where the values belong: the export and the destination."""


@pytest.fixture
def haul(tmp_path: Path) -> Haul:
    return Haul(Migration.create(tmp_path / "m", [*people(60), *canaries()]), EVERYBODY, homes=HOMES)


def _commands(accept: list[str]) -> Iterator[tuple[str, ...]]:
    yield ("validate", SPEC_FILE)
    for form in ("text", "json", "markdown"):
        yield ("plan", SPEC_FILE, "--format", form)
        yield ("plan", SPEC_FILE, "--out", f"{form}.plan", "--format", form)
        yield ("show", f"{form}.plan", "--format", form)
    yield ("explain", SPEC_FILE, address(1))
    yield ("explain", SPEC_FILE, address(6), "--format", "json")
    yield ("explain", SPEC_FILE, username(1))
    yield ("explain", SPEC_FILE, f"nobody-{address(1)}")
    yield ("apply", "text.plan")
    yield ("apply", "text.plan", *accept)
    for command in ("verify", "drift", "status", "report", "export-ids"):
        yield (command, SPEC_FILE)
    yield ("state", "list", SPEC_FILE)
    yield ("state", "show", SPEC_FILE, f'user["{source_id(2)}"]')
    yield ("explain", SPEC_FILE, address(2))
    yield ("plan", SPEC_FILE, "--format", "json", "--nonsense", address(2))


def test_no_command_tells_a_value(haul: Haul) -> None:
    """Neither its output, nor its errors, nor a file it leaves: plan, state, work folder."""
    accept = accepts(haul.migration.plan())
    for words in _commands(accept):
        haul.run(*words, codes=(0, *range(2, 100)))
    assert MAILBOX in haul.migration.directory()[source_id(2)]["email"]


def test_what_moved_is_told_masked(haul: Haul) -> None:
    """Updates and conflicts show samples of both sides: never a value."""
    haul.migration.migrate()
    haul.migration.execute("UPDATE users SET given_name = given_name || 'x' WHERE external_id LIKE '%-9000-%'")
    for form in ("text", "json", "markdown"):
        ran = haul.run("plan", SPEC_FILE, "--out", f"moved-{form}.plan", "--format", form)
        assert "F11" in ran.out
    haul.run("drift", SPEC_FILE, "--format", "json")


def test_a_damaged_export_is_told_without_its_values(haul: Haul) -> None:
    """The error of a parser likes to quote what it could not read."""
    page = haul.migration.folder / "users" / "users-2.json"
    page.write_bytes(page.read_bytes()[:-30])
    haul.run("plan", SPEC_FILE, codes=(65,))


def test_a_death_leaves_no_value_behind(haul: Haul) -> None:
    """Killed while people are being written: the work folder is there, and is unreadable; the next run removes it."""
    accept = accepts(haul.migration.plan_to("first.plan"))
    haul.run("apply", "first.plan", *accept, codes=(-SIGKILL,), **dying("settling", 5))
    assert haul.work() > 10_000
    haul.run("apply", "first.plan", *accept, codes=(4, 5))
    assert haul.work() == 0
