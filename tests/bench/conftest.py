"""One small migration, built once."""

from pathlib import Path

import pytest
from bench import world
from bench.measures.plan import plan_once
from bench.process import Cost

PEOPLE = 2000


@pytest.fixture(scope="session")
def migration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 people, migrated once, after which both ends moved."""
    folder = tmp_path_factory.mktemp("bench") / "world"
    world.build(str(PEOPLE), str(folder))
    return folder


@pytest.fixture(scope="session")
def planned(migration: Path) -> Cost:
    """Its plan."""
    return plan_once(migration)
