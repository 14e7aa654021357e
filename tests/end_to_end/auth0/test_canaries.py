"""Two thousand people from an export into a tenant, by jobs: nothing that tells of one of them is anywhere else."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from faults.exports import from_export
from faults.runs import Nursery

from poolshift.testing.faults import Fault, FaultServer
from tests.end_to_end.auth0.expectation import expected
from tests.end_to_end.auth0.spec import spec
from tests.end_to_end.auth0.tenant import moved
from tests.end_to_end.canaries import (
    FAMILY,
    FATES,
    GIVEN,
    MAILBOX,
    PHONE,
    VALUES,
    Secrets,
    address,
    canaries,
    known,
    source_id,
)
from tests.end_to_end.forked import Forked
from tests.end_to_end.haul import Haul
from tests.end_to_end.migration import SPEC_FILE
from tests.end_to_end.search import Search
from tests.end_to_end.story import Story
from tests.population.people import Person, people
from tests.servers.auth0 import Auth0Server, shapes
from tests.servers.auth0.people import PREFIX
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer
from tests.servers.auth0.service import Service
from tests.servers.auth0.terms import Auth0Terms

PEOPLE: Final = 2_270
"""Of whom two thousand belong in the tenant."""

FLOCKS: Final = 8
SECRETS: Final = Secrets()
HAUNTED: Final = [first + 1 for first in range(0, FLOCKS * FATES, FATES)]
"""Numbers of canaries whose address a ghost holds: the job gives their rows back whole."""

ODD: Final = [first + 6 for first in range(0, FLOCKS * FATES, FATES)]
"""Numbers of canaries whose rows the job refuses for another reason."""

LINKED: Final = [first + 2 for first in range(0, FLOCKS * FATES, FATES)]
"""Numbers of canaries with identities elsewhere, whose roles are refused."""


@pytest.fixture
def auth0() -> Iterator[Auth0Server]:
    with Auth0Server() as server:
        server.service.tokens.client_secret = SECRETS.client
        yield server


@pytest.mark.slow
def test_two_thousand_people_move_into_a_tenant_and_nothing_tells_of_one(auth0: Auth0Server, tmp_path: Path) -> None:
    """Through limits, a death, jobs and refusals that quote people, and a defect; and everybody is there."""
    everybody = [_grouped(person) for person in (*people(PEOPLE), *canaries(FLOCKS))]
    there, _ = expected(list(map(known, everybody)))
    with Nursery() as nursery, FaultServer(auth0.url, Auth0Terms()) as faults:
        migration = Forked(tmp_path / "m", nursery)
        migration.folder.mkdir()
        migration.export(everybody)
        text = from_export(spec("", "", auth0, faults.url))
        migration.write_spec(text.replace("\nusers:\n", "\nusers:\n  method: job\n"))
        haul = Haul(migration, Search([*VALUES, *SECRETS.environ.values()]), SECRETS.environ, homes=("users", "groups"))
        story = Story(haul, faults)
        _tell_no_secret(haul, auth0)
        _arrive(story, auth0)
        assert moved(auth0) == there
        assert len(there) >= 2_000
        assert {source_id(number) for number in (*HAUNTED, *ODD, *LINKED)} <= there.keys()

        _move_on(migration, everybody, auth0)
        story.look()
        story.crash()
        story.finish()
    after, _ = expected(list(map(known, everybody)))
    assert after != there
    assert moved(auth0) == after
    assert haul.holds(_passes(auth0)) == set()
    assert auth0.mails == []


def _grouped(person: Person) -> Person:
    """In no group whose name has a space: expectations are those of people who come from a pool."""
    return replace(person, groups=tuple(name for name in person.groups if " " not in name))


def _tell_no_secret(haul: Haul, auth0: Auth0Server) -> None:
    """A spec with the secret where it does not belong; a secret that is refused."""
    text = (haul.migration.folder / SPEC_FILE).read_text("utf-8")
    for number, wrong in enumerate(('["${env:AUTH0_CLIENT_SECRET}"]', '{is: "${env:AUTH0_CLIENT_SECRET}"}')):
        broken = haul.migration.folder / f"broken-{number}.yaml"
        broken.write_text(text.replace('"${env:AUTH0_CLIENT_SECRET}"', wrong), "utf-8")
        haul.run("validate", broken.name, codes=(65,))
    swapped = haul.migration.folder / "swapped.yaml"
    swapped.write_text(text.replace("domain: acme.eu.auth0.com", 'domain: "${env:AUTH0_CLIENT_SECRET}"'), "utf-8")
    haul.run("validate", swapped.name, codes=(65,))
    auth0.service.tokens.client_secret = "another"
    for command in ("doctor", "plan"):
        haul.run(command, SPEC_FILE, codes=(9,))
    auth0.service.tokens.client_secret = SECRETS.client


def _arrive(story: Story, auth0: Auth0Server) -> None:
    for number in HAUNTED:
        auth0.haunt(address(number))
    story.plan()
    story.exceed()
    story.lose_contact()
    with _choosy():
        story.die(Fault("kill_committed", at="create"))
        assert story.haul.holds(_passes(auth0)) == set()
        story.recover()
        with _quoting() as quoted:
            # Who holds a refused address is asked by that address, which stands in the URL.
            auth0.fail("GET /users-by-email", how="close_before", times=0)
            story.be_refused(code=10)
            assert auth0.log.counts["GET /users-by-email"] >= 2
            auth0.heal()
            story.be_refused()
    assert story.told("import job: a value has the wrong form: email (FORMAT)")
    assert story.told("GET /users-by-email: the connection broke")
    assert quoted.keys() >= {"POST /jobs/users-imports", "POST /roles/{role}/users"}
    auth0.database.ghosts.clear()
    story.finish()


@contextmanager
def _choosy() -> Iterator[None]:
    """Jobs take no row with these addresses, and give it back whole, in a message, too."""
    own, refused = shapes.problem, {address(number) for number in ODD}

    def problem(name: str, value: Any, shape: Any) -> str:
        return "FORMAT" if name == "email" and value in refused else own(name, value, shape)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapes, "problem", problem)
        yield


@contextmanager
def _quoting() -> Iterator[Counter[str]]:
    """The tenant refuses a whole job, and roles of some canaries, and says of whom: how often, by endpoint."""
    execute, quoted = Service.execute, Counter[str]()

    def refusing(service: Service, method: str, path: str, query: Any, body: Any, *more: Any) -> Answer:
        name, _, _ = service.endpoint(method, path)
        if _is_of_roles(name, body) or (name == "POST /jobs/users-imports" and not quoted[name]):
            quoted[name] += 1
            why = f"Payload validation error: '{address(LINKED[0])}' of {GIVEN} {FAMILY} ({PHONE})"
            raise Refusal(400, why, (MAILBOX, GIVEN.lower(), "invalid_body")[quoted.total() % 3])
        return execute(service, method, path, query, body, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Service, "execute", refusing)
        yield quoted


def _is_of_roles(name: str, body: Any) -> bool:
    told = str(body)
    return name == "POST /roles/{role}/users" and any(source_id(number) in told for number in LINKED)


def _move_on(migration: Forked, everybody: list[Person], auth0: Auth0Server) -> None:
    """One canary is renamed at the source, another at the destination."""
    [renamed] = [person for person in everybody if person.sub == source_id(1)]
    renamed.attributes["family_name"] = f"{FAMILY}-2"
    migration.export(everybody)
    auth0.tenant.users[f"{PREFIX}{source_id(2)}"]["given_name"] = f"{GIVEN}-2"


def _passes(auth0: Auth0Server) -> Search:
    """Tokens of the API, and signatures of addresses from which exports are fetched."""
    signatures = {token for job in auth0.service.jobs.all.values() for token in job.addresses}
    tokens = auth0.service.tokens.known
    assert signatures
    assert tokens
    return Search(signatures | tokens)
