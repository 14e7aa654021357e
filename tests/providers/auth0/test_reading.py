"""Reads: everybody by an export, the rest by lists; each kind ends once, and not as complete where it is not."""

import gzip
import io
import tracemalloc
from pathlib import Path
from typing import Any

import orjson
import pytest

from poolshift.errors import AccessDenied, PoolshiftError, ProviderDown
from poolshift.provider.calls import WriteRefused
from poolshift.provider.session import Complete, Partial, Want
from poolshift.testing.faults import Fault, FaultServer, How
from poolshift_providers.auth0.export_job import ExportJob
from poolshift_providers.auth0.lookup import Lookup
from tests.providers.auth0.world import World, create, element
from tests.servers.auth0 import Auth0Server
from tests.servers.auth0.terms import Auth0Terms

KINDS = ("organization", "role", "organization_member", "role_member", "user", "link")


def codes(error: PoolshiftError) -> set[str]:
    return {diagnostic.code for diagnostic in error.diagnostics}


def test_more_people_than_a_search_shows_are_read(world: World, server: Auth0Server) -> None:
    """A search ends at 1,000; the export has everybody, with their fields, flags and metadata."""
    for number in range(1_200):
        server.put(
            email=f"p{number}@example.com", user_id=f"u{number}", app_metadata={"n": number}, blocked=number == 7
        )
    records, ends = world.read("user")
    assert isinstance(ends["user"], Complete)
    assert ends["user"].count == len({record.id for record in records["user"]}) == 1_200
    seventh = next(record for record in records["user"] if record.id == "auth0|u7")
    assert seventh.values["user_id"] == "u7"
    assert seventh.values["app_metadata.n"] == 7
    assert (seventh.values["enabled"], seventh.values["email_verified"]) == (False, False)
    assert server.log.counts["GET /users"] == 0
    assert server.log.credentials_elsewhere == 0


def test_a_person_reads_the_same_from_list_and_lookup(world: World) -> None:
    """Ids and values agree, and are those the create echoed."""
    [outcome] = world.send(create(1, given_name="Ann", user_metadata__locale="nl"))
    assert outcome.echo is not None
    [listed] = world.read("user")[0]["user"]
    [found] = world.find("user", "id", listed.id)
    assert listed == found == outcome.echo


def test_all_kinds_end_once(world: World, server: Auth0Server) -> None:
    """Lists longer than a page and longer than 1,000 are read to their end, within organizations too."""
    organization, role = world.put("organization", name="acme"), world.put("role", name="editor")
    for number in range(1_050):
        user = server.put(email=f"p{number}@example.com", user_id=f"u{number}")["user_id"]
        server.tenant.roles[role].members[user] = None
        server.tenant.organizations[organization].members[user] = {role} if number < 120 else set()
    records, ends = world.read(*KINDS)  # type: ignore[arg-type]
    counts = {kind: len(found) for kind, found in records.items()}
    assert counts == {
        "organization": 1,
        "role": 2,
        "organization_member": 1_050,
        "role_member": 1_170,
        "user": 1_050,
        "link": 0,
    }
    assert {kind: end.count for kind, end in ends.items() if isinstance(end, Complete)} == counts


@pytest.mark.parametrize("how", ["expired_page_token", "repeated_page", "short_page"])
def test_a_list_whose_checkpoint_is_refused_begins_again(server: Auth0Server, tmp_path: Path, how: How) -> None:
    """Everybody is there; who came twice is passed on twice, and a list that began again counts each once."""
    with FaultServer(server.url, Auth0Terms(), page=40) as front:
        world = World(server, tmp_path, front.url)
        role = world.put("role", name="editor")
        for number in range(25):
            user = server.put(email=f"p{number}@example.com", user_id=f"u{number}")["user_id"]
            server.tenant.roles[role].members[user] = None
        front.fail(Fault(how, "page", 2, continued=how == "expired_page_token"))
        records, ends = world.read("role_member")
        assert front.programme.met == {how: 1}
    assert len({record.refs["user"].id for record in records["role_member"]}) == 25
    end = ends["role_member"]
    assert isinstance(end, Complete)
    assert how == "repeated_page" or end.count == 25


