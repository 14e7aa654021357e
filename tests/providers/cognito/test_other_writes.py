"""Writing what is not a user: attributes, groups, memberships, linked identities."""

import json
from pathlib import Path

import pytest

from poolshift.identity.record import Record
from poolshift.provider.operation import Clear, Code, Failed, Operation, Put, Unknown, WholeRejected
from tests.providers.cognito.world import EMAIL_POOL, World, link, member, person, puts, world
from tests.servers.cognito import CognitoServer

SUB = str(person(1)["Attributes"][0]["Value"])


@pytest.fixture
def pool(server: CognitoServer, tmp_path: Path) -> World:
    """One person with a user name, who is in no group."""
    server.seed([person(1)], {"staff": {"Description": "The staff", "RoleArn": "arn:aws:iam::1:role/r"}})
    return world(server, tmp_path)


def _attribute(name: str, type_: str = "string", **more: object) -> Operation:
    changes = puts({"name": name, "type": type_, **more})
    return Operation(f'attribute["{name}"]', "attribute", "create", changes)


def test_attributes_are_declared_in_one_call(pool: World) -> None:
    """Without their prefix, mutable, and with lengths as text; they read back as they were asked for."""
    wanted = [
        _attribute("custom:legacy_sub", max_length=36),
        _attribute("custom:score", "number"),
        _attribute("custom:vip", "boolean"),
        _attribute("custom:joined", "date"),
    ]
    outcomes: list[object] = []
    pool.send_into(outcomes, *wanted)  # type: ignore[arg-type]
    assert len(outcomes) == 4
    assert pool.server.log.counts["AddCustomAttributes"] == 1
    records, _ = pool.read("attribute")
    for operation in wanted:
        asked = {path: change.value for path, change in operation.changes.items() if isinstance(change, Put)}
        assert dict(next(r for r in records if r.id == asked["name"]).values) == asked
    assert {pool.schema().kinds["user"].fields[path].write for path in ("custom:legacy_sub", "custom:vip")} == {
        "always"
    }


def test_one_bad_attribute_refuses_the_batch_and_writes_none(pool: World) -> None:
    """The engine then looks for it by halves."""
    pool.send(_attribute("custom:plan"))
    with pytest.raises(WholeRejected) as error:
        pool.send_into([], _attribute("custom:other"), _attribute("custom:plan"))
    assert error.value.failure.code is Code.INVALID
    assert [record.id for record in pool.read("attribute")[0]] == ["custom:plan"]
    assert pool.route("attribute", "create").whole
    assert pool.route("attribute", "create").items == 25


@pytest.mark.parametrize("name", ["plan", "custom:", "dev:custom:plan", "custom:a_name_of_21_letters_"])
def test_a_name_no_pool_takes_is_refused_early(pool: World, name: str) -> None:
    """Twenty characters after the prefix, which has to be there."""
    takes = pool.route("attribute", "create").takes
    assert takes(_attribute(name)) is not None
    assert takes(_attribute("custom:a_name_of_20_letters")) is None


def test_a_group_is_created_with_its_precedence_and_without_a_role(pool: World) -> None:
    """A role belongs to an account; precedence 0 is a value."""
    operation = Operation(
        'group["beta"]', "group", "create", puts({"name": "beta", "precedence": 0, "description": "B"})
    )
    assert [outcome.id for outcome in pool.send(operation)] == ["beta"]
    (record,) = pool.find("group", "name", "beta")
    assert record.values == {"name": "beta", "precedence": 0, "description": "B"}
    assert pool.schema().kinds["group"].fields["role_arn"].write == "never"
    with pytest.raises(Failed) as error:
        pool.send(operation)
    assert error.value.failure.code is Code.EXISTS


def test_an_updated_group_keeps_what_was_not_changed(pool: World) -> None:
    """The update is sent whole, from the record as it is now."""
    assert pool.route("group", "update").needs_current
    (current,) = pool.find("group", "id", "staff")
    changes: dict[str, Put | Clear] = {"precedence": Put(3)}
    pool.send(Operation('group["staff"]', "group", "update", changes, id="staff", current=current))
    (request,) = pool.server.log.requests("UpdateGroup")
    assert request.items() >= {
        "Precedence": 3,
        "Description": "The staff",
        "RoleArn": "arn:aws:iam::1:role/r",
    }.items()  # fmt: skip


def test_adding_a_member_twice_is_adding_once(pool: World) -> None:
    """And so is taking one out."""
    for _ in range(2):
        assert [outcome.status for outcome in pool.send(member("create", SUB, "staff"))] == ["done"]
    assert [record.id for record in pool.read("group_member")[0]] == [f"staff\n{SUB}"]
    for _ in range(2):
        pool.send(member("delete", SUB, "staff"))
    assert pool.read("group_member")[0] == []


def test_a_membership_without_its_ends_is_told(pool: World) -> None:
    """Adding fails because of its parent; what is gone with its group is taken out already."""
    with pytest.raises(Failed) as error:
        pool.send(member("create", SUB, "nobody"))
    assert error.value.failure.code is Code.PARENT_GONE
    assert [outcome.status for outcome in pool.send(member("delete", SUB, "nobody"))] == ["already"]


