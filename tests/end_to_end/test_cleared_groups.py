"""A group's description that the source has lost, by the installed command."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.migration import DIRECTORY, Migration
from tests.population.people import people
from tests.population.spec import SPEC


def _descriptions(migration: Migration) -> set[str | None]:
    with closing(sqlite3.connect(migration.folder / DIRECTORY)) as connection:
        return {description for (description,) in connection.execute("SELECT description FROM groups")}


@pytest.mark.slow
@pytest.mark.parametrize(("unmapped", "cleared"), [("clear", True), ("release", False)])
def test_a_lost_description_follows_the_policy(tmp_path: Path, unmapped: str, cleared: bool) -> None:
    """Cleared at the destination, or let stand; after it the plan is empty."""
    assert "unmapped:" not in SPEC
    spec = (
        SPEC.replace("\npolicy:\n", f"\npolicy:\n  unmapped: {unmapped}\n")
        if "\npolicy:\n" in SPEC
        else f"{SPEC}\npolicy: {{unmapped: {unmapped}}}\n"
    )
    migration = Migration.create(tmp_path / "own", people(40), spec)
    migration.migrate()
    assert any(_descriptions(migration))
    groups = migration.folder / "groups" / "groups.json"
    listed = json.loads(groups.read_text("utf-8"))
    for group in listed["Groups"]:
        del group["Description"]
    groups.write_text(json.dumps(listed), "utf-8")
    before = _descriptions(migration)
    migration.migrate()
    assert _descriptions(migration) == ({None} if cleared else before)
    assert migration.rows() == []
