"""Reading a live pool: to its end, whatever its pages are like, and without paying for what nobody asked for."""

import json
from pathlib import Path

import pytest

from poolshift.errors import AccessDenied, ProviderDown
from poolshift.identity.kind import Kind
from poolshift.identity.value import UNKNOWN
from poolshift.provider.calls import SessionCalls
from poolshift.provider.session import Complete, Partial, Want
from poolshift_providers.cognito_export import PROVIDER as EXPORT
from tests.providers.cognito.world import EMAIL_POOL, World, person, world
from tests.servers.cognito import CognitoServer, invented


@pytest.fixture
def pool(server: CognitoServer, tmp_path: Path) -> World:
    """A pool of 130 people: three pages."""
    server.seed(person(number) for number in range(130))
    return world(server, tmp_path)


def _subs(pool: World) -> tuple[list[str], Complete | Partial]:
    records, end = pool.read("user")
    return [record.id for record in records], end


def test_everybody_is_read_once_in_pages_of_sixty(pool: World) -> None:
    """Three pages, no limit above what the API takes, and a count that matches."""
    subs, end = _subs(pool)
    assert sorted(subs) == sorted(person(number)["Attributes"][0]["Value"] for number in range(130))
    assert isinstance(end, Complete)
    assert end.count == 130
    assert [request["Limit"] for request in pool.server.log.requests("ListUsers")] == [60, 60, 60]


def test_all_attributes_are_asked_for(pool: World) -> None:
    """A choice of attributes fails as soon as one person lacks one of them."""
    _subs(pool)
    assert all("AttributesToGet" not in request for request in pool.server.log.requests("ListUsers"))


@pytest.mark.parametrize("how", ["empty_page", "short_page"])
def test_an_empty_or_short_page_is_not_the_end(pool: World, how: str) -> None:
    """Only a missing token ends a list; several empty pages may come in a row."""
    pool.server.fail("ListUsers", 2, how, times=2)  # type: ignore[arg-type]
    subs, end = _subs(pool)
    assert len(set(subs)) == 130
    assert isinstance(end, Complete)
    assert end.count == 130


def test_a_repeated_page_is_passed_on(pool: World) -> None:
    """The engine counts repeats; the provider drops nobody."""
    pool.server.fail("ListUsers", 2, "repeated_page")
    subs, _ = _subs(pool)
    assert len(set(subs)) == 130
    assert len(subs) > 130


def test_after_an_expired_token_the_list_begins_again_and_counts_everybody_once(pool: World) -> None:
    """What was read before is given again; the count is of the chain that reached the end."""
    pool.server.fail("ListUsers", 3, "expired_page_token")
    subs, end = _subs(pool)
    assert len(set(subs)) == 130
    assert len(subs) == 130 + 120
    assert isinstance(end, Complete)
    assert end.count == 130


def test_a_token_that_always_expires_ends_the_command(pool: World) -> None:
    """Exit 10, and no part of a list passes for the whole."""
    pool.server.fail("ListUsers", 1, "expired_page_token", times=99)
    with pytest.raises(ProviderDown, match="LISTING_EXPIRED"):
        _subs(pool)


@pytest.mark.parametrize("how", ["throttle", "throttle_429", "internal_error", "html", "html_error", "empty_body"])
def test_a_page_that_fails_twice_is_asked_for_again(pool: World, how: str) -> None:
    """Nobody is lost and nobody is read twice."""
    pool.server.fail("ListUsers", 2, how, times=2)  # type: ignore[arg-type]
    subs, end = _subs(pool)
    assert len(subs) == 130
    assert isinstance(end, Complete)


def test_a_pool_reads_like_its_own_export(server: CognitoServer, tmp_path: Path) -> None:
    """Users, groups and memberships are the same records, read alive or from the files of the command line."""
    people = [json.loads(json.dumps(record).replace(" staff", "-staff")) for record in invented.records(120)]
    server.seed(people, invented.groups(people))
    server.export(tmp_path / "export")
    (tmp_path / "users").mkdir()
    (tmp_path / "export" / "users.json").rename(tmp_path / "users" / "users.json")
    live = world(server, tmp_path)
    settings = EXPORT.settings(path="users", groups="export", pool="export/pool.json")
    with SessionCalls(tmp_path) as calls:
        export = EXPORT.reader(settings, calls)
        kinds: tuple[Kind, ...] = ("user", "group", "group_member")
        for kind in kinds:
            exported = [record for page in export.read(Want(frozenset({kind}))) for record in page.records]
            records, _ = live.read(kind)
            assert all(record.values.pop("mfa") is UNKNOWN for record in records if kind == "user")  # type: ignore[attr-defined]
            assert sorted(records, key=lambda record: record.id) == sorted(exported, key=lambda record: record.id)
            assert records
        written, alive = export.schema().kinds["user"], live.schema().kinds["user"]
        assert {path for path in written.fields if ":" in path} <= alive.fields.keys()
        for path in (path for path in written.fields if path.startswith("custom:")):
            assert alive.fields[path].type == written.fields[path].type


