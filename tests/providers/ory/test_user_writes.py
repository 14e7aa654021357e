"""Identities are created, changed and deleted; what nobody asked for stays as it is."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from poolshift.provider.operation import Code, Edit, Failed, Operation, Unknown, WholeRejected
from tests.providers.ory.world import World, create

_BATCH = "PATCH /admin/identities"
_ONE = "PATCH /admin/identities/{id}"

FULL: dict[str, Any] = {
    "traits": {"email": "a@example.com", "phone_number": "+32470000001", "name": {"first": "A", "last": "B"}},
    "external_id": "theirs",
    "metadata_public": {"plan": "gold", "nested": {"x": 1}},
    "metadata_admin": {"note": "kept"},
    "verifiable_addresses": [{"value": "a@example.com", "verified": True, "via": "email", "status": "completed"}],
    "credentials": {
        "password": {"config": {"hashed_password": "$2a$12$invented"}},
        "oidc": {"config": {"providers": [{"provider": "google", "subject": "1"}]}},
    },
}


def _steady(identity: dict[str, Any]) -> dict[str, Any]:
    """Without the times of the last change, and ids that Kratos makes anew."""
    steady = {name: value for name, value in identity.items() if name not in ("updated_at", "state_changed_at")}
    steady["recovery_addresses"] = [own["value"] for own in identity["recovery_addresses"]]
    return steady


def test_a_batch_creates_everybody_in_one_call(world: World) -> None:
    """With flags, metadata and a social sign-in, each under the id that its outcome names."""
    flags = {"email_verified": True, "enabled": False, "traits.name.first": "Zoë", "metadata_public.groups": ["a", "b"]}
    operations = [create(1, flags, links={"google": "g1"}), create(2), create(3)]
    outcomes = world.send(*operations, route="batch")
    assert world.server.log.counts[_BATCH] == 1
    assert [(own.address, own.status) for own in outcomes] == [
        ('user["s1"]', "done"),
        ('link["s1","google","0"]', "done"),
        ('user["s2"]', "done"),
        ('user["s3"]', "done"),
    ]
    first = world.get(str(outcomes[0].id))
    assert first["traits"] == {"email": "p1@example.com", "name": {"first": "Zoë"}}
    assert (first["external_id"], first["state"]) == ("s1", "inactive")
    assert first["metadata_public"] == {"groups": ["a", "b"]}
    assert [(own["value"], own["verified"]) for own in first["verifiable_addresses"]] == [("p1@example.com", True)]
    assert first["credentials"]["oidc"]["identifiers"] == ["google:g1"]
    second = world.get(str(outcomes[2].id))
    assert (second["external_id"], second["state"], second["metadata_admin"]) == ("s2", "active", None)
    assert [own["verified"] for own in second["verifiable_addresses"]] == [False]


def test_a_person_may_be_in_no_group(world: World) -> None:
    """An empty list is a value."""
    (outcome,) = world.send(create(1, {"metadata_public.groups": []}))
    assert world.get(str(outcome.id))["metadata_public"] == {"groups": []}


def test_one_refused_row_leaves_the_others(world: World) -> None:
    """The refusal names the trait, and never its value."""
    operations = [create(1), create(2, {"traits.phone_number": "extension 12"}), create(3)]
    first, second, third = world.send(*operations, route="batch")
    assert {own["external_id"] for own in world.server.identities} == {"s1", "s3"}
    assert (first.status, second.status, third.status) == ("done", "failed", "done")
    assert second.failure is not None
    assert (second.failure.code, second.failure.path) == (Code.INVALID, "traits.phone_number")
    assert "extension" not in second.failure.message


@pytest.mark.parametrize("bad", [{"traits.email": "nothing"}, {"traits.nobody": "x"}])
def test_a_batch_of_refused_rows_is_rejected_whole_and_one_alone_says_why(world: World, bad: dict[str, Any]) -> None:
    """Kratos names no row then: the engine halves, and a single row goes by a call that gives a reason."""
    with pytest.raises(WholeRejected) as rejected:
        world.send(create(1, bad), create(2, bad), route="batch")
    assert (rejected.value.failure.code, dict(rejected.value.rows)) == (Code.INVALID, {})
    with pytest.raises(Failed) as failed:
        world.send(create(1, bad), route="batch")
    assert failed.value.failure.path in ("traits.email", "traits")
    assert world.server.identities == []


def test_a_conflict_is_told_apart_by_the_external_id(world: World) -> None:
    """Ours is there already; or somebody else signs in with that address, and stays untouched."""
    ours = world.put(traits={"email": "x@example.com"}, external_id="s1")
    theirs = world.put(**FULL)
    before = [world.get(ours), world.get(theirs)]
    operations = [create(1), create(2, {"traits.email": "a@example.com"}), create(3)]
    exists, taken, made = world.send(*operations, route="batch")
    assert exists.failure is not None
    assert taken.failure is not None
    assert (exists.failure.code, taken.failure.code, made.status) == (Code.EXISTS, Code.TAKEN, "done")
    with pytest.raises(Failed) as alone:
        world.send(operations[1])
    assert alone.value.failure.code is Code.TAKEN
    assert [world.get(ours), world.get(theirs)] == before


def test_a_social_sign_in_of_somebody_else_is_a_conflict(world: World) -> None:
    """It is never taken from them."""
    world.put(**FULL)
    outcomes = world.send(create(1, links={"google": "1"}), create(2), route="batch")
    assert [own.status for own in outcomes] == ["failed", "done"]
    assert outcomes[0].failure is not None
    assert outcomes[0].failure.code is Code.TAKEN


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"traits.name.first": "Zoë"}, {"traits": {**FULL["traits"], "name": {"first": "Zoë", "last": "B"}}}),
        ({"traits.name.last": None}, {"traits": {**FULL["traits"], "name": {"first": "A"}}}),
        ({"traits.plan": "free"}, {"traits": {**FULL["traits"], "plan": "free"}}),
        ({"traits.plan": None}, {}),
        ({"metadata_public.plan": "silver"}, {"metadata_public": {"plan": "silver", "nested": {"x": 1}}}),
        ({"metadata_public.nested.y/~": 2}, {"metadata_public": {"plan": "gold", "nested": {"x": 1, "y/~": 2}}}),
        ({"metadata_admin.note": None}, {"metadata_admin": {}}),
        ({"external_id": "ours"}, {"external_id": "ours"}),
        ({"enabled": False}, {"state": "inactive"}),
    ],
)
def test_an_update_changes_what_it_names(world: World, changes: dict[str, Any], changed: dict[str, Any]) -> None:
    """Credentials, metadata, other traits and verified flags stay as they are."""
    id = world.put(**FULL)
    before = _steady(world.get(id))
    (outcome,) = world.update(id, changes)
    assert outcome.status in ("done", "already")
    assert _steady(world.get(id)) == {**before, **changed}


def test_metadata_is_begun_where_there_is_none(world: World) -> None:
    """Several values below one parent that is not there yet."""
    id = world.put(traits={"email": "b@example.com"})
    world.update(
        id, {"metadata_admin.a.b": 1, "metadata_admin.a.c": 2, "metadata_public.z": None, "traits.name.first": "B"}
    )
    after = world.get(id)
    assert (after["metadata_admin"], after["metadata_public"]) == ({"a": {"b": 1, "c": 2}}, None)
    assert after["traits"] == {"email": "b@example.com", "name": {"first": "B"}}


def test_an_edited_set_keeps_what_others_put_into_it(world: World) -> None:
    """Only the named elements come and go."""
    id = world.put(traits={"email": "b@example.com"}, metadata_public={"groups": ["theirs", "old"]})
    (found,) = world.find("user", "id", id)
    edit = {"metadata_public.groups": Edit(add=frozenset({"new"}), remove=frozenset({"old"}))}
    world.send(Operation('user["s"]', "user", "update", edit, id=id, current=found.records[0]))
    assert world.get(id)["metadata_public"] == {"groups": ["theirs", "new"]}


@pytest.mark.parametrize("verified", [True, False])
def test_an_address_changes_together_with_its_flag(world: World, verified: bool) -> None:
    """In one call: at no moment is the new address verified by the old one's flag."""
    id = world.put(**FULL)
    world.update(id, {"traits.email": "new@example.com", "email_verified": verified})
    after = world.get(id)
    email = [own for own in after["verifiable_addresses"] if own["via"] == "email"]
    assert [(own["value"], own["verified"]) for own in email] == [("new@example.com", verified)]
    assert world.server.log.counts[_ONE] == 1
    (record,) = world.read("user")[0]
    assert record.values["email_verified"] is verified


