"""The identity schema becomes fields, and its rules become findings of the plan."""

import re
from typing import Any

import pytest

from poolshift_providers.ory import PROVIDER
from poolshift_providers.ory.schema import schema_of
from poolshift_providers.ory.settings import Settings
from poolshift_providers.ory.traits import traits_of
from tests.providers.ory.world import World, create
from tests.servers.ory import CUSTOMER

SETTINGS = Settings(url="http://127.0.0.1:1", schema_id="customer")


def _user(traits: dict[str, Any], required: list[str] | None = None) -> Any:
    inner = {"type": "object", "properties": traits, "required": required or []}
    return schema_of(SETTINGS, traits_of({"properties": {"traits": inner}})).kinds["user"]


def test_traits_are_fields_with_the_schemas_rules() -> None:
    """Roles by Kratos' own words: what people sign in with, what is verified and recovered by."""
    user = schema_of(SETTINGS, traits_of(CUSTOMER)).kinds["user"]
    email, phone = user.fields["traits.email"], user.fields["traits.phone_number"]
    assert (email.roles, email.verified_by, email.required) == (frozenset({"email", "login"}), "email_verified", True)
    assert (phone.roles, phone.verified_by, phone.required) == (frozenset({"phone"}), "phone_number_verified", False)
    assert user.fields["traits.name.first"].max_length == 256
    assert user.fields["traits.score"].type == "number"
    assert [key.path for key in user.keys] == ["id", "external_id", "traits.email"]
    assert user.field_at("traits.nobody") is None
    assert user.field_at("metadata_public.anything.at.all") is not None


def test_the_documented_schema_holds_what_an_identity_schema_may(world: World) -> None:
    """Every field of this one is a field, or lies in an open map, of the documented one."""
    documented, live = PROVIDER.documented(SETTINGS), world.schema()
    assert documented.kinds.keys() == live.kinds.keys()
    known = documented.kinds["user"]
    assert [path for path in live.kinds["user"].fields if known.field_at(path) is None] == []


def test_a_second_address_has_a_flag_of_its_own() -> None:
    """The first one has the usual name."""
    verified = {"type": "string", "ory.sh/kratos": {"verification": {"via": "email"}}}
    user = _user({"work": verified, "home": verified})
    assert user.fields["traits.work"].verified_by == "email_verified"
    assert user.fields["traits.home"].verified_by == "verified.home"


def test_without_recovery_nobody_can_set_a_password() -> None:
    """Then there is no such field for the engine to fill."""
    assert "credential" not in _user({"name": {"type": "string"}}).fields


def test_only_required_inside_what_is_required_is_required() -> None:
    """A name that may be missing as a whole may lack its parts."""
    name = {"type": "object", "properties": {"first": {"type": "string"}}, "required": ["first"]}
    assert not _user({"name": name}).fields["traits.name.first"].required
    assert _user({"name": name}, ["name"]).fields["traits.name.first"].required


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [("[0-9]", "a1b", True), ("^[0-9]+$", "a1b", False), ("^[0-9]+$", "12", True), ("b", "a\nb", True)],
)
def test_a_pattern_may_match_anywhere(pattern: str, value: str, fits: bool) -> None:
    """As in a JSON schema; the engine asks whether the whole value matches."""
    own = _user({"x": {"type": "string", "pattern": pattern}}).fields["traits.x"].pattern
    assert (re.fullmatch(own, value) is not None) == fits


def test_a_pattern_that_python_cannot_read_is_left_to_kratos() -> None:
    """The refusal then names the trait."""
    assert _user({"x": {"type": "string", "pattern": "\\p{L}+"}}).fields["traits.x"].pattern is None


_RULES = [
    ({"traits.plan": "platinum"}, {"traits.plan": "gold"}),
    ({"traits.score": -1}, {"traits.score": 0}),
    ({"traits.email": "nothing"}, {"traits.email": "some@example.com"}),
]


@pytest.mark.parametrize(("refused", "taken"), _RULES)
def test_what_the_schema_refuses_is_found_before(world: World, refused: dict[str, Any], taken: dict[str, Any]) -> None:
    """Each rule alone: the plan finds it, and Kratos would refuse it; its neighbour is neither."""
    check = world.schema().kinds["user"].check
    ((path, _),) = refused.items()
    assert [own.path for own in check(refused)] == [path]
    assert list(check(taken)) == []
    bad, good = world.send(create(1, refused), create(2, taken), route="batch")
    assert (bad.status, good.status) == ("failed", "done")
    assert bad.failure is not None
    assert bad.failure.path == path


def test_what_the_fields_say_is_what_kratos_refuses(world: World) -> None:
    """Pattern and length of the identity schema, sent anyway."""
    values = {"traits.phone_number": "0470", "traits.name.first": "x" * 257}
    outcomes = world.send(create(0), *(create(n, {p: v}) for n, (p, v) in enumerate(values.items(), 1)), route="batch")
    assert [own.failure.path for own in outcomes if own.failure is not None] == list(values)