def test_a_list_whose_checkpoint_is_always_refused_ends_the_command(server: Auth0Server, tmp_path: Path) -> None:
    """Nothing is called complete."""
    with FaultServer(server.url, Auth0Terms(), page=40) as front:
        world = World(server, tmp_path, front.url)
        role = world.put("role", name="editor")
        for number in range(25):
            user = server.put(email=f"p{number}@example.com", user_id=f"u{number}")["user_id"]
            server.tenant.roles[role].members[user] = None
        front.fail(Fault("expired_page_token", "page", times=0, continued=True))
        with pytest.raises(ProviderDown) as caught:
            world.read("role_member")
    assert codes(caught.value) == {"LISTING_EXPIRED"}


def test_members_of_named_parents_only(world: World, server: Auth0Server) -> None:
    """What recovery asks for: the members of these, and of no others."""
    [user] = [world.put("user", email="a@example.com", user_id="a")]
    acme, globex = (world.put("organization", name=name) for name in ("acme", "globex"))
    role = world.put("role", name="owner")
    for organization in (acme, globex):
        world.send(element("organization_member", "create", user, organization))
        world.send(element("role_member", "create", user, f"{organization}/{role}"), route="member_api")
    server.log.clear()
    with world.reader() as reader:
        want = Want(frozenset({"role_member"}), parents={"role": frozenset({f"{acme}/{role}"})})
        found = [record.refs["role"].id for page in reader.read(want) for record in page.records]
    assert found == [f"{acme}/{role}"]
    assert server.log.counts["GET /organizations/{organization}/members"] == 1
    assert {record.refs["role"].id for record in world.find("role_member", "user", user)} == {
        f"{acme}/{role}",
        f"{globex}/{role}",
    }


