"""Two thousand people from one pool into another: nothing that tells of one of them is anywhere beside the pools."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from faults.emulated import pool_spec
from faults.runs import Nursery

from poolshift.testing.faults import Fault, FaultServer
from tests.end_to_end.canaries import (
    FAMILY,
    FATES,
    GIVEN,
    MAILBOX,
    SUBJECT,
    VALUES,
    Secrets,
    address,
    canaries,
    known,
    source_id,
)
from tests.end_to_end.cognito.expectation import expected
from tests.end_to_end.cognito.pools import Pools
from tests.end_to_end.forked import Forked
from tests.end_to_end.haul import Haul
from tests.end_to_end.search import Search
from tests.end_to_end.story import Story
from tests.population.people import Person, people
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.service import Service
from tests.servers.cognito.terms import CognitoTerms

PEOPLE: Final = 2_250
"""Of whom two thousand belong in the new pool."""

FLOCKS: Final = 8
FIRSTS: Final = range(0, FLOCKS * FATES, FATES)
SECRETS: Final = Secrets()


@pytest.fixture
def pools() -> Iterator[Pools]:
    with CognitoServer() as server:
        yield Pools(server)


@pytest.mark.slow
def test_two_thousand_people_move_between_pools_and_nothing_tells_of_one(pools: Pools, tmp_path: Path) -> None:
    """Through limits, a death, refusals that quote people, and a defect; and everybody is there, canaries too."""
    everybody = [*people(PEOPLE), *canaries(FLOCKS)]
    pools.seed(everybody)
    there, _ = expected(list(map(known, everybody)))
    with Nursery() as nursery, FaultServer(pools.server.url, CognitoTerms()) as faults:
        migration = Forked(tmp_path / "m", nursery)
        migration.folder.mkdir()
        migration.write_spec(pool_spec(pools.old_id, pools.new_id, pools.server.url, faults.url))
        haul = Haul(migration, Search([*VALUES, *SECRETS.environ.values()]), SECRETS.environ)
        story = Story(haul, faults)
        _arrive(story, pools)
        assert pools.moved() == there
        assert len(there) >= 2_000
        assert sum(one["attributes"].get("given_name") == GIVEN for one in there.values()) == 4 * FLOCKS

        _move_on(pools, everybody)
        story.look()
        story.crash()
        story.finish()
    after, _ = expected(list(map(known, everybody)))
    assert after != there
    assert pools.moved() == after
    assert haul.holds(_passwords(pools, 1_000)) == set()
    assert pools.server.messages == []


def _arrive(story: Story, pools: Pools) -> None:
    story.plan()
    story.exceed()
    story.lose_contact()
    story.die(Fault("kill_committed", at="write", nth=500))
    assert story.haul.holds(_passwords(pools, 10)) == set()
    story.recover()
    with _quoting() as quoted:
        story.be_refused()
    assert story.told("an answer nobody expected (400)")
    assert quoted.keys() == {"AdminCreateUser", "AdminLinkProviderForUser"}
    story.finish()


def _passwords(pools: Pools, at_least: int) -> Search:
    """Some of those that people were given so far, which nobody is told."""
    given = [request["Password"] for request in pools.server.log.requests("AdminSetUserPassword")]
    assert len(given) >= at_least
    return Search(given[:: len(given) // 10])


REFUSALS: Final = ("InvalidParameterException", f"com.amazonaws#{MAILBOX}", GIVEN, "UserLambdaValidationException")
"""What an answer may say it is: a trigger of the pool, or a proxy, says what it likes. In turn."""


@contextmanager
def _quoting() -> Iterator[Counter[str]]:
    """The pool refuses some canaries, and links of the others, and says whom it refuses: how often, by operation."""
    execute, quoted = Service.execute, Counter[str]()
    refused = {"AdminCreateUser": [address(first + 1) for first in FIRSTS], "AdminLinkProviderForUser": [SUBJECT]}

    def refusing(service: Service, name: str, request: object, page: str | None = None) -> dict[str, Any]:
        told = json.dumps(request, ensure_ascii=False)
        if any(value in told for value in refused.get(name, ())):
            quoted[name] += 1
            raise Refusal(REFUSALS[quoted.total() % len(REFUSALS)], f"Value is not valid: {told}")
        return execute(service, name, request, page)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Service, "execute", refusing)
        yield quoted


def _move_on(pools: Pools, everybody: list[Person]) -> None:
    """One canary is renamed at the source, another at the destination."""
    [renamed] = [person for person in everybody if person.sub == source_id(1)]
    renamed.attributes["family_name"] = f"{FAMILY}-2"
    pools.old.change(pools.old.get(renamed.username), {"family_name": f"{FAMILY}-2"})
    pools.new.change(pools.new.get(pools.ids()[source_id(2)]), {"given_name": f"{GIVEN}-2"})