@pytest.mark.parametrize("flag", ["email_verified", "phone_number_verified"])
def test_a_flag_changes_alone(world: World, flag: str) -> None:
    """The other address keeps its own."""
    id = world.put(**FULL)
    (before,) = world.read("user")[0]
    world.update(id, {flag: not before.values[flag]})
    (after,) = world.read("user")[0]
    changed = {path for path in after.values if after.values[path] != before.values.get(path)}
    assert changed == {flag, "updated_at"}


def test_an_update_that_finds_the_address_moved_is_stale(world: World) -> None:
    """The list of addresses is not the one that was read: nothing is written."""
    id = world.put(**FULL)
    (found,) = world.find("user", "id", id)
    somebody = [{"op": "replace", "path": "/traits/email", "value": "moved@example.com"}]
    world.server.ask("PATCH", f"/admin/identities/{id}", somebody)
    change = create(0, {"email_verified": False, "traits.email": None, "external_id": None}).changes
    with pytest.raises(Failed) as failed:
        world.send(Operation('user["s"]', "user", "update", change, id=id, current=found.records[0]))
    assert failed.value.failure.code is Code.STALE


def test_an_identifier_that_is_anothers_is_not_taken(world: World) -> None:
    """By an update no more than by a create."""
    world.put(**FULL)
    id = world.put(traits={"email": "b@example.com"})
    for changes in ({"traits.email": "a@example.com"}, {"external_id": "theirs"}):
        with pytest.raises(Failed) as failed:
            world.update(id, changes)
        assert failed.value.failure.code is Code.TAKEN
    assert world.get(id)["traits"] == {"email": "b@example.com"}


