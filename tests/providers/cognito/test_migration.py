"""A whole migration by the shipped plan: from a pool of user names to one of e-mail addresses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.providers.cognito.migration import Migration, changes, mixture
from tests.providers.cognito.world import person
from tests.servers.cognito import CognitoServer, invented


@pytest.fixture
def migration(server: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migration:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    return Migration(server, tmp_path)


@pytest.fixture
def settled(migration: Migration) -> Migration:
    """Ten people in one group, moved."""
    people = [person(number) for number in range(10)]
    migration.server.seed(people, {"staff": {"Description": "S", "Members": [one["Username"] for one in people]}})
    assert migration.migrate() == 0
    assert changes(migration.plan()) == {}
    return migration


def _sub(number: int) -> str:
    return str(person(number)["Attributes"][0]["Value"])


def _change(migration: Migration, pool_id: str, number: int, **values: str) -> None:
    """Somebody edits a person at one end."""
    pool = migration.server.pool(pool_id)
    users = pool.users.values()
    user = next(user for user in users if _sub(number) in (user.id, user.attribute_lookup.get("custom:legacy_sub")))
    pool.change(user, values)


def test_the_shipped_plan_is_valid(migration: Migration) -> None:
    """Without a call, and without anything the engine would refuse to plan."""
    assert migration.run("validate", "migration.yaml") == 0


def test_three_hundred_mixed_people_move_and_then_nothing_is_left_to_do(migration: Migration) -> None:
    """Every kind of record there is; the next plan has no change, and the one after it is the same plan."""
    people = mixture(300)
    migration.server.seed(people, invented.groups(people))
    first = migration.plan()
    planned = changes(first)
    assert planned["user", "create"] > 200
    assert first["estimate"]["messages"] == 0
    # 4: what needs a person (one address, two accounts; no address at all) was left out.
    assert migration.apply() == 4
    second, third = migration.plan(), migration.plan()
    assert changes(second) == {}
    assert third["plan"]["digest"] == second["plan"]["digest"]
    assert migration.run("verify", "migration.yaml") in (0, 2, 4)
    moved = migration.people()
    assert len(moved) == planned["user", "create"]
    assert sum(len(one["groups"]) for one in moved.values()) == planned["group_member", "add"]
    assert migration.server.messages == []
    _assert_moved(people, moved)
    for operation, quota in (("AdminCreateUser", "UserCreation"), ("AdminAddUserToGroup", "UserResourceUpdate")):
        assert migration.server.log.counts[operation] == first["estimate"]["calls"][quota]


def _assert_moved(people: list[dict[str, Any]], moved: dict[str, dict[str, Any]]) -> None:
    for record in people:
        old = {pair["Name"]: pair["Value"] for pair in record["Attributes"]}
        if (new := moved.get(old["sub"])) is None:
            continue
        attributes = new["attributes"]
        assert attributes["email"] == old["email"].lower()
        assert attributes["email_verified"] == str(old.get("email_verified") in ("true", "True", "TRUE")).lower()
        assert attributes["custom:legacy_username"] == attributes["preferred_username"] == record["Username"]
        assert new["username"] == attributes["sub"] != old["sub"]
        assert new["enabled"] == record["Enabled"]
        federated = record["UserStatus"] == "EXTERNAL_PROVIDER"
        assert new["status"] == ("FORCE_CHANGE_PASSWORD" if federated else "CONFIRMED")


@pytest.mark.parametrize(
    ("values", "planned"),
    [
        ({"given_name": "New"}, {("user", "update"): 1}),
        ({"email": "new@example.com"}, {("user", "update"): 1}),
        ({"custom:unmapped": "x"}, {}),
    ],
)
def test_an_edit_at_the_source_is_one_update(
    settled: Migration, values: dict[str, str], planned: dict[tuple[str, str], int]
) -> None:
    """Of that person and that field; an address keeps its flag, and nobody is told."""
    _change(settled, settled.old, 3, **values)
    document = settled.plan()
    assert changes(document) == planned
    accept = ["--accept", "login_change=1"] if "email" in values else []
    assert settled.apply(*accept) == 0
    after = settled.people()[_sub(3)]["attributes"]
    assert {name: value for name, value in values.items() if "unmapped" not in name}.items() <= after.items()
    assert after["email_verified"] == "true"
    assert changes(settled.plan()) == {}
    assert settled.server.messages == []


def test_a_new_person_is_one_create_and_one_membership(settled: Migration) -> None:
    """And the others are left alone."""
    settled.server.seed([person(50)])
    pool = settled.server.pool(settled.old)
    group, user = pool.groups["staff"], pool.get("p50")
    group.users.add(user)
    user.groups.add(group)
    assert changes(settled.plan()) == {("user", "create"): 1, ("group_member", "add"): 1}
    settled.server.log.clear()
    assert settled.apply() == 0
    assert settled.server.log.counts["AdminCreateUser"] == 1
    assert settled.server.log.counts["AdminUpdateUserAttributes"] == 0
    assert settled.people()[_sub(50)]["groups"] == {"staff"}
    assert changes(settled.plan()) == {}


def test_somebody_deleted_at_the_source_stays(settled: Migration) -> None:
    """The default keeps the account: nothing is deleted because a listing lacks it."""
    pool = settled.server.pool(settled.old)
    user = pool.get("p3")
    pool.groups["staff"].users.discard(user)
    pool.remove(user)
    document = settled.plan()
    assert changes(document) == {}
    assert any(finding["code"] == "SOURCE_GONE" for finding in document["findings"])
    assert _sub(3) in settled.people()


def test_somebody_deleted_at_the_destination_is_held(settled: Migration) -> None:
    """It may have been an erasure request: a person decides."""
    client = settled.server.client()
    client.admin_delete_user(UserPoolId=settled.new, Username=settled.people()[_sub(3)]["username"])
    document = settled.plan()
    assert changes(document) == {}
    holds = {one["kind"]: one["count"] for one in document["summary"] if one["action"] == "hold"}
    assert holds == {"user": 1}


def test_drift_is_put_right(settled: Migration) -> None:
    """Before the handover the source rules: an edit at the destination is an update back."""
    _change(settled, settled.new, 3, locale="xx")
    assert changes(settled.plan()) == {}  # the source has no locale: what it does not map is not touched
    _change(settled, settled.new, 3, preferred_username="hacked")
    assert changes(settled.plan()) == {("user", "update"): 1}
    assert settled.apply() == 0
    assert settled.people()[_sub(3)]["attributes"]["preferred_username"] == "p3"


def test_a_disabled_person_is_disabled_there(settled: Migration) -> None:
    """One call, and the plan says so in its own class."""
    settled.server.pool(settled.old).get("p3").enabled = False
    assert changes(settled.plan()) == {("user", "disable"): 1}
    assert settled.apply("--accept", "disable=1") == 0
    assert settled.people()[_sub(3)]["enabled"] is False
    assert changes(settled.plan()) == {}


def test_an_administrators_temporary_password_is_left_alone(settled: Migration) -> None:
    """A password is given once: what happens to it later is the destination's business."""
    username = settled.people()[_sub(3)]["username"]
    settled.server.client().admin_set_user_password(
        UserPoolId=settled.new, Username=username, Password="An0ther-temporary-one", Permanent=False
    )
    settled.server.log.clear()
    assert changes(settled.plan()) == {}
    assert settled.apply() == 0
    assert settled.server.log.counts["AdminSetUserPassword"] == 0
    assert changes(settled.plan()) == {}


