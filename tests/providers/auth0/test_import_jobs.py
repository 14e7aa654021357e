"""Import jobs: what goes in, what comes back for each person, and what is never taken for done."""

from collections.abc import Callable
from functools import partial

import pytest

from poolshift.provider.operation import Batch, Code, Failed, JobHandle, Operation, Outcome, Unknown, WholeRejected
from poolshift_providers.auth0.routes import JOB, JOB_BYTES
from poolshift_providers.auth0.user_document import size_of
from poolshift_providers.auth0.writer import TenantWriter
from tests.providers.auth0.world import World, create
from tests.servers.auth0 import Auth0Server


def submit(world: World, *operations: Operation) -> tuple[JobHandle, Batch]:
    batch = Batch(operations, "label-1")
    with world.writer() as writer:
        handle = writer.send(world.route("user", "create", JOB), batch)
    assert isinstance(handle, JobHandle)
    return handle, batch


def collect(world: World, handle: JobHandle, batch: Batch) -> list[Outcome]:
    with world.writer() as writer:
        assert isinstance(writer, TenantWriter)
        return list(writer.collect(handle, batch))


def test_everybody_is_there_under_the_id_they_had(world: World, server: Auth0Server) -> None:
    """With fields, flags and metadata; blocked where they may not sign in; and nobody was written to."""
    people = [
        create(1, given_name="Ann", app_metadata__plan="gold", user_metadata__locale="nl"),
        create(2, email="Bob@Example.com", email_verified=False, enabled=False, credential="reset"),
    ]
    outcomes = world.send(*people, route=JOB)
    ann, bob = (world.get(f"auth0|00000000-0000-4000-8000-{number:012d}") for number in (1, 2))
    assert ann is not None
    assert bob is not None
    assert [(outcome.status, outcome.id) for outcome in outcomes] == [
        ("done", ann["user_id"]),
        ("done", bob["user_id"]),
    ]
    assert (ann["given_name"], ann["app_metadata"], ann["user_metadata"]) == ("Ann", {"plan": "gold"}, {"locale": "nl"})
    assert (bob["email"], bob["email_verified"], bob["blocked"]) == ("bob@example.com", False, True)
    assert server.mails == []


def test_errors_come_back_to_the_people_they_are_of(world: World, server: Auth0Server) -> None:
    """In whatever order the job tells them: who was there, who is wrong, and who went in."""
    world.put("user", email="p2@example.com", user_id="other")
    people = [create(1), create(2), create(3, phone_number="0470"), create(4)]
    outcomes = world.send(*people, route=JOB)
    assert [outcome.status for outcome in outcomes] == ["done", "failed", "failed", "done"]
    taken, wrong = (outcome.failure for outcome in outcomes[1:3])
    assert taken is not None
    assert wrong is not None
    assert (taken.code, taken.path) == (Code.TAKEN, "email")
    assert (wrong.code, wrong.path) == (Code.INVALID, "phone_number")
    assert "0470" not in wrong.message
    assert len(server.tenant.users) == 3


def test_sending_a_batch_again_finds_everybody_there(world: World, server: Auth0Server) -> None:
    """Twice is once: each is EXISTS, which the engine looks up by the id it chose."""
    people = [create(1), create(2)]
    world.send(*people, route=JOB)
    outcomes = world.send(*people, route=JOB)
    assert {outcome.failure.code for outcome in outcomes if outcome.failure} == {Code.EXISTS}
    assert len(server.tenant.users) == 2


def test_a_ghost_is_explained(world: World, server: Auth0Server) -> None:
    """An address that is taken and that no read shows: told with the way to be rid of it."""
    server.haunt("p1@example.com")
    [outcome] = world.send(create(1), route=JOB)
    assert outcome.failure is not None
    assert outcome.failure.code is Code.TAKEN
    assert "half-made record" in outcome.failure.message
    assert "p1@example.com" not in outcome.failure.message


def _expire(server: Auth0Server) -> None:
    server.tenant.later(25 * 3600)