def test_a_deleted_identity_is_gone_and_twice_is_once(world: World) -> None:
    """And others stay."""
    other = world.put(**FULL)
    id = world.put(traits={"email": "b@example.com"})
    delete = Operation('user["s"]', "user", "delete", id=id)
    assert [world.send(delete)[0].status, world.send(delete)[0].status] == ["done", "already"]
    assert [own["id"] for own in world.server.identities] == [other]


def test_a_lost_answer_is_unknown_and_everybody_may_be_there(world: World) -> None:
    """The call is not repeated behind the engine's back."""
    world.break_at(_BATCH, 1, "close_after")
    with pytest.raises(Unknown):
        world.send(create(1), create(2), route="batch")
    assert world.server.log.counts[_BATCH] == 1
    assert len(world.server.identities) == 2
    assert len(world.find("user", "external_id", "s1")[0].records) == 1


@pytest.mark.parametrize(
    ("how", "raised", "code"),
    [
        (413, WholeRejected, Code.INVALID),
        (429, Failed, Code.BUSY),
        (403, Failed, Code.DENIED),
        (503, Unknown, None),
        ("close_before", Unknown, None),
        ("empty_body", Unknown, None),
        ("html", Unknown, None),
        ("html_error", Unknown, None),
    ],
)
def test_a_batch_that_goes_wrong_says_whether_it_may_be_there(
    world: World, how: Any, raised: type[Exception], code: Code | None
) -> None:
    """Refused is refused; whatever else may have happened is asked afterwards."""
    world.break_at(_BATCH, 1, how)
    with pytest.raises(raised) as error:
        world.send(create(1), create(2), route="batch")
    if isinstance(error.value, Failed | WholeRejected):
        assert error.value.failure.code is code
        assert world.server.identities == []


def test_a_project_of_the_network_refuses_two_creates_at_a_time(project: World) -> None:
    """That is why its lane is one wide: the second is told to wait, and wrote nothing."""
    project.server.write_seconds = 3.0
    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(project.send, create(number)) for number in (1, 2)]
    errors = [end.exception() for end in ends]
    (refused,) = [error for error in errors if error is not None]
    assert isinstance(refused, Failed)
    assert (refused.failure.code, refused.failure.retry_after) == (Code.BUSY, 1.0)
    assert len(project.server.identities) == 1
    routes = {own.width for own in project.schema().routes}
    assert routes == {1}