@pytest.mark.parametrize(
    ("passwords", "status"),
    [("temporary", "FORCE_CHANGE_PASSWORD"), ("none", "FORCE_CHANGE_PASSWORD"), ("reset", "CONFIRMED")],
)
def test_passwords_travel_as_the_spec_says(migration: Migration, passwords: str, status: str) -> None:
    """Only `reset` makes a call; nothing is sent to anybody in any of them."""
    migration.write_spec(**{"passwords: reset": f"passwords: {passwords}"})
    migration.server.seed([person(1)])
    assert migration.migrate() == 0
    assert migration.people()[_sub(1)]["status"] == status
    assert migration.server.log.counts["AdminSetUserPassword"] == (passwords == "reset")
    assert migration.server.messages == []
    assert changes(migration.plan()) == {}


def test_going_over_to_reset_later_reaches_who_was_left_without(migration: Migration) -> None:
    """People moved with `none` cannot use "forgot password"; the plan after the change of mind is one update each."""
    migration.write_spec(**{"passwords: reset": "passwords: none"})
    migration.server.seed([person(1), person(2)])
    assert migration.migrate() == 0
    migration.write_spec()
    assert changes(migration.plan()) == {("user", "update"): 2}
    assert migration.apply() == 0
    assert {one["status"] for one in migration.people().values()} == {"CONFIRMED"}
    assert changes(migration.plan()) == {}


