"""People move by import job, and an apply that dies at any step of the job goes on with the same one."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from signal import SIGINT, SIGKILL
from typing import Any, Final

import pytest

from tests.end_to_end.bases import read_bases
from tests.end_to_end.cognito.expectation import expected
from tests.end_to_end.cognito.pools import People, Pools
from tests.end_to_end.cognito.spec import import_spec
from tests.end_to_end.expectation import is_verified
from tests.end_to_end.migration import NO_CHANGES, SPEC_FILE, Migration, accepts
from tests.population.people import Person, people
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.service import Service

VERIFIES: Final[Mapping[str, Any]] = {"AutoVerifiedAttributes": ["email"]}


def _world(server: CognitoServer, folder: Path, everybody: list[Person]) -> tuple[Pools, Migration]:
    pools = Pools(server, **VERIFIES)
    pools.seed(everybody)
    folder.mkdir(exist_ok=True)
    migration = Migration(folder)
    migration.write_spec(import_spec(pools.old_id, pools.new_id, server.url))
    return pools, migration


def _imported(everybody: list[Person]) -> People:
    """Who has to be there: everybody has to reset their password, also who had none."""
    there, _ = expected([person for person in everybody if is_verified(person)])
    return {sub: {**one, "status": "RESET_REQUIRED"} for sub, one in there.items()}


@pytest.mark.slow
def test_two_thousand_people_move_by_import_job(tmp_path: Path) -> None:
    """The plan tells the forced reset; one job brings them all; then nothing changes, and verify finds them as told."""
    everybody = people(2_000)
    with CognitoServer() as server:
        pools, migration = _world(server, tmp_path / "m", everybody)
        there = _imported(everybody)
        document = migration.plan_to("first.plan")
        [creates] = [own for own in document["classes"] if (own["kind"], own["action"]) == ("user", "create")]
        assert creates["routes"] == ["import_job"]
        assert creates["forces"] == {"status": "RESET_REQUIRED", "credential": "reset"}
        assert creates["count"] == len(there)
        assert "status = RESET_REQUIRED" in migration.run("show", "first.plan").out

        applied = migration.apply("first.plan", *accepts(document))
        assert applied.code == 4, applied.err + applied.out
        assert pools.moved() == there
        asked = server.log.counts
        assert (asked["CreateUserImportJob"], asked["AdminCreateUser"], asked["AdminSetUserPassword"]) == (1, 0, 0)
        assert [upload.get("authorization") for upload in server.imports.uploads] == [None]
        assert asked["AdminDisableUser"] == sum(not one["enabled"] for one in there.values())
        assert server.messages == []

        second = migration.run("plan", SPEC_FILE, "--out", "second.plan")
        assert second.out.startswith(NO_CHANGES)
        verified = migration.run("verify", SPEC_FILE, "--format", "json").document["verdict"]
        assert verified["differences"] == verified["conflicts"]