def test_an_organization_that_goes_while_somebody_is_looked_up_has_no_roles(
    world: World, server: Auth0Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person's other roles are found all the same."""
    user = world.put("user", email="a@example.com", user_id="a")
    role = world.put("role", name="owner")
    world.send(element("role_member", "create", user, role))
    monkeypatch.setattr(Lookup, "_organizations_of", lambda _self, _user: iter([("org_gone", "gone")]))
    assert [record.refs["role"].id for record in world.find("role_member", "user", user)] == [role]
    assert server.log.counts["GET /organizations/{organization}/members/{user}/roles"] == 1


def test_without_the_scope_for_organizations_the_rest_is_read(world: World, server: Auth0Server) -> None:
    """What is missing is Partial, and says which scope; nothing is taken for absent."""
    server.service.tokens.scopes.discard("read:organizations")
    world.put("role", name="editor")
    records, ends = world.read(*KINDS)  # type: ignore[arg-type]
    missing = ends["organization"]
    assert isinstance(missing, Partial)
    assert "read:organizations" in missing.reason
    assert all(isinstance(ends[kind], Partial) for kind in ("organization_member", "role", "role_member"))
    assert all(isinstance(ends[kind], Complete) for kind in ("user", "link"))
    assert [record.values["name"] for record in records["role"]] == ["editor"]
    with world.reader() as reader:
        access = reader.access()
    assert (access["read:organizations"], access["read:users"], access["create:users"]) == (False, True, None)


def test_a_missing_scope_is_named(world: World, server: Auth0Server) -> None:
    """The command ends, and says what to grant."""
    server.service.tokens.scopes.discard("read:users")
    with pytest.raises(AccessDenied, match="read:users") as denied:
        world.read("user")
    assert codes(denied.value) == {"HTTP_DENIED"}


def test_wrong_credentials_and_audience(world: World, server: Auth0Server, tmp_path: Path) -> None:
    """Neither is taken for a missing permission."""
    for settings in ({"audience": "https://acme.eu.auth0.com/api/v2"}, {"client_id": "nobody"}):
        with pytest.raises(AccessDenied) as denied:
            World(server, tmp_path, **settings).read("user")
        assert codes(denied.value) == {"HTTP_CREDENTIALS"}


@pytest.mark.parametrize(
    ("connection", "code"), [("nobody", "CONNECTION_NOT_FOUND"), ("google-oauth2", "CONNECTION_NOT_DATABASE")]
)
def test_a_connection_that_holds_nobody(server: Auth0Server, tmp_path: Path, connection: str, code: str) -> None:
    """Missing, or of another type: said before anybody is read."""
    with pytest.raises(AccessDenied) as denied:
        World(server, tmp_path, connection=connection).schema()
    assert codes(denied.value) == {code}


def test_a_token_that_ends_in_the_middle_is_renewed(world: World, server: Auth0Server) -> None:
    """One revoked between two calls; and one that lives shorter than a slow call takes."""
    server.put(email="a@example.com")
    world.break_at("GET /roles", how="revoked_token")
    assert len(world.read("role", "user")[0]["user"]) == 1
    server.service.tokens.seconds = 0.2
    server.fail("GET /roles", how="slow", seconds=0.4)
    assert len(world.read("role", "user")[0]["user"]) == 1
    assert server.service.tokens.issued >= 4


@pytest.mark.parametrize("how", ["error_500", "throttle", "close_before", "close_after_commit", "html", "empty_body"])
@pytest.mark.parametrize("endpoint", ["GET /roles", "POST /jobs/users-exports", "GET /jobs/{job}"])
def test_a_read_survives_one_fault(world: World, server: Auth0Server, endpoint: str, how: Any) -> None:
    """It is asked again; the number of people is right."""
    server.put(email="a@example.com")
    world.break_at(endpoint, how=how)
    if how == "empty_body":
        with pytest.raises(ProviderDown):
            world.read("role", "user")
        return
    records, ends = world.read("role", "user")
    assert len(records["user"]) == 1
    assert isinstance(ends["user"], Complete)


@pytest.mark.parametrize("how", ["error_500", "html", "close_before"])
def test_a_tenant_that_stays_away_ends_the_command(world: World, how: Any) -> None:
    """Nothing half is told as complete."""
    world.break_at("GET /jobs/{job}", how=how, times=0)
    with pytest.raises(ProviderDown):
        world.read("user")


@pytest.mark.parametrize("late", [1, 9])
def test_an_address_that_came_too_late_is_asked_for_again(world: World, server: Auth0Server, late: int) -> None:
    """It is good for a minute. One that is refused each time is an error that no permission helps against."""
    server.put(email="a@example.com")
    download = server.service.jobs.download
    waits = [120.0] * late

    def after_a_while(job: str, signature: str) -> bytes:
        server.tenant.later(waits.pop() if waits else 0.0)
        return download(job, signature)

    server.service.jobs.download = after_a_while  # type: ignore[method-assign,assignment]
    if late == 1:
        assert len(world.read("user")[0]["user"]) == 1
        return
    with pytest.raises(ProviderDown) as down:
        world.read("user")
    assert codes(down.value) == {"EXPORT_FAILED"}


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b'{"user_id":"auth0|a"}\n' * 1_000)[:-9],
        gzip.compress(b'{"user_id":"auth0|a"}\n{"user_id":'),
        (packed := gzip.compress(b'{"user_id":"auth0|a"}\n' * 1_000))[:15] + b"\xff" * 8 + packed[23:],
        b'{"email":"a@example.com"}\n',
        b"<html></html>",
    ],
    ids=["a block", "a line", "damaged", "not packed", "a page"],
)
def test_a_file_that_is_cut_is_an_error(world: World, server: Auth0Server, content: bytes) -> None:
    """Packed and cut, a half line, packed and damaged, a line without an id, something else."""
    server.service.jobs.download = lambda _job, _signature: content  # type: ignore[method-assign,assignment]
    with pytest.raises(ProviderDown) as down:
        world.read("user")
    assert codes(down.value) == {"EXPORT_FAILED"}


def test_a_file_that_is_not_packed_is_read(world: World, server: Auth0Server) -> None:
    """Whether it is packed is seen from its first bytes."""
    line = orjson.dumps({"user_id": "auth0|a", "email": "a@example.com"}) + b"\n"
    server.service.jobs.download = lambda _job, _signature: line * 2  # type: ignore[method-assign,assignment]
    assert [record.id for record in world.read("user")[0]["user"]] == ["auth0|a"] * 2


def test_memory_does_not_grow_with_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the people, the same peak: lines are read one page at a time."""

    def peak(count: int) -> int:
        line = orjson.dumps({"user_id": "auth0|a", "email": "a@example.com", "app_metadata": {"a": "x" * 50}}) + b"\n"
        spool = io.BytesIO(gzip.compress(line * count))
        job = object.__new__(ExportJob)
        monkeypatch.setattr(ExportJob, "_location", lambda _self: "")
        job._calls = type("Calls", (), {"fetch": lambda _self, _path, quota: spool})()
        tracemalloc.start()
        assert sum(map(len, job.users())) == count
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(20_000) < peak(2_000) * 1.25


def test_a_reader_writes_nothing(world: World) -> None:
    """Its calls refuse; an export is no write."""
    with world.calls(writes=False) as calls, pytest.raises(WriteRefused):
        calls.http("POST", "/users", writes=True, json={})
