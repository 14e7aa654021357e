"""No value of a person is in anything the command writes, beside the directory: not even after a death."""

from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Final

import pytest

from tests.end_to_end.canaries import DOMAIN, MAILBOX, VALUES, canaries, forms, found_in
from tests.end_to_end.dying import dying
from tests.end_to_end.migration import DIRECTORY, SPEC_FILE, Migration, Ran, accepts
from tests.population.people import people

pytestmark = pytest.mark.slow

HOMES: Final = ("users", "groups", DIRECTORY)
"""Where the values belong: the export and the destination."""


def _create(folder: Path) -> Migration:
    return Migration.create(folder / "m", [*people(60), *canaries()])


def _leaks(migration: Migration) -> dict[str, set[str]]:
    """File -> canary values in it; names of files count, too."""
    found: dict[str, set[str]] = {}
    for path in migration.files():
        if path.parts[0] not in HOMES:
            values = found_in((migration.folder / path).read_bytes()) | found_in(str(path).encode())
            found |= {str(path): values} if values else {}
    return found


def _told(ran: Ran) -> set[str]:
    return found_in(ran.out.encode()) | found_in(ran.err.encode())


def _commands(accept: list[str]) -> Iterator[tuple[str, ...]]:
    yield ("validate", SPEC_FILE)
    for form in ("text", "json", "markdown"):
        yield ("plan", SPEC_FILE, "--format", form)
        yield ("plan", SPEC_FILE, "--out", f"{form}.plan", "--format", form)
        yield ("show", f"{form}.plan", "--format", form)
    yield ("explain", SPEC_FILE, f"{MAILBOX}-1@{DOMAIN}")
    yield ("explain", SPEC_FILE, f"{MAILBOX}-6@{DOMAIN}", "--format", "json")
    yield ("explain", SPEC_FILE, f"nobody-{MAILBOX}@{DOMAIN}")
    yield ("apply", "text.plan")
    yield ("apply", "text.plan", *accept)
    for command in ("verify", "drift", "status", "report", "export-ids"):
        yield (command, SPEC_FILE)
    yield ("state", "list", SPEC_FILE)
    yield ("state", "show", SPEC_FILE, 'user["00000000-0000-4000-9000-000000000002"]')
    yield ("explain", SPEC_FILE, f"{MAILBOX}-2@{DOMAIN}")
    yield ("plan", SPEC_FILE, "--format", "json", "--nonsense", f"{MAILBOX}-2@{DOMAIN}")


def test_the_search_finds_every_form() -> None:
    """Whatever is hidden in other bytes is found: otherwise the tests below say nothing."""
    for value in VALUES:
        for form in forms(value):
            assert value in found_in(b"\x00before" + form + b"after\xff")
        assert value in found_in(value.upper().encode()) or not value.isascii()
    assert found_in(b"Someone Else, someone@example.com") == set()


def test_no_command_tells_a_value(tmp_path: Path) -> None:
    """Neither its output, nor its errors, nor a file it leaves: plan, state, work folder."""
    migration = _create(tmp_path)
    accept = accepts(migration.plan())
    for words in _commands(accept):
        ran = migration.run(*words)
        assert ran.code != 1, ran.err
        assert not _told(ran), words
        assert not _leaks(migration), words
    arrived = migration.directory()["00000000-0000-4000-9000-000000000002"]
    assert MAILBOX in arrived["email"]


def test_what_moved_is_told_masked(tmp_path: Path) -> None:
    """Updates and conflicts show samples of both sides: never a value."""
    migration = _create(tmp_path)
    migration.migrate()
    migration.execute("UPDATE users SET given_name = given_name || 'x' WHERE external_id LIKE '%-9000-%'")
    for form in ("text", "json", "markdown"):
        words = ("plan", SPEC_FILE, "--out", f"moved-{form}.plan", "--format", form)
        ran = migration.run(*words)
        assert ran.code == 0, ran.err
        assert "F11" in ran.out
        assert not _told(ran)
    drift = migration.run("drift", SPEC_FILE, "--format", "json")
    assert not _told(drift)
    assert not _leaks(migration)


def test_a_damaged_export_is_told_without_its_values(tmp_path: Path) -> None:
    """The error of a parser likes to quote what it could not read."""
    migration = _create(tmp_path)
    page = migration.folder / "users" / "users-2.json"
    page.write_bytes(page.read_bytes()[:-30])
    ran = migration.run("plan", SPEC_FILE)
    assert ran.code == 65
    assert not _told(ran)
    assert not _leaks(migration)


def test_a_death_leaves_no_value_behind(tmp_path: Path) -> None:
    """Killed while people are being written: the work folder is there, and is unreadable; the next run removes it."""
    migration = _create(tmp_path)
    accept = accepts(migration.plan_to("first.plan"))
    killed = migration.run("apply", "first.plan", *accept, **dying("settling", 5))
    assert killed.code == -SIGKILL
    left = [path for path in migration.files() if "work" in path.parts]
    assert sum((migration.folder / path).stat().st_size for path in left) > 10_000
    assert not _told(killed)
    assert not _leaks(migration)
    assert migration.apply("first.plan", *accept).code in (4, 5)
    assert not [path for path in migration.files() if "work" in path.parts]
