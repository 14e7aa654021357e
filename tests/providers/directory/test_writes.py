"""What is written is what is read back, and nothing else changes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolshift.identity.kind import Kind
from poolshift.identity.record import Ref
from poolshift.provider.operation import Clear, Edit, Operation
from poolshift.provider.verb import Verb
from tests.providers.directory.world import World, operation

FULL = {
    "external_id": "s1",
    "username": "Ann",
    "email": "Ann@Example.com",
    "email_verified": True,
    "phone_number": "+15550100001",
    "phone_number_verified": False,
    "name": "Ann Example",
    "given_name": "Ann",
    "family_name": "Exampleöäü",
    "middle_name": "",
    "nickname": "annie",
    "preferred_username": "ann.e",
    "profile": "https://example.com/ann",
    "picture": "https://example.com/ann.png",
    "website": "https://example.com",
    "gender": "x",
    "birthdate": "0000-05-01",
    "zoneinfo": "Europe/Brussels",
    "locale": "en-US",
    "address": {"country": "BE", "lines": ["a", 1, None]},
    "enabled": False,
    "owner": "acme-prod",
    "attributes.plan": "gold",
    "attributes.score": 1.5,
    "attributes.active": False,
    "attributes.since": "2024-02-29T10:00:00Z",
}


def test_every_field_is_echoed_as_it_reads_back(world: World) -> None:
    """A full user: echo, listing and lookup agree, in the form the directory keeps."""
    (outcome,) = world.send(operation("user", "create", FULL))
    (listed,) = world.records("user")["user"]
    assert outcome.echo == listed == world.get("user", listed.id)
    assert outcome.id == listed.id == listed.values["id"]
    created = listed.values["created_at"]
    assert listed.values == FULL | {"email": "ann@example.com", "id": listed.id, "created_at": created}


def test_a_user_is_enabled_and_has_nothing_else_unless_said(world: World) -> None:
    """A field that was not written is absent, not empty."""
    id = world.put("user", {"email": "ann@example.com"})
    found = world.get("user", id)
    assert found is not None
    assert found.values.keys() == {"id", "created_at", "email", "enabled"}
    assert found.values["enabled"] is True


@pytest.mark.parametrize("path", [path for path in FULL if path not in ("enabled", "email")])
def test_a_field_that_is_cleared_is_absent_and_no_other_field_moves(world: World, path: str) -> None:
    """An update touches its own paths only."""
    id = world.put("user", FULL)
    before = world.get("user", id)
    (outcome,) = world.send(operation("user", "update", {path: Clear()}, id=id))
    after = world.get("user", id)
    assert before is not None
    assert after is not None
    assert outcome.echo == after
    assert after.values == {key: value for key, value in before.values.items() if key != path}


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
        "locale": st.sampled_from(["en", "nl"]),
        "email_verified": st.booleans(),
        "enabled": st.booleans(),
        "address": st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), st.integers(-9, 9), max_size=3),
        "attributes.plan": st.sampled_from(["gold", "free"]),
        "attributes.score": st.integers(-(2**53), 2**53),
    },
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_fields_that_are_not_mentioned_survive_any_update(world: World, changes: dict[str, Any]) -> None:
    """Whatever is changed, the rest of the user, its elements and its neighbour stay byte for byte."""
    users = world.records("user")["user"]
    if not users:
        world.put("user", FULL)
        world.put("user", {"email": "bo@example.com", "external_id": "s2"})
        world.put("link", {"provider": "Google", "subject": "1"}, user=world.records("user")["user"][0].id)
        users = world.records("user")["user"]
    before = world.records()
    world.send(operation("user", "update", changes, id=users[0].id))
    after = world.records()
    kept = {path: value for path, value in users[0].values.items() if path not in changes}
    assert {path: value for path, value in after["user"][0].values.items() if path not in changes} == kept
    assert after["user"][1] == before["user"][1]
    assert after["link"] == before["link"]
    schema = world.schema.kinds["user"]
    for path, value in changes.items():
        field = schema.field_at(path)
        assert field is not None
        assert after["user"][0].values[path] == field.canonical(value)


def batch_of(world: World) -> tuple[Operation, ...]:
    """Three people with everything a user can bring along."""
    acme = world.put("organization", {"key": "acme"})
    editor = world.put("role", {"name": "editor", "scope": "organization:acme"})
    staff = world.put("group", {"name": "staff"})

    def child(kind: Kind, values: dict[str, Any] | None = None, **refs: str) -> Operation:
        return operation(kind, "create", values, refs=refs)

    return tuple(
        operation(
            "user",
            "create",
            {"external_id": f"s{n}", "email": f"u{n}@example.com"},
            children=[
                child("link", {"provider": "Google", "subject": str(n)}),
                child("role_member", role=editor),  # listed before the membership it needs
                child("group_member", group=staff),
                child("organization_member", organization=acme),
            ],
        )
        for n in range(3)
    )


def test_a_batch_writes_users_and_all_their_children(world: World) -> None:
    """An outcome for every address, own and child's, each equal to what reads back."""
    operations = batch_of(world)
    outcomes = world.send(*operations, route="batch")
    addresses = {one.address for one in operations} | {child.address for one in operations for child in one.children}
    assert len(outcomes) == len(addresses)
    assert {outcome.address for outcome in outcomes} == addresses
    assert {outcome.status for outcome in outcomes} == {"done"}
    records = [record for found in world.records().values() for record in found]
    for outcome in outcomes:
        assert outcome.echo in records
        assert outcome.echo is not None
        assert outcome.id == outcome.echo.id