def test_a_federated_record_at_the_destination_is_in_the_way_and_never_adopted(migration: Migration) -> None:
    """Same verified address, but only an identity provider stands behind it: a person decides."""
    identity = [{"userId": "7", "providerName": "Google", "primary": True, "dateCreated": 1}]
    federated = person(
        77,
        Username="google_7",
        UserStatus="EXTERNAL_PROVIDER",
        attributes={"email": "p1@example.com", "identities": json.dumps(identity)},
    )
    migration.server.seed([federated], pool_id=migration.new)
    migration.server.seed([person(1)])
    document = migration.plan()
    assert changes(document) == {("attribute", "create"): 2}
    assert {one["action"]: one["count"] for one in document["summary"] if one["kind"] == "user"} == {"conflict": 1}


def test_a_native_record_with_the_same_verified_address_is_adopted_on_demand(migration: Migration) -> None:
    """By exact number; its password is left as it is."""
    migration.server.seed([person(77, attributes={"email": "p1@example.com"})], pool_id=migration.new)
    migration.server.seed([person(1)])
    assert changes(migration.plan())["user", "adopt"] == 1
    assert migration.apply() == 6
    assert migration.apply("--accept", "adopt=1") == 0
    assert migration.people()[_sub(1)]["attributes"]["sub"] == _sub(77)
    assert migration.server.log.counts["AdminSetUserPassword"] == 0
    assert changes(migration.plan()) == {}


def test_a_pool_made_for_user_names_stops_a_plan_for_addresses(migration: Migration) -> None:
    """Nothing can change how people sign in to a pool: it is said before anything is written."""
    migration.new = migration.server.create_pool("wrong")
    migration.server.seed([person(1)])
    document = migration.plan()
    assert any(finding["code"] == "DESTINATION_FIXED" for finding in document["findings"])
    assert migration.apply() == 6
    assert migration.server.pool(migration.new).users == {}


def test_the_owner_marker_is_written_where_an_attribute_is_declared_for_it(migration: Migration) -> None:
    """From the very first apply, though the attribute is made in it."""
    spec = "  custom:legacy_username: {type: string, max_length: 128}\n"
    migration.write_spec(**{spec: spec + "  custom:poolshift: {type: string, max_length: 63}\n"})
    migration.server.seed([person(1)])
    assert migration.migrate() == 0
    assert migration.people()[_sub(1)]["attributes"]["custom:poolshift"] == "login-by-email"
    assert changes(migration.plan()) == {}


def test_numbers_dates_and_truth_values_converge(migration: Migration) -> None:
    """Declared in the first apply, text at the destination: the second plan sees no difference."""
    people = [
        person(number, attributes={"custom:score": score, "custom:vip": "true", "custom:joined": "2024-02-29"})
        for number, score in enumerate(("12", "12.5", "0"))
    ]
    fields = (
        "    custom:score: {from: custom:score, format: number}\n"
        "    custom:vip: {from: custom:vip, format: bool}\n"
        "    custom:joined: {from: custom:joined, format: date}\n"
        "    custom:seen: {from: created_at, format: date}\n"
    )
    before = "    custom:legacy_username: {from: username, mode: write_once}\n"
    declared = "  custom:legacy_username: {type: string, max_length: 128}\n"
    types = "".join(
        f"  custom:{name}: {{type: {type_}}}\n"
        for name, type_ in (("score", "number"), ("vip", "boolean"), ("joined", "date"), ("seen", "date"))
    )
    migration.write_spec(**{before: before + fields, declared: declared + types})
    migration.server.seed(people)
    assert migration.migrate() == 0
    first = migration.people()[_sub(1)]["attributes"]
    assert (first["custom:score"], first["custom:vip"], first["custom:joined"]) == ("12.5", "true", "2024-02-29")
    assert changes(migration.plan()) == {}


def test_links_are_made_for_people_who_sign_in_with_google(migration: Migration) -> None:
    """The old identity, at the new account: its owner signs in as before."""
    identity = [{"userId": "1001", "providerName": "Google", "primary": False, "dateCreated": 1}]
    migration.server.seed([person(1, attributes={"identities": json.dumps(identity)})])
    assert migration.migrate() == 0
    (linked,) = json.loads(migration.people()[_sub(1)]["attributes"]["identities"])
    assert (linked["providerName"], linked["userId"]) == ("Google", "1001")
    assert changes(migration.plan()) == {}