def test_second_factors_are_read_only_where_they_are_asked_for(server: CognitoServer, tmp_path: Path) -> None:
    """A call for one user is billed: without the wish there is none, and the value is unknown, not absent."""
    server.seed([person(1, UserMFASettingList=["SOFTWARE_TOKEN_MFA"]), person(2)])
    pool = world(server, tmp_path)
    records, _ = pool.read("user")
    assert [record.values["mfa"] for record in records] == [UNKNOWN, UNKNOWN]
    assert server.log.counts["AdminGetUser"] == 0
    asked, _ = pool.read("user", "mfa")
    assert [record.values["mfa"] for record in asked] == [["SOFTWARE_TOKEN_MFA"], []]
    assert server.log.counts["AdminGetUser"] == 2


def test_the_factors_of_somebody_who_left_meanwhile_are_unknown(server: CognitoServer, tmp_path: Path) -> None:
    """A user who is listed and gone a moment later does not stop the reading."""
    server.seed([person(1)])
    server.fail("AdminGetUser", 1, "not_found")
    records, _ = world(server, tmp_path).read("user", "mfa")
    assert records[0].values["mfa"] is UNKNOWN


def test_members_are_read_per_group_and_a_group_that_vanished_has_none(server: CognitoServer, tmp_path: Path) -> None:
    """Cheaper than asking for the groups of every user."""
    people = [person(number) for number in range(70)]
    everybody = [str(one["Username"]) for one in people]
    server.seed(people, {"all": {"Members": everybody}, "few": {"Members": everybody[:3]}, "none": {}})
    pool = world(server, tmp_path)
    records, end = pool.read("group_member")
    assert len(records) == 73
    assert isinstance(end, Complete)
    assert end.count == 73
    assert server.log.counts["AdminListGroupsForUser"] == 0
    server.fail("ListUsersInGroup", 1, "not_found")
    records, _ = pool.read("group_member")
    assert {record.refs["group"].key for record in records} == {"few"}


def test_links_come_with_their_users(server: CognitoServer, tmp_path: Path) -> None:
    """A federated record's own identity is one, too: nobody else can be linked to it. No subject stands in an id."""
    identity = {"userId": "42", "providerName": "Google", "primary": "false", "dateCreated": "1651166579396"}
    own = {"userId": "77", "providerName": "Google", "primary": True, "dateCreated": 5}
    server.seed(
        [
            person(1, attributes={"identities": json.dumps([identity])}),
            person(2, UserStatus="EXTERNAL_PROVIDER", attributes={"identities": json.dumps([own])}),
            person(3),
        ]
    )
    records, end = world(server, tmp_path).read("link")
    assert [(record.values["subject"], record.refs["user"].id) for record in records] == [
        ("42", person(1)["Attributes"][0]["Value"]),
        ("77", person(2)["Attributes"][0]["Value"]),
    ]
    assert all("42" not in record.id.split("\n") for record in records)
    assert isinstance(end, Complete)


def test_identities_that_cannot_be_read_leave_the_links_partial(server: CognitoServer, tmp_path: Path) -> None:
    """What cannot be read is not "no links": nothing is added or removed on that ground."""
    pool = world(server, tmp_path)
    server.seed([person(1)])
    found = server.pool().get("p1")
    server.pool().change(found, {"identities": "[]"})
    found.attribute_lookup["identities"] = "no JSON"
    found.attributes = [{"Name": name, "Value": value} for name, value in found.attribute_lookup.items()]
    _, end = pool.read("link")
    assert isinstance(end, Partial)
    records, _ = pool.read("user")
    assert records[0].values["identities"] is UNKNOWN


