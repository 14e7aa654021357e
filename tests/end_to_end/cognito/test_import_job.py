"""People move by import job, and an apply that dies at any step of the job goes on with the same one."""

import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from signal import SIGINT, SIGKILL
from typing import Any, Final

import pytest

from tests.end_to_end.accounting import is_verified
from tests.end_to_end.cognito.expectation import expected
from tests.end_to_end.cognito.pools import People, Pools
from tests.end_to_end.cognito.spec import import_spec
from tests.end_to_end.migration import NO_CHANGES, SPEC_FILE, Migration, Ran, accepts
from tests.population.people import Person, people
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.imports import Imports
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


@dataclass(frozen=True)
class Planned:
    """A planned migration, its new pool as it was then, and who has to be there."""

    pools: Pools
    migration: Migration
    before: Pool
    accept: tuple[str, ...]
    people: People

    def begin(self, folder: Path) -> Migration:
        """Once more from the start."""
        backend = self.before.backend
        backend.user_pools[self.before.id] = deepcopy(self.before, {id(backend): backend})
        self.pools.server.imports.jobs.clear()
        self.pools.server.imports.unseen = 1
        self.pools.server.log.clear()
        return self.migration.copy(folder)

    def apply(self, migration: Migration, signal: int = 0, operation: str = "", number: int = 1) -> Ran:
        """Apply; the server sends its client a signal once it has carried out so many calls of an operation."""
        command = (sys.executable, Path(__file__).with_name("quick_jobs.py"))
        victim: Future[int] = Future()
        with pytest.MonkeyPatch.context() as patch:
            _deadly(patch, victim, signal, operation, number)
            words = ("apply", "first.plan", "--format", "json", *self.accept)
            with migration.start(*words, command=command) as process:
                victim.set_result(process.pid)
                out, err = process.communicate(timeout=300)
        return Ran(process.returncode, out, err)


def _deadly(patch: pytest.MonkeyPatch, victim: Future[int], signal: int, operation: str, number: int) -> None:
    execute, upload, calls = Service.execute, Imports.upload, count(1)

    def meet(name: str) -> None:
        if name == operation and next(calls) == number:
            os.kill(victim.result(), signal)
            if signal == SIGKILL:
                raise ConnectionAbortedError

    def executed(service: Service, name: str, request: object, page: str | None = None) -> dict[str, Any]:
        answer = execute(service, name, request, page)
        meet(name)
        return answer

    def uploaded(imports: Imports, path: str, headers: dict[str, str], content: bytes) -> tuple[int, str]:
        answer = upload(imports, path, headers, content)
        meet("PutUpload")
        return answer

    patch.setattr(Service, "execute", executed)
    patch.setattr(Imports, "upload", uploaded)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planned]:
    everybody = people(60)
    with CognitoServer() as server:
        pools, migration = _world(server, tmp_path_factory.mktemp("planned") / "m", everybody)
        accept = tuple(accepts(migration.plan_to("first.plan")))
        backend = pools.new.backend
        before = deepcopy(pools.new, {id(backend): backend})
        yield Planned(pools, migration, before, accept, _imported(everybody))


@pytest.mark.kills
@pytest.mark.parametrize(
    ("operation", "number"),
    [
        ("CreateUserImportJob", 1),
        ("PutUpload", 1),
        ("StartUserImportJob", 1),
        ("DescribeUserImportJob", 2),
        ("DescribeUserImportJob", 4),
        ("GetLogEvents", 1),
    ],
)
def test_a_killed_import_goes_on(planned: Planned, tmp_path: Path, operation: str, number: int) -> None:
    """Dead at submit, at a poll, in the results: the next applies end where they should; no job imports twice."""
    migration = planned.begin(tmp_path / "m")
    imports, log = planned.pools.server.imports, planned.pools.server.log
    assert planned.apply(migration, SIGKILL, operation, number).code == -SIGKILL
    submitted = len(imports.jobs)
    imports.unseen = 0  # by now a file that came is seen
    for job in imports.jobs.values():
        job.created -= 120
    shown = migration.run("status", SPEC_FILE, "--format", "json").document
    assert shown["state"]["open_windows"] == 1
    again = planned.apply(migration)
    if again.code == 5:
        migration.until_quiet(3)
    assert planned.pools.moved() == planned.people, again.err + again.out
    assert migration.plan()["verdict"]["changes"] == 0
    started = [job for job in imports.jobs.values() if job.started is not None]
    assert len(started) == 1
    # A file that never arrived needs another job; every other death goes on with the one there is.
    assert len(imports.jobs) == submitted + (operation == "CreateUserImportJob")
    assert log.counts["AdminCreateUser"] == 0
    assert planned.pools.server.messages == []


@pytest.mark.kills
def test_a_stopped_import_is_waited_for_by_recover(planned: Planned, tmp_path: Path) -> None:
    """Exit 13 while the job runs; recover names the job and settles it; the rest follows, in the one job."""
    migration = planned.begin(tmp_path / "m")
    stopped = planned.apply(migration, SIGINT, "DescribeUserImportJob", 2)
    assert stopped.code == 13, stopped.err
    assert stopped.document["left_open"] == len(planned.people)
    [job] = planned.pools.server.imports.jobs.values()
    recovered = migration.run("recover", SPEC_FILE, "--format", "json")
    assert recovered.code == 0, recovered.err
    [window] = recovered.document["windows"]
    assert (window["route"], window["open"]) == ("import_job", False)
    assert [own["id"] for own in window["jobs"]] == [job.id]
    assert window["changes"] == [{"kind": "user", "action": "create", "count": len(planned.people)}]
    assert recovered.document["settled"]["failed"] == 0
    assert migration.run("recover", SPEC_FILE).out.startswith("people: nothing is open.")
    planned.apply(migration)
    migration.until_quiet(3)
    assert planned.pools.moved() == planned.people
    assert list(planned.pools.server.imports.jobs) == [job.id]
