"""Writing users: silent, in as few calls as it takes, and honest about what has landed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from poolshift.provider.calls import WriteRefused
from poolshift.provider.operation import Batch, Code, Failed, Outcome, Unknown
from poolshift_providers.cognito import PROVIDER
from tests.providers.cognito.world import EMAIL_POOL, World, user_create, user_update, world
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.faults import How

PLAIN = {"email": "ann@example.com", "email_verified": True, "name": "Ann"}
LEGACY = [
    {"Name": "legacy_sub", "AttributeDataType": "String"},
    {"Name": "fixed", "AttributeDataType": "String", "Mutable": False},
]


@pytest.fixture
def pool(server: CognitoServer, tmp_path: Path) -> World:
    """People sign in with their e-mail address, whatever its case."""
    return world(server, tmp_path, **EMAIL_POOL, Schema=LEGACY)


@pytest.fixture
def named(server: CognitoServer, tmp_path: Path) -> World:
    """People sign in with a user name, or with their verified e-mail address."""
    return world(server, tmp_path, AliasAttributes=["email"])


def test_a_user_is_created_without_a_message(pool: World) -> None:
    """By default Cognito invites every new user, by SMS."""
    sub = pool.create(**PLAIN)
    assert pool.server.messages == []
    (request,) = pool.server.log.requests("AdminCreateUser")
    assert request["MessageAction"] == "SUPPRESS"
    assert not request.get("ForceAliasCreation")
    assert "DesiredDeliveryMediums" not in request
    assert pool.user(sub)["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_the_flag_of_an_address_comes_in_the_same_call(pool: World) -> None:
    """And truth values travel as text, for the API takes nothing else."""
    sub = pool.create(**PLAIN)
    assert pool.user(sub)["Attributes"]["email_verified"] == "true"
    assert pool.server.log.counts["AdminUpdateUserAttributes"] == 0


def test_the_id_is_the_sub_where_the_pool_invents_the_user_name(pool: World) -> None:
    """The address that was sent as user name is not what comes back."""
    sub = pool.create(**PLAIN)
    (record,) = pool.find("user", "email", "ann@example.com")
    assert (record.id, record.values["username"]) == (sub, sub)
    assert [found.id for found in pool.find("user", "id", sub)] == [sub]


def test_a_chosen_user_name_is_kept(named: World) -> None:
    """And the id is the sub even then: a user name can be anything."""
    sub = named.create(username="ann", **PLAIN)
    (record,) = named.find("user", "id", sub)
    assert (record.id == "ann", record.values["username"]) == (False, "ann")


def test_reset_leaves_a_password_nobody_knows(pool: World) -> None:
    """64 characters, permanent, once: from then on "forgot password" works; nothing was sent."""
    sub = pool.create(credential="reset", **PLAIN)
    (request,) = pool.server.log.requests("AdminSetUserPassword")
    assert len(request["Password"]) == 64
    assert request["Permanent"] is True
    assert pool.user(sub)["UserStatus"] == "CONFIRMED"
    assert pool.server.messages == []
    pool.create(credential="reset", email="eve@example.com")
    passwords = [request["Password"] for request in pool.server.log.requests("AdminSetUserPassword")]
    assert passwords[0] != passwords[1]


def test_a_password_is_as_long_as_the_policy_asks(server: CognitoServer, tmp_path: Path) -> None:
    """A policy may ask for more than 64 characters, and for every class of them."""
    classes = dict.fromkeys(("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols"), True)
    pool = world(server, tmp_path, **EMAIL_POOL)
    sub = pool.create(**PLAIN)
    server.pool(pool.pool_id).extended_config["Policies"] = {"PasswordPolicy": {"MinimumLength": 90, **classes}}
    pool.send(user_update(sub, credential="reset"))
    assert pool.user(sub)["UserStatus"] == "CONFIRMED"


def test_a_disabled_user_is_disabled_before_it_has_a_password(pool: World) -> None:
    """At no moment could somebody sign in who may not."""
    sub = pool.create(credential="reset", enabled=False, **PLAIN)
    assert pool.user(sub)["Enabled"] is False
    writes = [entry.operation for entry in pool.server.log.entries if entry.operation.startswith("Admin")][:3]
    assert writes == ["AdminCreateUser", "AdminDisableUser", "AdminSetUserPassword"]


def test_an_enabled_user_needs_no_call_for_it(pool: World) -> None:
    """A new user is enabled."""
    outcomes = pool.send(user_create(enabled=True, **PLAIN))
    assert set(outcomes[0].paths or ()) == {"enabled", *PLAIN}
    assert pool.server.log.counts["AdminEnableUser"] == 0


@pytest.mark.parametrize("how", ["close_before", "close_after_commit", "internal_error", "html", "empty_body"])
def test_a_lost_answer_to_a_create_is_unknown(pool: World, how: How) -> None:
    """It is never sent again by itself: it may have been carried out."""
    pool.server.fail("AdminCreateUser", 1, how)
    with pytest.raises(Unknown):
        pool.send(user_create(**PLAIN))
    assert pool.server.log.counts["AdminCreateUser"] == 1


@pytest.mark.parametrize("how", ["throttle", "throttle_429"])
def test_a_throttled_create_wrote_nothing(pool: World, how: How) -> None:
    """The engine decides when to send it again."""
    pool.server.fail("AdminCreateUser", 1, how)
    with pytest.raises(Failed) as error:
        pool.send(user_create(**PLAIN))
    assert error.value.failure.code is Code.BUSY
    assert pool.server.log.counts["AdminCreateUser"] == 1


def test_a_half_that_was_lost_is_the_smaller_part_of_the_outcomes(pool: World) -> None:
    """What landed before is told, with the id; the rest is an update of what is left."""
    pool.server.fail("AdminSetUserPassword", 1, "throttle")
    outcomes: list[Outcome] = []
    with pytest.raises(Failed):
        pool.send_into(outcomes, user_create(credential="reset", enabled=False, **PLAIN))
    assert [set(outcome.paths or ()) for outcome in outcomes] == [set(PLAIN), {"enabled"}]
    assert outcomes[0].id is not None
    rest = pool.send(user_update(outcomes[0].id, credential="reset"))
    assert [set(outcome.paths or ()) for outcome in rest] == [{"credential"}]
    assert pool.user(outcomes[0].id)["UserStatus"] == "CONFIRMED"


def test_an_address_that_is_there_is_told_apart_from_one_of_somebody_else(pool: World, named: World) -> None:
    """A sign-in name that exists may be our own create; an alias of another user is taken, and never stolen."""
    pool.create(**PLAIN)
    with pytest.raises(Failed) as error:
        pool.send(user_create(email="Ann@Example.com"))
    assert error.value.failure.code is Code.EXISTS
    named.create(username="ann", **PLAIN)
    with pytest.raises(Failed) as error:
        named.send(user_create(username="eve", **PLAIN))
    assert error.value.failure.code is Code.TAKEN
    (record,) = named.find("user", "username", "ann")
    assert record.values["email"] == "ann@example.com"


def test_an_update_touches_nothing_else(pool: World) -> None:
    """Attributes merge: what is not named stays."""
    sub = pool.create(**PLAIN, custom_legacy_sub="old")
    pool.send(user_update(sub, name="Anna"))
    assert {"name": "Anna", "custom:legacy_sub": "old", "email_verified": "true"}.items() <= pool.user(sub)[
        "Attributes"
    ].items()


def test_a_changed_address_keeps_its_flag(pool: World) -> None:
    """Alone it would count as unverified, and its owner could not sign in with it."""
    sub = pool.create(**PLAIN)
    email = pool.schema().kinds["user"].fields["email"]
    assert email.companions == {"email_verified"}
    pool.send(user_update(sub, email="anna@example.com", email_verified=True))
    assert pool.user(sub)["Attributes"]["email_verified"] == "true"
    assert pool.server.log.counts["AdminUpdateUserAttributes"] == 1


def test_a_change_the_pool_would_ask_about_by_mail_is_refused_early(server: CognitoServer, tmp_path: Path) -> None:
    """Cognito answers 200, sends a message, and keeps the old address until it is answered."""
    settings = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    auto = {"AutoVerifiedAttributes": ["email"], "UserAttributeUpdateSettings": settings}
    pool = world(server, tmp_path, **EMAIL_POOL, **auto)
    sub = pool.create(**PLAIN)
    takes = pool.route("user", "update").takes
    assert takes(user_update(sub, email="x@example.com", email_verified=False)) is not None
    assert takes(user_update(sub, email="x@example.com")) is not None
    assert takes(user_update(sub, name="Anna")) is None
    silent = user_update(sub, email="x@example.com", email_verified=True)
    assert takes(silent) is None
    pool.send(silent)
    assert pool.user(sub)["Attributes"]["email"] == "x@example.com"
    assert server.messages == []


def test_an_attribute_is_cleared_by_name(pool: World) -> None:
    """Gone, not blank; the others of the same update are set."""
    sub = pool.create(**PLAIN, locale="nl")
    outcomes = pool.send(user_update(sub, name="Anna", locale=None))
    assert [set(outcome.paths or ()) for outcome in outcomes] == [{"name"}, {"locale"}]
    assert "locale" not in pool.user(sub)["Attributes"]


def test_disabling_comes_first_and_enabling_last(pool: World) -> None:
    """Whoever may not sign in never has the new address for a moment."""
    sub = pool.create(**PLAIN)
    off = pool.send(user_update(sub, enabled=False, name="A"))
    assert [set(outcome.paths or ()) for outcome in off] == [{"enabled"}, {"name"}]
    assert pool.user(sub)["Enabled"] is False
    on = pool.send(user_update(sub, enabled=True, name="B"))
    assert [set(outcome.paths or ()) for outcome in on] == [{"name"}, {"enabled"}]
    assert pool.user(sub)["Enabled"] is True


@pytest.mark.parametrize("how", ["throttle", "close_after_commit", "internal_error"])
def test_an_update_may_be_repeated(pool: World, how: How) -> None:
    """Twice is once: the calls are sent again without asking anybody."""
    sub = pool.create(**PLAIN)
    pool.server.fail("AdminUpdateUserAttributes", 1, how)
    pool.send(user_update(sub, name="Anna"))
    assert pool.user(sub)["Attributes"]["name"] == "Anna"


def test_an_update_that_is_throttled_for_good_is_left_to_the_engine(pool: World) -> None:
    """A few times, then it says so."""
    sub = pool.create(**PLAIN)
    pool.server.fail("AdminUpdateUserAttributes", 1, "throttle", times=99)
    with pytest.raises(Failed) as error:
        pool.send(user_update(sub, name="Anna"))
    assert error.value.failure.code is Code.BUSY
    assert pool.server.log.counts["AdminUpdateUserAttributes"] == 4


def test_a_user_is_deleted_once(pool: World) -> None:
    """The second time it is gone, which the engine takes for done."""
    sub = pool.create(**PLAIN)
    operation = user_update(sub)
    delete = type(operation)(operation.address, "user", "delete", id=sub)
    assert [outcome.status for outcome in pool.send(delete)] == ["done"]
    assert pool.find("user", "id", sub) == ()
    with pytest.raises(Failed) as error:
        pool.send(delete)
    assert error.value.failure.code is Code.GONE


def test_an_immutable_attribute_is_written_at_creation_only(pool: World) -> None:
    """The planner never asks for more, and the pool would refuse it."""
    fields = pool.schema().kinds["user"].fields
    assert fields["custom:fixed"].write == "create"
    assert fields["custom:legacy_sub"].write == "always"
    sub = pool.create(**PLAIN, custom_fixed="once")
    with pytest.raises(Failed) as error:
        pool.send(user_update(sub, custom_fixed="twice"))
    assert error.value.failure.code is Code.INVALID


def test_a_create_without_a_name_to_sign_in_with_is_refused_early(pool: World, named: World) -> None:
    """Each pool says what it needs."""
    assert pool.route("user", "create").takes(user_create(name="Ann")) == "a user of this pool needs email"
    assert named.route("user", "create").takes(user_create(**PLAIN)) == "a user of this pool needs username"
    assert pool.route("user", "create").takes(user_create(**PLAIN)) is None


def test_no_value_stands_in_a_failure(pool: World) -> None:
    """Cognito quotes what it was sent."""
    pool.create(**PLAIN)
    for operation in (user_create(**PLAIN), user_create(email="eve@example.com", phone_number="12")):
        with pytest.raises(Failed) as error:
            pool.send(operation)
        text = repr(error.value.failure)
        assert "ann" not in text.lower()
        assert "eve" not in text
        assert "12" not in error.value.failure.message
        assert error.value.failure.message.startswith("cognito-idp:AdminCreateUser: ")


def test_a_reader_cannot_write(pool: World) -> None:
    """Whatever a provider tries in a session that plans."""
    with pool.calls(writes=False) as calls:
        writer = PROVIDER.writer(pool.settings, calls, pool.schema())
        answer = writer.send(pool.route("user", "create"), Batch((user_create(**PLAIN),)))
        assert isinstance(answer, Iterator)
        with pytest.raises(WriteRefused):
            next(answer)
    assert pool.server.log.counts["AdminCreateUser"] == 0