def _fail(server: Auth0Server) -> None:
    for job in server.service.jobs.all.values():
        job.details = "Failed to parse users file"
    server.tenant.later(10)


def _count(total: int | None, server: Auth0Server) -> None:
    server.tenant.later(10)
    [job] = server.service.jobs.all.values()
    with server.tenant.lock:
        server.service.jobs.tick()
        job.summary["total"] = total


SHORT, UNCOUNTED = partial(_count, 1), partial(_count, None)


@pytest.mark.parametrize("disturb", [_expire, _fail, SHORT, UNCOUNTED], ids=["expired", "failed", "short", "uncounted"])
def test_a_job_that_does_not_account_for_everybody_is_never_done(
    world: World, server: Auth0Server, disturb: Callable[[Auth0Server], None]
) -> None:
    """Gone after a day, failed as a whole, short of a row, or without a count: the tenant is asked who is there."""
    server.service.jobs.import_seconds = 5
    handle, batch = submit(world, create(1), create(2))
    disturb(server)
    with pytest.raises(Unknown):
        collect(world, handle, batch)


def test_a_job_is_followed_by_its_handle_alone(world: World, server: Auth0Server) -> None:
    """Running, finished, lost: by sessions that know nothing else."""
    server.service.jobs.import_seconds = 5
    handle, _ = submit(world, create(1))

    def state() -> str:
        with world.writer() as writer:
            assert isinstance(writer, TenantWriter)
            return writer.poll(handle).status

    assert state() == "running"
    server.tenant.later(6)
    assert state() == "finished"
    server.tenant.later(25 * 3600)
    assert state() == "lost"


def test_a_third_job_waits(world: World, server: Auth0Server) -> None:
    """The tenant works on two at once: more is a pause, not an error of the people in it."""
    server.service.jobs.import_seconds = 60
    submit(world, create(1))
    submit(world, create(2))
    with pytest.raises(Failed) as refused:
        submit(world, create(3))
    assert refused.value.failure.code is Code.SPENT
    assert refused.value.failure.retry_after
    server.tenant.later(61)
    submit(world, create(3))


def test_a_file_that_is_too_large_is_split_by_the_engine(world: World, server: Auth0Server) -> None:
    """413 means that nothing was written; the route's weight keeps batches below it."""
    people = [create(number, user_metadata__about="x" * 1_000) for number in range(1, 600)]
    with pytest.raises(WholeRejected):
        submit(world, *people)
    assert server.tenant.users == {}
    route = world.route("user", "create", JOB)
    assert route.weight == JOB_BYTES
    weight = 0
    fitting = []
    for person in people:
        weight += size_of(person)
        if weight > route.weight:
            break
        fitting.append(person)
    handle, _ = submit(world, *fitting)
    assert handle.id


def test_a_custom_database_without_import_mode_takes_none(server: Auth0Server, world: World) -> None:
    """It is known before anything is sent, and said in words."""
    server.database.options = {"enabledDatabaseCustomization": True}
    route = world.route("user", "create", JOB)
    assert "import mode" in str(route.takes(create(1)))
    server.database.options["import_mode"] = True
    assert world.route("user", "create", JOB).takes(create(1)) is None


def test_people_without_an_address_go_another_way(world: World) -> None:
    """An import job needs one."""
    route = world.route("user", "create", JOB)
    assert "e-mail" in str(route.takes(create(1, email=None, email_verified=None, phone_number="+32470000001")))


def test_who_has_no_id_of_their_own_gets_one(world: World, server: Auth0Server) -> None:
    """So that errors find their people again, and each has an id to go on with, without an address being kept."""
    world.put("user", email="p2@example.com")
    people = [create(1, user_id=None), create(2, user_id=None), create(3, user_id=None)]
    handle, batch = submit(world, *people)
    assert "@" not in "".join(handle.keep.values())
    first, taken, third = world.finish(handle, batch)
    assert taken.failure is not None
    assert taken.failure.code is Code.TAKEN
    for outcome, email in ((first, "p1@example.com"), (third, "p3@example.com")):
        assert outcome.id is not None
        assert server.tenant.users[outcome.id]["email"] == email