@pytest.mark.parametrize(
    ("key", "value"), [("username", "p7"), ("email", "p7@example.com"), ("sub", None), ("id", None)]
)
def test_a_user_is_found_by_each_key(pool: World, key: str, value: str | None) -> None:
    """By the filter of the list, which bills nobody."""
    sub = person(7)["Attributes"][0]["Value"]
    assert [record.id for record in pool.find("user", key, value or sub)] == [sub]
    assert pool.find("user", key, "nobody") == ()
    assert pool.server.log.counts["AdminGetUser"] == 0


@pytest.mark.parametrize("name", ['a"b', "a\\b", '"', "\\", 'x" or sub = "y'])
def test_quotes_and_backslashes_in_a_searched_value_are_escaped(pool: World, name: str) -> None:
    """A value never ends the filter."""
    pool.find("user", "email", name)
    text = pool.server.log.requests("ListUsers")[-1]["Filter"]
    inside = text.removeprefix('email = "').removesuffix('"')
    assert inside.replace('\\"', '"').replace("\\\\", "\\") == name


def test_a_value_too_long_for_a_filter_belongs_to_nobody(pool: World) -> None:
    """It is longer than any value that is kept under these keys."""
    assert pool.find("user", "email", "x" * 300) == ()
    assert pool.server.log.counts["ListUsers"] == 0


def test_groups_attributes_and_belongings_are_found(server: CognitoServer, tmp_path: Path) -> None:
    """What recovery asks for: by name, and by the user they belong to."""
    server.seed([person(1, attributes={"custom:plan": "x"})], {"staff": {"Members": ["p1"]}})
    pool = world(server, tmp_path)
    sub = person(1)["Attributes"][0]["Value"]
    assert [record.id for record in pool.find("group", "name", "staff")] == ["staff"]
    assert pool.find("group", "id", "nobody") == ()
    assert [record.id for record in pool.find("attribute", "name", "custom:plan")] == ["custom:plan"]
    assert [record.id for record in pool.find("group_member", "user", sub)] == [f"staff\n{sub}"]
    assert pool.find("group_member", "user", "00000000-0000-4000-8000-999999999999") == ()
    assert pool.find("link", "user", sub) == ()


def test_a_pool_is_known_by_its_id_and_region(server: CognitoServer, tmp_path: Path) -> None:
    """Not by its endpoint or by who reads it."""
    with world(server, tmp_path).reader() as reader:
        assert reader.fingerprint() == {"provider": "cognito", "pool": server.pool_id, "region": "eu-west-1"}


def test_access_tells_what_may_be_read(server: CognitoServer, tmp_path: Path) -> None:
    """By trying; whether a write is allowed is not known without one."""
    server.fail("ListGroups", 1, "access_denied")
    with world(server, tmp_path).reader() as reader:
        access = reader.access()
    assert access["cognito-idp:ListUsers"] is True
    assert access["cognito-idp:ListGroups"] is False
    assert access["cognito-idp:AdminCreateUser"] is None


def test_a_pool_that_is_not_there_is_exit_nine(server: CognitoServer, tmp_path: Path) -> None:
    """One line that names the region and what to check."""
    pool = World(server, "eu-west-1_NOBODY123", tmp_path)
    with pytest.raises(AccessDenied, match=r"POOL_NOT_FOUND.*eu-west-1") as error:
        pool.schema()
    assert error.value.exit_code == 9
    assert len(error.value.diagnostics) == 1


def test_a_federated_record_may_not_be_adopted(server: CognitoServer, tmp_path: Path) -> None:
    """A native one may: a password on a federated profile would make it another kind of user."""
    server.seed([person(1), person(2, UserStatus="EXTERNAL_PROVIDER")])
    pool = world(server, tmp_path, **EMAIL_POOL)
    records, _ = World(server, server.pool_id, tmp_path).read("user")
    adoptable = pool.schema().kinds["user"].adoptable
    assert [adoptable(record.values) for record in records] == [True, False]


@pytest.mark.parametrize(
    ("status", "credential"),
    [("CONFIRMED", "reset"), ("RESET_REQUIRED", "reset"), ("FORCE_CHANGE_PASSWORD", None), ("UNCONFIRMED", None)],
)
def test_a_destination_knows_whose_forgotten_password_flow_works(
    server: CognitoServer, tmp_path: Path, status: str, credential: str | None
) -> None:
    """Read from the status; a source has no such field."""
    server.seed([person(1, UserStatus=status)])
    pool = world(server, tmp_path)
    asked, _ = pool.read("user", "credential")
    assert asked[0].values.get("credential") == credential
    assert "credential" not in pool.read("user")[0][0].values
