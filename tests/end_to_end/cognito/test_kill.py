"""Fifty deaths of an apply into a pool: the next apply of the same plan ends where an undisturbed one does."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from signal import SIGKILL
from threading import Timer
from typing import Any, Final

import pytest
from faults.runs import Nursery

from tests.end_to_end.bases import read_bases
from tests.end_to_end.cognito.pools import People, Pools
from tests.end_to_end.cognito.spec import spec
from tests.end_to_end.forked import Forked
from tests.end_to_end.migration import Ran, accepts
from tests.population.people import SEED, Person, people
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.log import Entry
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.service import Service

pytestmark = pytest.mark.kills

ROUNDS: Final = 3
"""Plans after a partial apply before something must be wrong."""

READS: Final = ("Describe", "List", "Get", "AdminGet", "AdminList")
LISTINGS: Final = ("ListUsersInGroup", "ListGroups", "DescribeUserPool")


@dataclass(frozen=True)
class Requests:
    """What came to the server: writes by operation, searches for one record, and pages of listings."""

    writes: Counter[str]
    lookups: int
    listings: int


@dataclass(frozen=True)
class Undisturbed:
    """A planned migration, its new pool as it was then, and where an apply without a death ends."""

    part: str
    pools: Pools
    migration: Forked
    before: Pool
    accept: tuple[str, ...]
    people: People
    bases: Mapping[str, Any]
    requests: Requests

    def begin(self, folder: Path) -> Forked:
        """The planned migration once more, with the pool as it was."""
        _put(self.pools, self.before)
        self.pools.server.log.clear()
        return self.migration.copy(folder)


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Undisturbed]]:
    """first: everybody arrives with all they have. second: half of them are there, without groups and links."""
    found: dict[str, Undisturbed] = {}
    with ExitStack() as stack:
        nursery = stack.enter_context(Nursery())

        def end(part: str) -> Undisturbed:
            if part not in found:
                pools = Pools(stack.enter_context(CognitoServer()))
                found[part] = _undisturbed(pools, Forked(tmp_path_factory.mktemp(part) / "m", nursery), part)
            return found[part]

        yield end


def _undisturbed(pools: Pools, migration: Forked, part: str) -> Undisturbed:
    migration.folder.mkdir()
    begun = part == "second"
    text = spec(pools.old_id, pools.new_id, pools.server.url)
    if begun:
        pools.seed(people(150))
        migration.write_spec(text.partition("\ngroups:")[0])
        migration.migrate()
        for user in tuple(pools.old.users.values()):
            pools.old.remove(user)
    pools.seed(_changed(people(300)) if begun else people(300))
    migration.write_spec(text)
    accept = tuple(accepts(migration.plan_to("first.plan")))
    before = _copy(pools.new)
    reference = migration.copy(migration.folder.with_name("reference"))
    pools.server.log.clear()
    ran = reference.apply("first.plan", *accept)
    assert ran.code == 4, ran.err
    requests, moved = _requests(pools), pools.moved()
    bases = read_bases(reference.folder, pools.ids())
    return Undisturbed(part, pools, migration, before, accept, moved, bases, requests)


def _changed(everybody: list[Person]) -> list[Person]:
    """Every third person has another plan and name, every seventh is switched off or on: updates beside the rest."""
    for person in everybody[::3]:
        person.attributes |= {"custom:plan": "s", "given_name": "Anders"}
    for person in everybody[::7]:
        person.enabled = not person.enabled
    return everybody


def _points() -> list[tuple[str, str, float]]:
    """(part, point, where): ``where`` in parts of the way, from 0 to 1. after: at any moment."""
    random = Random(SEED)
    wanted = (("committed", 20), ("settling", 10), ("opened", 10), ("after", 10))
    return [
        (part, point, (number + random.random()) / (total // 2))
        for part in ("first", "second")
        for point, total in wanted
        for number in range(total // 2)
    ]


LATER: Final = {"committed": 0.0, "after": 0.02}
"""Seconds the server may take, after a write, to kill its client."""

CROSSINGS: Final = {
    ("first", "settling"): 12,
    ("first", "opened"): 5,
    ("second", "settling"): 12,
    ("second", "opened"): 5,
}
"""How often a point is met at least; a test sees that each death took place."""


@pytest.mark.parametrize(("part", "point", "where"), _points(), ids=lambda own: own if isinstance(own, str) else "")
def test_a_killed_apply_goes_on(
    ends: Callable[[str], Undisturbed],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    part: str,
    point: str,
    where: float,
) -> None:
    """Dead at the point, then applied again: the same people, memberships, links and base rows, no write twice."""
    end = ends(part)
    migration = end.begin(tmp_path / "m")
    killed = _killed(end, migration, point, where, monkeypatch)
    assert killed.code == -SIGKILL, killed.err
    codes = [killed.code, migration.apply("first.plan", *end.accept).code]
    if codes[-1] == 5:
        codes += migration.until_quiet(ROUNDS)
    record_property("death", f"{part} {point}: {' '.join(map(str, codes))}")
    assert codes[-1] == 4
    assert end.pools.moved() == end.people
    assert read_bases(migration.folder, end.pools.ids()) == end.bases
    assert end.pools.server.messages == []
    _assert_spared(_requests(end.pools), end.requests, len(codes))


def _killed(end: Undisturbed, migration: Forked, point: str, where: float, patch: pytest.MonkeyPatch) -> Ran:
    if point in ("committed", "after"):
        with patch.context() as local:
            number = int(where * end.requests.writes.total() * (0.9 if point == "after" else 1)) + 1
            return _killed_by_server(end, migration, number, Random(where).random() * LATER[point], local)
    number = int(where * CROSSINGS[end.part, point]) + 1
    return migration.run("apply", "first.plan", *end.accept, arm=(point, number))


def _killed_by_server(end: Undisturbed, migration: Forked, number: int, later: float, patch: pytest.MonkeyPatch) -> Ran:
    """The server kills its client once it has committed that write, without an answer; or so many seconds later."""
    execute, commits = Service.execute, count(1)
    victim: Future[int] = Future()

    def deadly(service: Service, name: str, request: object, page: str | None = None) -> dict[str, Any]:
        answer = execute(service, name, request, page)
        if not name.startswith(READS) and next(commits) == number:
            if later:
                Timer(later, os.kill, (victim.result(), SIGKILL)).start()
                return answer
            os.kill(victim.result(), SIGKILL)
            raise ConnectionAbortedError
        return answer

    patch.setattr(Service, "execute", deadly)
    return migration.run("apply", "first.plan", *end.accept, started=victim.set_result)


def _assert_spared(asked: Requests, clean: Requests, runs: int) -> None:
    """No write more than an undisturbed run makes; a search a change at most, and what each run lists."""
    assert asked.writes <= clean.writes
    assert asked.lookups <= clean.lookups + clean.writes.total()
    assert asked.listings <= 2 * runs * clean.listings


def _requests(pools: Pools) -> Requests:
    """Of a request that its client's death cut in half the server knows the operation only: nothing is carried out."""
    entries = [entry for entry in pools.server.log.entries if entry.request is not None]
    reads = [entry for entry in entries if entry.operation.startswith(READS)]
    pages = sum(map(_lists, reads))
    writes = Counter(entry.operation for entry in entries if not entry.operation.startswith(READS))
    return Requests(writes, len(reads) - pages, pages)


def _lists(entry: Entry) -> bool:
    return entry.operation in LISTINGS or (entry.operation == "ListUsers" and "Filter" not in entry.request)


def _copy(pool: Pool) -> Pool:
    """A pool of its own that belongs to the same service."""
    return deepcopy(pool, {id(pool.backend): pool.backend})


def _put(pools: Pools, pool: Pool) -> None:
    """A copy of this pool in the new one's place."""
    pool.backend.user_pools[pool.id] = _copy(pool)