def test_a_folded_child_equals_the_same_child_sent_alone(world: World) -> None:
    """What rides in a batch is no different from what comes by its own call."""
    operations = batch_of(world)
    world.send(*operations[:1], route="batch")
    alone = operations[1]
    user = world.put("user", {path: change.value for path, change in alone.changes.items()})  # type: ignore[union-attr]
    for child in sorted(alone.children, key=lambda one: one.kind != "organization_member"):
        refs = {path: ref.id or "" for path, ref in child.refs.items()} | {"user": user}
        values = {path: change.value for path, change in child.changes.items()}  # type: ignore[union-attr]
        world.put(child.kind, values, **refs)
    found = world.records("organization_member", "role_member", "group_member", "link")
    for records in found.values():
        folded, single = records
        assert folded.values.keys() == single.values.keys()
        assert {path: ref.key for path, ref in folded.refs.items()} == {
            path: ref.key for path, ref in single.refs.items()
        }


@pytest.mark.parametrize("kind", ["organization_member", "role_member", "group_member", "link"])
def test_elements_are_added_and_removed_once(world: World, kind: Kind) -> None:
    """The second time is `already`, with the same id; removing works by id and by reference."""
    parent = kind.removesuffix("_member")
    user = world.put("user", {"email": "ann@example.com"})
    values: dict[str, Any] = {}
    refs = {"user": user}
    if kind == "link":
        values = {"provider": "Google", "subject": "1"}
    else:
        natural = "key" if kind == "organization_member" else "name"
        refs[parent] = world.put(parent, {natural: "acme"})  # type: ignore[arg-type]
    for by_id in (True, False):
        (added,) = world.send(operation(kind, "create", values, refs=refs))
        (again,) = world.send(operation(kind, "create", values, refs=refs))
        assert (added.status, again.status) == ("done", "already")
        assert added.id == again.id
        assert world.records(kind)[kind] == [added.echo] == [again.echo]
        removal = operation(kind, "delete", {} if by_id else values, id=added.id if by_id else None, refs=refs)
        assert [outcome.status for _ in range(2) for outcome in world.send(removal)] == ["done", "already"]
        assert world.records(kind)[kind] == []


def test_a_parent_is_found_by_its_key_where_no_id_is_known(world: World) -> None:
    """A reference by natural key is enough."""
    user = world.put("user", {"email": "ann@example.com"})
    staff = world.put("group", {"name": "staff"})
    refs = {"user": Ref("", id=user), "group": Ref("", key="staff")}
    (outcome,) = world.send(Operation("x", "group_member", "create", refs=refs))
    assert outcome.id == f"{user}/{staff}"


def test_deleting_a_user_takes_what_is_its_own(world: World) -> None:
    """Elements go with the user, shared records stay; the second time is `already`; the values are free again."""
    operations = batch_of(world)
    users = [outcome.id for outcome in world.send(*operations, route="batch") if outcome.address.startswith("user")]
    shared = world.records("organization", "role", "group")
    removal = operation("user", "delete", id=users[0])
    assert [outcome.status for _ in range(2) for outcome in world.send(removal)] == ["done", "already"]
    after = world.records()
    assert [record.id for record in after["user"]] == users[1:]
    for kind in ("organization_member", "role_member", "group_member", "link"):
        assert [record.refs["user"].id for record in after[kind]] == users[1:]
    assert world.records("organization", "role", "group") == shared
    assert [one.status for one in world.send(operations[0], route="batch")] == ["done"] * 5


@pytest.mark.parametrize(
    ("kind", "values", "changes", "expected"),
    [
        (
            "attribute",
            {"name": "team", "type": "string", "max_length": 4},
            {"max_length": 9},
            {"name": "attributes.team", "type": "string", "max_length": 9},
        ),
        (
            "organization",
            {"key": "acme", "domains": ["b.example.com", "a.example.com"]},
            {"name": "Acme", "domains": Edit(frozenset({"c.example.com"}), frozenset({"a.example.com"}))},
            {"key": "acme", "name": "Acme", "domains": frozenset({"b.example.com", "c.example.com"})},
        ),
        ("organization", {"key": "acme", "domains": ["a.example.com"]}, {"domains": Clear()}, {"key": "acme"}),
        (
            "group",
            {"name": "g", "precedence": 3},
            {"precedence": None, "description": "d"},
            {"name": "g", "description": "d"},
        ),
        ("role", {"name": "r"}, {}, {"name": "r", "scope": ""}),
    ],
)
def test_shared_records_are_created_and_updated(
    world: World, kind: Kind, values: dict[str, Any], changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    """What an update does not mention stays; the echo is what reads back."""
    id = world.put(kind, values)
    (outcome,) = world.send(operation(kind, "update", changes, id=id))
    assert outcome.echo == world.get(kind, id)
    assert outcome.echo is not None
    assert outcome.echo.values == expected


def test_an_attribute_can_be_used_once_it_is_declared(world: World) -> None:
    """Declared under its bare name or its path, it is written and read by its path and stands in the live schema."""
    world.put("attribute", {"name": "team", "type": "number"})
    assert world.schema.kinds["user"].fields["attributes.team"].type == "number"
    id = world.put("user", {"email": "ann@example.com", "attributes.team": 7})
    found = world.get("user", id)
    assert found is not None
    assert found.values["attributes.team"] == 7


@pytest.mark.parametrize("route", ["api", "batch"])
def test_the_same_create_twice_writes_nothing_twice(world: World, route: str) -> None:
    """The second time is a refusal that says EXISTS, and the world is as it was."""
    verb: Verb = "create"
    create = operation("user", verb, {"external_id": "s1", "email": "ann@example.com"})
    world.send(create, route=route)
    before = world.records()
    (outcome,) = world.send(create)
    assert outcome.failure is not None
    assert outcome.failure.code.value == "exists"
    assert world.records() == before
