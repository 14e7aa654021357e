"""Findings that rest on what a pool is: each fires for one pool or person, and not for its neighbour."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.providers.cognito.migration import Migration
from tests.providers.cognito.world import EMAIL_POOL, person
from tests.servers.cognito import CognitoServer

ALIAS_POOL: Final[Mapping[str, Any]] = {"AliasAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}}
STRICT: Final[Mapping[str, Any]] = {
    "PasswordPolicy": {
        "MinimumLength": 14,
        "RequireNumbers": True,
        "RequireLowercase": True,
        "RequireUppercase": True,
        "RequireSymbols": True,
    }
}
ROLE: Final = "arn:aws:iam::123456789012:role/"
NAMES: Final = {"login: [email] ": "login: [username] ", "preferred_username: username": "username: username"}


@pytest.fixture
def migration(server: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migration:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    return Migration(server, tmp_path)


def _found(migration: Migration, code: str) -> tuple[int, str]:
    """How often a fresh plan finds it, and its first sample; (0, "") where it does not."""
    findings = {one["code"]: one for one in migration.plan()["findings"]}
    return (findings[code]["count"], findings[code]["samples"][0]) if code in findings else (0, "")


def _pools(migration: Migration, old: Mapping[str, Any] | None = None, new: Mapping[str, Any] | None = None) -> None:
    """Other pools instead of the two; identity providers are not needed by people without links."""
    if old is not None:
        migration.old = migration.server.create_pool("old", **old)
    if new is not None:
        migration.new = migration.server.create_pool("other", **new)


@pytest.mark.parametrize(("username", "count"), [("ann@example.com", 1), ("ann", 0)])
def test_a_user_name_in_the_form_of_an_alias_is_held(migration: Migration, username: str, count: int) -> None:
    """A pool with e-mail aliases refuses it; nothing is tried."""
    _pools(migration, new=ALIAS_POOL)
    migration.write_spec(**NAMES)
    migration.server.seed([person(1, Username=username)])
    assert _found(migration, "USERNAME_IS_EMAIL")[0] == count
    assert migration.apply() == (4 if count else 0)
    assert len(migration.people()) == 1 - count


@pytest.mark.parametrize(("name", "count"), [("nickname", 1), ("given_name", 0)])
def test_an_attribute_the_pool_requires_has_to_be_mapped(migration: Migration, name: str, count: int) -> None:
    """It was decided when the pool was made: without it nobody can be created."""
    _pools(migration, new={**EMAIL_POOL, "Schema": [{"Name": name, "Required": True, "Mutable": True}]})
    migration.server.seed([person(1, attributes={name: "Ann"})])
    found = _found(migration, "DESTINATION_FIXED")
    assert found == ((1, f'user["*"] {name}: required there, and the spec does not map it') if count else (0, ""))
    assert migration.apply() == (6 if count else 0)


@pytest.mark.parametrize(("folds", "count"), [(False, 1), (True, 0)])
def test_a_pool_in_which_case_counts_is_told_where_it_did_not(migration: Migration, folds: bool, count: int) -> None:
    """People who type their address in another way than they signed up would be strangers."""
    _pools(migration, EMAIL_POOL, {**EMAIL_POOL, "UsernameConfiguration": {"CaseSensitive": not folds}})
    migration.server.seed([person(1, Username=person(1)["Attributes"][0]["Value"])], pool_id=migration.old)
    assert _found(migration, "DESTINATION_FIXED")[0] == count


@pytest.mark.parametrize(("declared", "count"), [("", 2), ("  custom:legacy_username: {type: string}\n", 0)])
def test_an_attribute_nobody_declares_stops_the_plan(migration: Migration, declared: str, count: int) -> None:
    """With `attributes: none` the pool has to have them already."""
    before = "attributes:\n  custom:legacy_sub: {type: string, max_length: 36}\n"
    both = before + "  custom:legacy_username: {type: string, max_length: 128}\n"
    if not declared:
        migration.write_spec(**{both: "attributes: none\n"})
    migration.server.seed([person(1)])
    assert _found(migration, "ATTRIBUTE_UNDECLARED")[0] == count
    assert migration.apply() == (6 if count else 0)


@pytest.mark.parametrize(("email", "count"), [("p2@example.com", 1), ("p3@example.com", 0)])
def test_an_alias_that_somebody_else_has_is_seen_before_it_is_refused(
    migration: Migration, email: str, count: int
) -> None:
    """A person who moved takes the address of a stranger at the destination: the plan says so, no call is made."""
    migration.server.seed([person(1)])
    assert migration.migrate() == 0
    migration.server.seed([person(2)], pool_id=migration.new)
    old = migration.server.pool(migration.old)
    old.change(old.get("p1"), {"email": email})
    found = _found(migration, "LOGIN_ALIAS_THEFT")
    assert found == ((1, f'user["{_sub(1)}"] email') if count else (0, ""))
    migration.server.log.clear()
    assert migration.apply("--accept", f"login_change={1 - count}") == (4 if count else 0)
    assert migration.server.log.counts["AdminUpdateUserAttributes"] == 1 - count


@pytest.mark.parametrize(("precedence", "count"), [(9, 1), (1, 0)])
def test_a_person_whose_first_group_is_another_there_is_told(migration: Migration, precedence: int, count: int) -> None:
    """The group with the lowest precedence gives the role; the new pool has its own order, and keeps it."""
    migration.write_spec(**{"  GROUP_ROLE_ARN: ignore ": "  GROUP_ROLE_ARN: warn "})
    names = [person(number)["Username"] for number in (1, 2)]
    migration.server.seed(
        [person(1), person(2)],
        {
            "ops": {"Precedence": 1, "RoleArn": ROLE + "ops", "Members": names},
            "staff": {"Precedence": 5, "RoleArn": ROLE + "staff", "Members": names[:1]},
        },
    )
    client = migration.server.client()
    client.create_group(UserPoolId=migration.new, GroupName="ops", Precedence=precedence)
    document = migration.plan()
    (finding,) = [one for one in document["findings"] if one["code"] == "GROUP_ROLE_ARN"]
    told = f'user["{_sub(1)}"]: its first group with a role is another there'
    assert finding["count"] == 2 + count
    assert (told in finding["samples"]) == bool(count)


@pytest.mark.parametrize(("mfa", "count"), [("ON", 2), ("OPTIONAL", 0)])
def test_people_without_a_factor_meet_a_pool_that_demands_one(migration: Migration, mfa: str, count: int) -> None:
    """Counted as people who are created: a factor cannot be written."""
    _pools(migration, new={**EMAIL_POOL, "MfaConfiguration": mfa, "SmsConfiguration": {"SnsCallerArn": ROLE + "sms"}})
    migration.server.seed([person(1), person(2)])
    assert _found(migration, "FACTOR_LOCKOUT")[0] == count
    assert migration.apply() == 0
    assert _found(migration, "FACTOR_LOCKOUT")[0] == 0


@pytest.mark.parametrize(
    ("policy", "passwords", "sample"),
    [
        (STRICT, "reset", 'user["*"]: length 8 -> 14'),
        (STRICT, "none", ""),
        ({"PasswordPolicy": {**STRICT["PasswordPolicy"], "MinimumLength": 8}}, "reset", ""),
    ],
)
def test_password_policies_that_differ_are_told(
    migration: Migration, policy: Mapping[str, Any], passwords: str, sample: str
) -> None:
    """Rule by rule; where nobody gets a password it is nobody's concern."""
    old = {"PasswordPolicy": {**STRICT["PasswordPolicy"], "MinimumLength": 8}}
    _pools(migration, {"Policies": old}, {**EMAIL_POOL, "Policies": policy})
    migration.write_spec(**{"passwords: reset": f"passwords: {passwords}"})
    migration.server.seed([person(1)], pool_id=migration.old)
    assert _found(migration, "PASSWORD_POLICY") == ((1, sample) if sample else (0, ""))


@pytest.mark.parametrize(("source", "billed"), [("mfa", 2), ("locale", 0)])
def test_reading_factors_is_on_the_bill_of_the_estimate(migration: Migration, source: str, billed: int) -> None:
    """AdminGetUser makes a person active this month, at the pool that is left."""
    before = "    preferred_username: username "
    migration.write_spec(**{before: f"    nickname: \"{{{{ 'yes' if {source} else 'no' }}}}\"\n{before}"})
    migration.server.seed([person(1), person(2)])
    assert migration.plan()["estimate"]["billed"].get("MAU at the source", 0) == billed
    assert migration.server.log.counts["AdminGetUser"] == billed


def _sub(number: int) -> str:
    return str(person(number)["Attributes"][0]["Value"])
