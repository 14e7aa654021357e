"""Backends; the PostgreSQL server starts once a session, in about a second, when the first test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import Postgres
from tests.state.backends import Backend


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    """A place without a state."""
    settings = {}
    if request.param == "postgres":
        settings = {"url": request.getfixturevalue("server").database()}
    own = Backend(request.param, tmp_path, settings)
    yield own
    own.close()
