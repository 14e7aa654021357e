"""Writes of users by the API."""

from typing import Any

import pytest

from poolshift.provider.operation import Code, Failed, Operation, Unknown
from tests.providers.auth0.world import World, create, update
from tests.servers.auth0 import Auth0Server

ANN = "auth0|00000000-0000-4000-8000-000000000001"


def test_a_user_is_made_silently_with_a_password_nobody_knows(world: World, server: Auth0Server) -> None:
    """Under the id they had; no mail, though the address is not verified."""
    [outcome] = world.send(create(1, email_verified=False, credential="reset"))
    assert (outcome.status, outcome.id) == ("done", ANN)
    assert server.mails == []
    password = server.tenant.passwords[ANN]
    assert len(password) == 64
    assert outcome.echo is not None
    assert outcome.echo.values["credential"] == "reset"


def test_a_phone_number_is_enough(server: Auth0Server, world: World) -> None:
    """Where the connection lets people sign in with one. Nobody without an address can ask for a new password."""
    server.database.options = {"attributes": {"phone_number": {"identifier": {"active": True}}}}
    [outcome] = world.send(create(1, email=None, email_verified=None, phone_number="+32470000001"))
    assert outcome.echo is not None
    assert outcome.echo.values["phone_number"] == "+32470000001"
    assert "credential" not in outcome.echo.values


def test_an_update_changes_what_it_names(world: World) -> None:
    """Metadata is merged; what a person has beside it survives; null removes a key."""
    world.put(
        "user",
        email="ann@example.com",
        user_id=ANN[6:],
        given_name="Ann",
        app_metadata={"theirs": [1], "plan": "free", "old": True},
    )
    world.send(update(ANN, family_name="Aerts", app_metadata__plan="gold", app_metadata__old=None, enabled=False))
    ann = world.get(ANN)
    assert ann is not None
    assert (ann["given_name"], ann["family_name"], ann["blocked"]) == ("Ann", "Aerts", True)
    assert ann["app_metadata"] == {"theirs": [1], "plan": "gold"}
    world.send(update(ANN, enabled=True))
    ann = world.get(ANN)
    assert ann is not None
    assert ann["blocked"] is False


def test_fields_that_exclude_each_other_go_one_after_the_other(server: Auth0Server, world: World) -> None:
    """Each request tells what it has done: a lost second half leaves exactly the rest."""
    server.database.options = {"requires_username": True}
    world.put("user", email="ann@example.com", username="ann", user_id=ANN[6:])
    operation = update(ANN, email="new@example.com", email_verified=True, username="newann")
    world.break_at("PATCH /users/{user}", 2, "close_before", times=0)
    outcomes: list[Any] = []
    with pytest.raises(Failed):
        world.send_into(outcomes, operation)
    assert [outcome.paths for outcome in outcomes] == [frozenset({"username"})]
    server.heal()
    world.send(operation)
    ann = world.get(ANN)
    assert ann is not None
    assert (ann["email"], ann["username"]) == ("new@example.com", "newann")
    assert server.mails == []


def test_a_name_is_never_removed(world: World) -> None:
    """The route says so before anything is sent; the tenant would refuse it."""
    world.put("user", email="ann@example.com", user_id=ANN[6:], given_name="Ann")
    operation = update(ANN, given_name=None)
    assert "does not remove given_name" in str(world.route("user", "update").takes(operation))
    with pytest.raises(Failed):
        world.send(operation)


@pytest.mark.parametrize(
    ("there", "code"),
    [
        ({"email": "other@example.com", "user_id": ANN[6:]}, Code.EXISTS),
        ({"email": "p1@example.com", "user_id": "other"}, Code.TAKEN),
    ],
)
def test_who_is_in_the_way_is_told_apart(world: World, there: dict[str, str], code: Code) -> None:
    """The id we chose is ours; an address of somebody else's is not."""
    world.put("user", **there)
    with pytest.raises(Failed) as refused:
        world.send(create(1))
    assert refused.value.failure.code is code


def test_a_ghost_of_the_api_is_explained(world: World, server: Auth0Server) -> None:
    """A 409, and neither the id nor the address shows anybody. Removed as the message says, the create works."""
    server.haunt("p1@example.com", ANN[6:])
    with pytest.raises(Failed) as refused:
        world.send(create(1))
    assert "half-made record" in refused.value.failure.message
    with world.calls(writes=True) as calls:
        calls.http("DELETE", f"/users/{ANN.replace('|', '%7C')}", writes=True)
        path = f"/connections/{server.database.id}/users"
        calls.http("DELETE", path, writes=True, query={"email": "p1@example.com"})
    [outcome] = world.send(create(1))
    assert outcome.status == "done"


def test_somebody_a_search_does_not_show_yet_is_found_by_id(world: World, server: Auth0Server) -> None:
    """What a search and an export show lags behind; the tenant's own reads do not."""
    server.tenant.search_lag = 60
    world.send(create(1))
    assert world.read("user")[0]["user"] == []
    for key, value in (("id", ANN), ("user_id", ANN[6:]), ("email", "P1@example.com")):
        assert [record.id for record in world.find("user", key, value)] == [ANN]
    with pytest.raises(Failed) as refused:
        world.send(create(1))
    assert refused.value.failure.code is Code.EXISTS


def test_a_lost_answer_is_unknown_and_found_by_id(world: World) -> None:
    """Nothing is sent twice by itself."""
    world.break_at("POST /users", how="close_after_commit")
    with pytest.raises(Unknown):
        world.send(create(1))
    assert [record.id for record in world.find("user", "user_id", ANN[6:])] == [ANN]


def test_a_delete_may_be_repeated(world: World) -> None:
    """Gone is gone."""
    world.put("user", email="ann@example.com", user_id=ANN[6:])
    gone = Operation('user["1"]', "user", "delete", id=ANN)
    assert [outcome.status for outcome in [*world.send(gone), *world.send(gone)]] == ["done", "done"]
    assert world.get(ANN) is None


def test_who_cannot_ask_for_a_password_is_told(server: Auth0Server, world: World) -> None:
    """A path that fails by itself: the rest of the update stands."""
    server.database.options = {"requires_username": True}
    world.put("user", username="ann", user_id=ANN[6:])
    done, refused = world.send(update(ANN, credential="reset", given_name="Ann"))
    assert (done.status, done.paths) == ("done", frozenset({"given_name"}))
    assert (refused.status, refused.paths) == ("failed", frozenset({"credential"}))