@pytest.fixture
def google(pool: World) -> World:
    """The pool, with Google as an identity provider."""
    identity = {"userId": "1", "providerName": "Google", "primary": True, "dateCreated": 1}
    federated = person(9, Username="Google_1", UserStatus="EXTERNAL_PROVIDER")
    federated["Attributes"].append({"Name": "identities", "Value": json.dumps([identity])})
    pool.server.seed([federated])
    return pool


def _links(pool: World) -> list[Record]:
    return [record for record in pool.read("link")[0] if record.refs["user"].id == SUB]


def test_a_link_is_made_to_the_user_name_and_once(google: World) -> None:
    """There the API takes no sub; doing it again is found out by reading first, for it would be an error."""
    assert [outcome.status for outcome in google.send(link("create", SUB))] == ["done"]
    (request,) = google.server.log.requests("AdminLinkProviderForUser")
    assert request["DestinationUser"] == {"ProviderName": "Cognito", "ProviderAttributeValue": "p1"}
    assert request["SourceUser"]["ProviderAttributeName"] == "Cognito_Subject"
    assert [outcome.status for outcome in google.send(link("create", SUB))] == ["already"]
    assert google.server.log.counts["AdminLinkProviderForUser"] == 1
    assert [record.values for record in _links(google)] == [{"provider": "Google", "subject": "100"}]


def test_a_sixth_identity_is_refused_before_the_call(google: World) -> None:
    """Five is the limit of a user."""
    for number in range(5):
        google.send(link("create", SUB, subject=f"10{number}"))
    with pytest.raises(Failed, match="at most 5"):
        google.send(link("create", SUB, subject="106"))
    assert google.server.log.counts["AdminLinkProviderForUser"] == 5


def test_an_identity_that_has_signed_in_before_cannot_be_linked(google: World) -> None:
    """It is a user of its own: the row fails, nothing else."""
    with pytest.raises(Failed) as error:
        google.send(link("create", SUB, subject="1"))
    assert error.value.failure.code is Code.INVALID
    assert _links(google) == []


def test_an_identity_provider_that_is_not_in_the_pool_is_named(google: World) -> None:
    """It has to be made first, by whoever has its secret."""
    with pytest.raises(Failed, match="no identity provider CorpSAML") as error:
        google.send(link("create", SUB, provider="CorpSAML"))
    assert error.value.failure.code is Code.PARENT_GONE


def test_a_link_is_taken_away_by_exactly_its_subject(google: World) -> None:
    """Found again by the date it was made on: the plan keeps no subject. The second time it is gone already."""
    google.send(link("create", SUB))
    (record,) = _links(google)
    assert "100" not in record.id.split("\n")
    assert [outcome.status for outcome in google.send(link("delete", SUB, id=record.id))] == ["done"]
    assert _links(google) == []
    assert [outcome.status for outcome in google.send(link("delete", SUB, id=record.id))] == ["already"]


def test_a_lost_answer_to_a_link_is_unknown_and_sending_it_again_finds_it(google: World) -> None:
    """Elements are sent again by the engine: that must be harmless."""
    google.server.fail("AdminLinkProviderForUser", 1, "close_after_commit")
    with pytest.raises(Unknown):
        google.send(link("create", SUB))
    assert [outcome.status for outcome in google.send(link("create", SUB))] == ["already"]


def test_a_link_of_nobody_is_told(google: World) -> None:
    """The user is gone: there is nothing to link, and nothing left to take away."""
    nobody = "00000000-0000-4000-8000-999999999999"
    with pytest.raises(Failed) as error:
        google.send(link("create", nobody))
    assert error.value.failure.code is Code.PARENT_GONE
    assert [outcome.status for outcome in google.send(link("delete", nobody, id="x"))] == ["already"]


def test_costs_are_what_is_called(server: CognitoServer, tmp_path: Path) -> None:
    """Calls by quota, as the server counts them, equal the estimate of each kind of change."""
    from poolshift.provider.schema import Shape
    from poolshift_providers.cognito.operations import OPERATIONS
    from tests.providers.cognito.world import user_create, user_update

    pool = world(server, tmp_path, **EMAIL_POOL)
    sub = pool.create(email="a@example.com")
    route = pool.route("user", "update")
    for fields in ({"name": "x"}, {"enabled": False}, {"credential": "reset"}, {"name": "y", "enabled": True}):
        server.log.clear()
        pool.send(user_update(sub, **fields))
        cost = route.cost(Shape("user", "update", frozenset(fields), frozenset(), 1))
        called: dict[str, float] = {}
        for operation, count in server.log.counts.items():
            nature = OPERATIONS[operation]
            if nature.writes:
                called[nature.quota] = called.get(nature.quota, 0) + count
        assert called == cost.calls
        assert cost.messages == 0
    server.log.clear()
    pool.send(user_create(email="b@example.com", credential="reset"))
    cost = pool.route("user", "create").cost(Shape("user", "create", frozenset(), frozenset(), 1))
    assert cost.calls == {"UserCreation": 1, "UserAccountRecovery": 1}
    assert (server.log.counts["AdminCreateUser"], server.log.counts["AdminSetUserPassword"]) == (1, 1)
