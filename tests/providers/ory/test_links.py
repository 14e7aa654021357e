"""Social sign-ins of identities that are there."""

from typing import Any

import pytest

from poolshift.provider.operation import Code, Failed
from poolshift_providers.ory.identity_record import link_id
from tests.providers.ory.test_user_writes import FULL
from tests.providers.ory.world import World, link


def _providers(identity: dict[str, Any]) -> list[tuple[str, str]]:
    providers = identity["credentials"]["oidc"]["config"]["providers"]
    return [(own["provider"], own["subject"]) for own in providers]


def _rest(identity: dict[str, Any]) -> dict[str, Any]:
    """Everything but the social sign-ins, the times of the change, and ids that Kratos makes anew."""
    rest = {name: value for name, value in identity.items() if name not in ("updated_at", "recovery_addresses")}
    return {**rest, "credentials": {"password": identity["credentials"]["password"]}}


def test_a_link_is_added_and_everything_else_stays(world: World) -> None:
    """The call for it would empty metadata and external_id if they were left out."""
    id = world.put(**FULL)
    before = world.get(id)
    (outcome,) = world.send(link("github", "2", user=id))
    after = world.get(id)
    assert _providers(after) == [("google", "1"), ("github", "2")]
    assert _rest(after) == _rest(before)
    assert {own.id for own in world.read("link")[0]} == {link_id(id, "google", "1"), outcome.id}


def test_a_link_that_is_there_is_added_once(world: World) -> None:
    """By whoever it was."""
    id = world.put(**FULL)
    assert [own.status for own in world.send(link("google", "1", user=id))] == ["already"]
    assert _providers(world.get(id)) == [("google", "1")]


def test_a_link_of_somebody_else_is_not_taken(world: World) -> None:
    """The identity that asked for it stays as it was, too."""
    world.put(**FULL)
    id = world.put(traits={"email": "b@example.com"}, metadata_admin={"x": 1})
    before = world.get(id)
    with pytest.raises(Failed) as failed:
        world.send(link("google", "1", user=id))
    assert failed.value.failure.code is Code.TAKEN
    assert world.get(id) == before


def test_a_link_is_removed_and_the_others_stay(world: World) -> None:
    """Twice is once."""
    id = world.put(**FULL)
    world.send(link("github", "2", user=id))
    remove = link("github", "2", user=id, verb="delete", id=link_id(id, "github", "2"))
    assert [world.send(remove)[0].status, world.send(remove)[0].status] == ["done", "already"]
    assert _providers(world.get(id)) == [("google", "1")]


def test_the_last_way_to_sign_in_is_not_removed(world: World) -> None:
    """Kratos refuses it: the person would be locked out."""
    sign_in = {"oidc": {"config": {"providers": [{"provider": "google", "subject": "9"}]}}}
    id = world.put(traits={"email": "b@example.com"}, credentials=sign_in)
    with pytest.raises(Failed) as failed:
        world.send(link("google", "9", user=id, verb="delete", id=link_id(id, "google", "9")))
    assert failed.value.failure.code is Code.INVALID
    assert _providers(world.get(id)) == [("google", "9")]


def test_a_link_of_nobody(world: World) -> None:
    """Adding fails, removing has happened already."""
    with pytest.raises(Failed) as failed:
        world.send(link("google", "1", user="00000000-0000-4000-8000-000000000000"))
    assert failed.value.failure.code is Code.PARENT_GONE
    gone = link("google", "1", user="00000000-0000-4000-8000-000000000000", verb="delete", id="x")
    assert world.send(gone)[0].status == "already"


def test_an_id_of_a_link_names_no_subject(world: World) -> None:
    """It stands in the state; the subject is personal."""
    id = world.put(**{**FULL, "credentials": None})
    (outcome,) = world.send(link("google", "subject-of-somebody", user=id))
    assert "subject-of-somebody" not in str(outcome.id)
