"""What a pool declares to the planner, as its own settings have it."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from poolshift.provider.schema import KindSchema, Schema, lower
from poolshift_providers.cognito import PROVIDER
from poolshift_providers.cognito.pool import Attribute, Pool
from poolshift_providers.cognito.schema import schema_of
from poolshift_providers.cognito.settings import Settings
from poolshift_providers.cognito.values import wire
from tests.providers.cognito.world import EMAIL_POOL, world
from tests.servers.cognito import CognitoServer

SETTINGS = Settings(pool_id="eu-west-1_AbCdEf123")


def _users(**settings: object) -> KindSchema:
    pool = Pool("eu-west-1_AbCdEf123", {}, **settings)  # type: ignore[arg-type]
    return schema_of(SETTINGS, pool).kinds["user"]


def _login(users: KindSchema) -> set[str]:
    return set(users.with_role("login"))


def test_people_sign_in_with_what_the_pool_was_made_for() -> None:
    """Sign-in attributes instead of a user name, aliases beside it."""
    assert _login(_users()) == {"username"}
    assert _login(_users(username_attributes=("email",))) == {"email"}
    assert _login(_users(username_attributes=("email", "phone_number"))) == {"email", "phone_number"}
    aliases = ("email", "preferred_username")
    assert _login(_users(alias_attributes=aliases)) == {"username", "email", "preferred_username"}


def test_a_user_name_is_ours_to_choose_only_where_people_sign_in_with_it() -> None:
    """Elsewhere the pool makes one up; it never changes and never has a blank."""
    assert _users(username_attributes=("email",)).fields["username"].write == "never"
    username = _users().fields["username"]
    assert (username.write, username.required, username.pattern) == ("create", True, r"\S+")


def test_one_of_the_sign_in_attributes_has_to_be_there() -> None:
    """Either is enough in a pool that takes both; neither can be cleared if it is the only one."""
    assert _users(username_attributes=("email", "phone_number")).any_of == (frozenset({"email", "phone_number"}),)
    assert _users(username_attributes=("email",)).fields["email"].clearable is False
    assert _users(username_attributes=("email", "phone_number")).fields["email"].clearable is True
    assert _users().any_of == ()


def test_names_that_differ_in_case_are_one_where_the_pool_says_so() -> None:
    """The API's default is exact case, the console's is not."""
    exact, folding = _users(username_attributes=("email",)), _users(case_sensitive=False)
    assert exact.fields["email"].canonical("Ann@Example.com") == "Ann@Example.com"
    assert folding.fields["email"].canonical("Ann@Example.com") == "ann@example.com"
    assert folding.fields["username"].canonical("Ann") == "ann"
    assert folding.fields["name"].canonical("Ann") == "Ann"


def test_required_and_immutable_attributes_are_known() -> None:
    """They can be given at creation only, and must be."""
    attributes = {
        "family_name": Attribute("family_name", required=True, mutable=False, max_length=30),
        "birthdate": Attribute("birthdate", min_length=10, max_length=10),
        "custom:n": Attribute("custom:n", "Number"),
    }
    fields = schema_of(SETTINGS, Pool("p_1", attributes)).kinds["user"].fields
    family = fields["family_name"]
    assert (family.required, family.write, family.clearable, family.max_length) == (True, "create", False, 30)
    assert fields["birthdate"].pattern == r"[\s\S]{10,}"
    assert (fields["custom:n"].type, fields["custom:n"].write) == ("number", "always")


def test_an_alias_is_refused_as_user_name() -> None:
    """In a pool with e-mail aliases; elsewhere a user name may look like an address."""
    values = {"username": "ann@example.com"}
    assert [finding.code for finding in _users(alias_attributes=("email",)).check(values)] == ["USERNAME_IS_EMAIL"]
    assert list(_users(alias_attributes=("email",)).check({"username": "ann"})) == []
    assert list(_users().check(values)) == []


@pytest.mark.parametrize("settings", [{}, dict(EMAIL_POOL), {"AliasAttributes": ["email", "preferred_username"]}])
def test_what_is_documented_holds_every_pool(
    server: CognitoServer, tmp_path: Path, settings: dict[str, object]
) -> None:
    """Kinds and paths of a live pool are known offline; what it adds are its own custom attributes."""
    documented, live = PROVIDER.documented(SETTINGS), world(server, tmp_path, **settings).schema()
    assert live.kinds.keys() == documented.kinds.keys()
    for kind in live.kinds:
        assert live.kinds[kind].fields.keys() <= documented.kinds[kind].fields.keys()
    assert _login(live.kinds["user"]) <= _login(documented.kinds["user"])


def test_a_schema_can_be_sent_to_workers(server: CognitoServer, tmp_path: Path) -> None:
    """Kinds are pickled; routes stay with the executor."""
    kinds = world(server, tmp_path, **EMAIL_POOL).schema().kinds
    copy = pickle.loads(pickle.dumps(kinds))
    assert copy["user"].fields["email"].canonical("A") == "a"
    assert copy["user"].fields.keys() == kinds["user"].fields.keys()


def test_granted_limits_replace_the_defaults() -> None:
    """Half of a quota is left to live sign-ins: so every quota is shared."""
    granted = SETTINGS.model_copy(update={"quotas": {"UserCreation": "500/s"}})

    def windows(schema: Schema) -> dict[str, float]:
        assert all(quota.shared and quota.per == "account" for quota in schema.quotas)
        return {quota.name: quota.windows[0][0] for quota in schema.quotas}

    before, after = windows(PROVIDER.documented(SETTINGS)), windows(PROVIDER.documented(granted))
    assert (before["UserCreation"], after["UserCreation"]) == (50, 500)
    assert {**before, "UserCreation": 500} == after


@pytest.mark.parametrize(
    "wrong",
    [
        {"pool_id": "AbCdEf123"},
        {"pool_id": "eu-west-1_AbC", "quotas": {"UserCreations": "5/s"}},
        {"pool_id": "eu-west-1_AbC", "quotas": {"UserCreation": "5"}},
        {"pool_id": "eu-west-1_AbC", "quotas": {"UserCreation": "0/s"}},
        {"pool_id": "eu-west-1_AbC", "password": "x"},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, object]) -> None:
    """An id without a region, a quota that does not exist, a rate that is none, a key nobody reads."""
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_the_region_is_the_beginning_of_the_id_unless_it_is_given() -> None:
    """Regions have dashes; ids have one underscore that counts."""
    assert SETTINGS.where == "eu-west-1"
    assert Settings(pool_id="eu-west-1_AbC", region="us-east-1").where == "us-east-1"
    assert PROVIDER.aws(SETTINGS).region == "eu-west-1"


@given(st.one_of(st.text(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.none()))
def test_canonical_forms_are_idempotent(value: object) -> None:
    """Once is enough, over any text, number or truth value."""
    for canonical in (wire, lower):
        assert canonical(canonical(value)) == canonical(value)


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (12, "12"), (12.5, "12.5"), ("x", "x")])
def test_a_custom_value_is_compared_as_the_text_it_is_kept_as(value: object, text: str) -> None:
    """Whether its attribute is declared yet or not: nothing differs after the first apply."""
    assert wire(value) == text == wire(text)
