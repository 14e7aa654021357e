"""What a realm declares to the planner, from its settings and its user profile; no server is asked."""

import pickle
import re
from typing import Any

import pytest

from poolshift_providers.keycloak.profile import all_of, declaration, declared
from poolshift_providers.keycloak.realm import Realm, realm_of
from poolshift_providers.keycloak.schema import documented, schema_of

PROFILE: dict[str, Any] = {
    "attributes": [
        {
            "name": "username",
            "validations": {
                "length": {"min": 3, "max": 255},
                "username-prohibited-characters": {},
                "up-username-not-idn-homograph": {},
            },
            "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]},
        },
        {"name": "email", "validations": {"email": {}, "length": {"max": 255}}, "required": {"roles": ["user"]}},
        {"name": "firstName", "validations": {"length": {"max": 255}, "person-name-prohibited-characters": {}}},
        {"name": "lastName", "required": {}, "validations": {"length": {"max": 40}}},
        {"name": "plan", "validations": {"length": {"max": "10"}}, "permissions": {"edit": ["admin"]}},
        {"name": "own", "permissions": {"edit": ["user"], "view": ["admin"]}},
        {"name": "tags", "multivalued": True},
        {"name": "code", "validations": {"pattern": {"pattern": "[A-Z]{2}"}}},
        {"name": "odd", "validations": {"pattern": {"pattern": "\\p{Lu}+"}}},
    ]
}


def realm(**settings: Any) -> Realm:
    return realm_of(settings, PROFILE, [], [], [{"alias": "google"}])


@pytest.mark.parametrize(
    ("path", "value", "fits"),
    [
        ("username", "ann", True),
        ("username", "an", False),
        ("username", "ann lee", False),
        ("username", "NameID|ANN", False),
        ("username", "ann@example.com", True),
        ("firstName", "Ó Briain, Jr.", True),
        ("firstName", "A <b>", False),
        ("firstName", "A\nb", False),
        ("email", "ann@example.com", True),
        ("email", "ann", False),
        ("attributes.code", "AB", True),
        ("attributes.code", "ab", False),
        ("id", "0f0e7c2e-0000-4000-8000-000000000001", True),
        ("id", "a/b", False),
    ],
)
def test_the_rules_of_the_profile_are_known_to_the_plan(path: str, value: str, fits: bool) -> None:
    """As patterns: what the server would refuse is found before it is sent."""
    field = schema_of(realm()).kinds["user"].field_at(path)
    assert field is not None
    assert field.pattern is not None
    assert bool(re.fullmatch(field.pattern, value)) is fits


def test_lengths_rights_and_duties_come_from_the_profile() -> None:
    """Longest value, required of administrators, not writable by them, several values."""
    fields = schema_of(realm()).kinds["user"].fields
    assert (fields["attributes.plan"].max_length, fields["lastName"].max_length) == (10, 40)
    assert (fields["lastName"].required, fields["email"].required) == (True, False)
    assert (fields["attributes.own"].write, fields["attributes.plan"].write) == ("never", "always")
    assert (fields["attributes.tags"].type, fields["attributes.plan"].type) == ("set", "text")
    assert fields["attributes.odd"].pattern is None  # left to the server: this language cannot say it


@pytest.mark.parametrize(
    ("settings", "logins", "required", "write"),
    [
        ({"loginWithEmailAllowed": True}, {"username", "email"}, {"username", "lastName"}, "create"),
        ({"editUsernameAllowed": True}, {"username"}, {"username", "lastName"}, "always"),
        ({"registrationEmailAsUsername": True}, {"email"}, {"email", "lastName"}, "never"),
    ],
)
def test_how_people_sign_in_follows_from_the_realm(
    settings: dict[str, bool], logins: set[str], required: set[str], write: str
) -> None:
    """Sign-in fields, required fields, and whether a user name can change."""
    users = schema_of(realm(**settings)).kinds["user"]
    assert set(users.with_role("login")) == logins
    assert {path for path, own in users.fields.items() if own.required} == required
    assert users.fields["username"].write == write


@pytest.mark.parametrize(("allowed", "unique"), [(True, {"username"}), (False, {"username", "email"})])
def test_addresses_are_unique_unless_the_realm_allows_two(allowed: bool, unique: set[str]) -> None:
    """The plan looks for collisions in what the server keeps unique."""
    users = schema_of(realm(duplicateEmailsAllowed=allowed)).kinds["user"]
    assert {next(iter(paths)) for paths, _ in users.unique} == unique


@pytest.mark.parametrize(("value", "count"), [("аnn", 1), ("ann", 0), ("jürgen", 0), ("山田", 1)])
def test_letters_of_another_script_are_found_where_the_profile_refuses_them(value: str, count: int) -> None:
    """A Cyrillic letter looks like a Latin one."""
    users = schema_of(realm()).kinds["user"]
    found = list(users.check({"username": value}))
    assert [one.code for one in found] == ["VALUE_LENGTH"] * count


@pytest.mark.parametrize(
    ("type_", "length", "read"),
    [("string", 12, ("string", 12)), ("number", None, ("number", None)), ("boolean", None, ("boolean", None)),
     ("date", None, ("date", None))],
)  # fmt: skip
def test_a_declared_attribute_reads_back_as_it_was_asked_for(
    type_: Any, length: int | None, read: tuple[str, int | None]
) -> None:
    """Its type is kept in the rules it is given."""
    own = declared({"attributes": [declaration("plan", type_, length)]})["plan"]
    assert (own.type, own.max_length, own.writable) == (*read, True)


def test_password_policy_is_told_in_neutral_words() -> None:
    """Nothing is told where the realm has none."""
    text = "length(12) and digits(1) and upperCase(0) and passwordHistory(3)"
    assert schema_of(realm(passwordPolicy=text)).facts["password_policy"] == {
        "length": 12, "digit": True, "lower": False, "upper": False, "symbol": False, "history": 3,
    }  # fmt: skip
    assert "password_policy" not in schema_of(realm()).facts


def test_all_patterns_hold_together() -> None:
    """And none at all is no pattern."""
    both = all_of(["[a-c]+", "..."])
    assert both is not None
    assert [bool(re.fullmatch(both, own)) for own in ("abc", "ab", "abd")] == [True, False, False]
    assert all_of([]) is None


def test_schemas_travel_and_agree() -> None:
    """Kinds are pickled for worker processes; what is documented has the kinds and fields of the live one."""
    live, offline = schema_of(realm()), documented()
    assert pickle.loads(pickle.dumps(live.kinds)).keys() == offline.kinds.keys()
    for kind, own in live.kinds.items():
        assert all(offline.kinds[kind].field_at(path) is not None for path in own.fields)
