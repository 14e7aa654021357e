"""The shipped plan, by the command: what is found while planning, and what happens when both ends move on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.auth0.migration import Migration, changes, findings
from tests.providers.cognito.world import person
from tests.servers.auth0 import Auth0Server
from tests.servers.cognito import CognitoServer


@pytest.fixture
def migration(server: Auth0Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    with CognitoServer() as cognito:
        yield Migration(cognito, server, tmp_path, monkeypatch)


def sub(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def test_many_go_by_jobs_and_a_second_plan_is_empty(migration: Migration, server: Auth0Server) -> None:
    """From fifty people on; one job; the plan afterwards has nothing to do."""
    migration.cognito.seed([person(number) for number in range(60)])
    assert migration.apply(migration.plan()) == 0
    assert len(server.tenant.users) == 60
    assert (server.log.counts["POST /jobs/users-imports"], server.log.counts["POST /users"]) == (1, 0)
    assert changes(migration.plan()) == {}
    assert migration.run("verify", "migration.yaml") == 0


def test_a_few_go_by_the_api(migration: Migration, server: Auth0Server) -> None:
    """A job takes longer than a handful of calls."""
    migration.cognito.seed([person(1), person(2)])
    assert migration.apply(migration.plan()) == 0
    assert (server.log.counts["POST /jobs/users-imports"], server.log.counts["POST /users"]) == (0, 2)


def test_a_lost_submission_is_settled_by_id(migration: Migration, server: Auth0Server) -> None:
    """The job runs, its number was never told: everybody is found by the id that was chosen, nobody is made twice."""
    migration.cognito.seed([person(number) for number in range(60)])
    document = migration.plan()
    server.fail("POST /jobs/users-imports", how="close_after_commit")
    assert migration.apply(document) == 0
    assert len(server.tenant.users) == 60
    assert server.log.counts["POST /jobs/users-imports"] == 1
    assert changes(migration.plan()) == {}


def test_a_job_that_fails_is_sent_again(migration: Migration, server: Auth0Server) -> None:
    """Nobody of it is there: it is no success, and the next job is."""
    migration.cognito.seed([person(number) for number in range(60)])
    document = migration.plan()
    server.service.jobs.fail_next = True
    assert migration.apply(document) == 0
    assert len(server.tenant.users) == 60
    assert server.log.counts["POST /jobs/users-imports"] == 2


def test_somebody_else_has_the_address(migration: Migration, server: Auth0Server) -> None:
    """Unverified: a conflict, nothing is linked. The others go on."""
    server.put(email="p1@example.com", user_id="other")
    migration.cognito.seed([person(1), person(2)])
    document = migration.plan()
    assert document["verdict"]["conflicts"] == 1
    assert migration.apply(document) == 4
    assert set(server.tenant.users) == {"auth0|other", f"auth0|{sub(2)}"}


def test_who_is_there_under_the_id_is_taken_up(migration: Migration, server: Auth0Server) -> None:
    """The id is the marker: after a lost state nobody is made twice."""
    server.put(email="p1@example.com", user_id=sub(1), email_verified=True)
    migration.cognito.seed([person(1)])
    document = migration.plan()
    assert ("user", "create") not in changes(document)
    assert migration.apply(document) in (0, 4)
    assert set(server.tenant.users) == {f"auth0|{sub(1)}"}


def test_a_ghost_is_told_and_the_others_go_on(
    migration: Migration, server: Auth0Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """No plan can see it; the report says what it is and how to be rid of it."""
    server.haunt("p1@example.com")
    migration.cognito.seed([person(1), person(2)])
    document = migration.plan()
    assert migration.apply(document) == 5
    capsys.readouterr()
    assert migration.run("report", "migration.yaml", "--format", "json") == 0
    told = capsys.readouterr().out
    assert "half-made record" in told
    assert "DELETE /connections/{id}/users" in told
    assert "p1@example.com" not in told
    assert set(server.tenant.users) == {f"auth0|{sub(2)}"}


def test_what_metadata_cannot_hold_is_found_while_planning(migration: Migration) -> None:
    """A reserved key, one with a dollar, and a value that is too large."""
    old = "app_metadata.cognito_username: {from: username, mode: write_once}"
    new = f"{old}\n    app_metadata.identities: username\n    app_metadata.about: name\n"
    new += '    user_metadata.$plan: {value: "x"}\n    #'
    migration.write_spec({old: new})
    migration.cognito.seed([person(1, attributes={"name": "x" * 2_040})])
    found = findings(migration.plan())
    assert found["FIELD_RESERVED"] >= 1
    assert found["VALUE_LENGTH"] == 1


def test_changes_at_both_ends(migration: Migration, server: Auth0Server) -> None:
    """A new address needs a yes and is written to nobody; a removed person stays; what people added survives."""
    migration.cognito.seed([person(1), person(2)])
    migration.apply(migration.plan())
    pool = migration.cognito.pool()
    pool.change(pool.get("p1"), {"email": "new@example.com", "email_verified": "true"})
    pool.remove(pool.get("p2"))
    server.tenant.users[f"auth0|{sub(1)}"]["user_metadata"] = {"theirs": True}
    document = migration.plan()
    assert changes(document) == {("user", "update"): 1}
    assert migration.apply(document) == 6
    assert migration.apply(document, "--accept", "login_change=1") == 0
    user = server.tenant.users[f"auth0|{sub(1)}"]
    assert (user["email"], user["user_metadata"]) == ("new@example.com", {"theirs": True})
    assert len(server.tenant.users) == 2
    assert server.mails == []
