"""Writes to the real server, judged by what is there afterwards."""

from typing import Any, Final
from uuid import uuid4

import pytest

from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.identity.record import Ref
from poolshift.provider.operation import Code, Failed, Operation, Outcome, Unknown, WholeRejected
from tests.providers.keycloak.world import Break, How, World, operation

pytestmark = pytest.mark.slow

PARENTS: Final[tuple[tuple[Kind, str], ...]] = (("role", "staff"), ("group", "/shop"), ("organization", "acme"))
QUESTIONS: Final = 5
"""What the writer asks about the realm before its first import."""

ENDINGS: Final[tuple[tuple[How, type[Exception], int], ...]] = (
    ("refused", Failed, 0),
    ("html", Unknown, 0),
    ("500", WholeRejected, 0),
    ("lost", Unknown, 1),
)
"""How a request breaks, what the provider raises, how many users are there."""

REPEATED: Final[tuple[How, ...]] = ("429", "401", "refused", "lost")


def user(username: str, **values: Any) -> Operation:
    more = {path.replace("attributes_", "attributes."): value for path, value in values.items()}
    return operation("user", "create", {"username": username, **more})


def test_an_import_keeps_ids_and_gives_what_everybody_gets(world: World) -> None:
    """Default roles, groups and actions as POST /users gives them; links, roles and groups ride; nothing else."""
    realm = world.realm
    realm.declare(plan={})
    realm.add_identity_providers(["google"])
    realm.ask("POST", "/clients", {"clientId": "till"})
    for path, name in (("/roles", "staff"), (f"/clients/{realm.client_id('till')}/roles", "cashier")):
        realm.ask("POST", path, {"name": name})
    for name in ("shop", "everybody"):
        realm.ask("POST", "/groups", {"name": name})
    realm.ask("PUT", f"/default-groups/{world.named('group', '/everybody').id}")
    action = realm.ask("GET", "/authentication/required-actions/VERIFY_EMAIL")
    realm.ask("PUT", "/authentication/required-actions/VERIFY_EMAIL", {**action, "defaultAction": True})

    id = str(uuid4())
    children = (
        operation("link", "create", {"provider": "google", "subject": "g-1"}),
        operation("group_member", "create", refs={"group": Ref(address("group", "/shop"), "x", "/shop")}),
        operation("role_member", "create", refs={"role": Ref(address("role", "", "staff"), "x", "staff")}),
        operation(
            "role_member", "create", refs={"role": Ref(address("role", "application:till", "cashier"), "x", "y")}
        ),
    )
    values = {"id": id, "username": "Ann", "email": "Ann@Example.com", "attributes.plan": "gold", "credential": "reset"}
    ann = operation("user", "create", values, children=children)
    off = user("bob", enabled=False)
    outcomes = world.send(ann, off, route="partial_import")
    assert {one.address for one in outcomes} == {ann.address, off.address, *(own.address for own in children)}
    assert outcomes[0].id == id

    found = world.get(id)
    posted = world.get(world.put("carl"))
    assert (found["username"], found["email"], found["enabled"]) == ("ann", "ann@example.com", True)
    assert found["attributes"] == {"plan": ["gold"]}
    assert found["groups"] == ["/everybody", "/shop"]
    assert found["roles"] == [*posted["roles"], "staff"]
    assert found["clientRoles"] == {"till": ["cashier"]}
    assert found["requiredActions"] == posted["requiredActions"] == ["VERIFY_EMAIL"]
    assert found["federatedIdentities"] == [{"identityProvider": "google", "userId": "g-1", "userName": "g-1"}]
    [bob] = world.find("user", "username", "bob")
    assert bob.values["enabled"] is False


@pytest.mark.parametrize(
    ("third", "code", "named"),
    [
        ({"username": "there"}, Code.EXISTS, True),
        ({"username": "other", "email": "there@example.com"}, Code.EXISTS, True),
        ({"username": "x" * 300}, Code.INVALID, False),
    ],
)
def test_one_bad_row_takes_nothing_of_a_batch(world: World, third: dict[str, Any], code: Code, named: bool) -> None:
    """Whoever is there stays as they are, nobody of the batch is made; the row is named where the server does."""
    there = world.put("there", email="there@example.com", firstName="Before")
    bad = operation("user", "create", {**third, "firstName": "After"})
    with pytest.raises(WholeRejected) as rejected:
        world.send(user("first"), bad, user("last"), route="partial_import")
    assert rejected.value.failure.code is code
    assert set(rejected.value.rows) == ({bad.address} if named else set())
    assert [own["username"] for own in world.realm.listed("/users")] == ["there"]
    assert world.get(there)["firstName"] == "Before"


def test_an_update_changes_what_it_names_and_nothing_else(world: World) -> None:
    """The whole document goes back: attributes, actions and names that nobody mapped survive."""
    world.realm.declare(plan={}, theirs={}, tags={"multivalued": True})
    before = {"plan": ["free"], "theirs": ["1"], "tags": ["a", "b"]}
    id = world.put("ann", email="ann@example.com", emailVerified=True, firstName="Ann", lastName="Lee",
                   attributes=before, requiredActions=["CONFIGURE_TOTP"])  # fmt: skip
    world.send(operation("user", "update", {"attributes.plan": "gold", "lastName": None, "enabled": False}, id=id))
    found = world.get(id)
    assert found["attributes"] == {**before, "plan": ["gold"]}
    assert (found["firstName"], found.get("lastName"), found["enabled"]) == ("Ann", None, False)
    assert (found["email"], found["emailVerified"], found["requiredActions"]) == (
        "ann@example.com", True, ["CONFIGURE_TOTP"],
    )  # fmt: skip
    world.send(operation("user", "update", {"attributes.plan": None, "attributes.tags": ["c"]}, id=id))
    assert world.get(id)["attributes"] == {"theirs": ["1"], "tags": ["c"]}


def test_an_address_of_somebody_else_is_not_taken(world: World) -> None:
    """Neither by an update nor by a new user."""
    other = world.put("other", email="x@example.com")
    id = world.put("ann", email="ann@example.com")
    with pytest.raises(Failed) as refused:
        world.send(operation("user", "update", {"email": "x@example.com"}, id=id))
    assert refused.value.failure.code is Code.TAKEN
    with pytest.raises(Failed) as refused:
        world.send(user("new", email="x@example.com"))
    assert refused.value.failure.code is Code.TAKEN
    assert (world.get(id)["email"], world.get(other)["email"]) == ("ann@example.com", "x@example.com")


def test_what_the_profile_refuses_names_the_field(world: World) -> None:
    """By POST the server asks its own rules, and says which."""
    with pytest.raises(Failed) as refused:
        world.send(user("ann", firstName="A <b>"))
    assert (refused.value.failure.code, refused.value.failure.path) == (Code.INVALID, "firstName")
    assert "A <b>" not in refused.value.failure.message


def test_users_are_deleted_once(world: World) -> None:
    """The second time they are gone already."""
    id = world.put("ann")
    gone = operation("user", "delete", id=id)
    assert [own.status for _ in range(2) for own in world.send(gone)] == ["done", "already"]
    assert list(world.realm.listed("/users")) == []


def test_the_profile_is_added_to(world: World) -> None:
    """What others declared stays; twice is once."""
    world.realm.declare(theirs={"validations": {"length": {"max": 7}}})
    before = world.realm.ask("GET", "/users/profile")
    wanted = [
        operation("attribute", "create", {"name": "attributes.plan", "type": "string", "max_length": 40}),
        operation("attribute", "create", {"name": "attributes.score", "type": "number"}),
    ]
    assert [own.status for own in world.send(*wanted)] == ["done", "done"]
    assert [own.status for own in world.send(*wanted)] == ["already", "already"]
    after = world.realm.ask("GET", "/users/profile")
    assert after["attributes"][: len(before["attributes"])] == before["attributes"]
    assert {name: value for name, value in after.items() if name != "attributes"} == {
        name: value for name, value in before.items() if name != "attributes"
    }
    found = {record.values["name"]: dict(record.values) for record in world.read("attribute")[0]}
    assert found["attributes.plan"] == {"name": "attributes.plan", "type": "string", "max_length": 40}
    assert found["attributes.score"] == {"name": "attributes.score", "type": "number"}


def test_groups_lie_in_a_tree_and_roles_belong_to_clients(world: World) -> None:
    """A group's parents are made with it; a role of a client that is not there is refused."""
    world.realm.ask("POST", "/clients", {"clientId": "till"})
    deep = operation("group", "create", {"name": "/teams/north/red", "description": "Reds"})
    cashier = operation("role", "create", {"name": "cash ier/x", "scope": "application:till", "description": "Takes"})
    staff = operation("role", "create", {"name": "staff"})
    for one in (deep, cashier, staff):
        [outcome] = world.send(one)
        assert outcome.id is not None
    paths = {record.values["name"]: record for record in world.read("group")[0]}
    assert set(paths) == {"/teams", "/teams/north", "/teams/north/red"}
    assert paths["/teams/north/red"].values["description"] == "Reds"
    own = world.named("role", "cash ier/x")
    assert own.values == {"name": "cash ier/x", "scope": "application:till", "description": "Takes"}
    with pytest.raises(Failed) as refused:
        world.send(deep)
    assert refused.value.failure.code is Code.EXISTS
    with pytest.raises(Failed) as refused:
        world.send(operation("role", "create", {"name": "x", "scope": "application:nobody"}))
    assert refused.value.failure.code is Code.PARENT_GONE
    for record in (paths["/teams/north/red"], own):
        world.send(operation(record.kind, "update", {"description": "Changed"}, id=record.id))
        assert world.named(record.kind, record.values["name"]).values["description"] == "Changed"


def test_organizations_keep_their_verified_domains(world: World) -> None:
    """An update leaves what it does not name."""
    [made] = world.send(operation("organization", "create", {"key": "acme", "name": "Acme", "domains": ["a.example"]}))
    path = f"/organizations/{made.id}"
    own = world.realm.ask("GET", path)
    verified = [{"name": "a.example", "verified": True}]
    world.realm.ask("PUT", path, {**own, "description": "theirs", "domains": verified})
    wanted = {"name": "Acme Ltd", "domains": ["a.example", "b.example"]}
    world.send(operation("organization", "update", wanted, id=made.id))
    found = world.realm.ask("GET", path)
    assert (found["name"], found["alias"], found["description"]) == ("Acme Ltd", "acme", "theirs")
    domains = {domain["name"]: domain["verified"] for domain in found["domains"]}
    assert domains == {"a.example": True, "b.example": False}


def test_memberships_and_links_are_made_once_and_removed_once(world: World) -> None:
    """Each kind: added, added again, removed, removed again."""
    world.realm.add_identity_providers(["google"])
    world.realm.ask("POST", "/roles", {"name": "staff"})
    world.realm.ask("POST", "/groups", {"name": "shop"})
    world.realm.ask("POST", "/organizations", {"name": "acme", "alias": "acme"})
    id = world.put("ann")
    for kind, name in PARENTS:
        own = world.named(kind, name)
        refs: dict[str, Ref] = {"user": Ref("", id), kind: Ref(address(kind, name), own.id, name)}
        _once(world, f"{kind}_member", refs, {})
    _once(world, "link", {"user": Ref("", id)}, {"provider": "google", "subject": "g-1"})
    other = operation("link", "create", {"provider": "google", "subject": "g-2"}, refs={"user": Ref("", id)})
    world.send(operation("link", "create", {"provider": "google", "subject": "g-1"}, refs={"user": Ref("", id)}))
    with pytest.raises(Failed) as refused:
        world.send(other)
    assert refused.value.failure.code is Code.INVALID


def _once(world: World, kind: Any, refs: dict[str, Ref], values: dict[str, Any]) -> None:
    user_id = refs["user"].id or ""
    add = operation(kind, "create", values, refs=refs)
    first, second = (world.send(add)[0] for _ in range(2))
    assert first.status == "done"
    assert second.status in ("done", "already")
    [found] = [own for own in world.find(kind, "user", user_id) if own.id == first.id]
    assert found in world.read(kind)[0]
    remove = operation(kind, "delete", id=first.id, refs=refs)
    gone, gone_already = (world.send(remove)[0].status for _ in range(2))
    assert gone == "done"
    assert gone_already in ("done", "already")
    assert all(own.id != first.id for own in world.find(kind, "user", user_id))


def test_a_lost_answer_is_unknown_and_a_refusal_is_not(world: World) -> None:
    """An import is never sent twice by itself; what was refused before it arrived wrote nothing."""
    for how, raised, count in ENDINGS:
        world.broken = Break(QUESTIONS, how)
        with pytest.raises(raised):
            world.send(user("ann"), route="partial_import")
        assert len(list(world.realm.listed("/users"))) == count
        assert world.broken.seen[-1].startswith("POST")


def test_a_busy_server_is_asked_again_and_a_token_renewed(world: World) -> None:
    """A write that may be repeated is, at once; so is what a stale token was refused for."""
    id = world.put("ann")
    for how in REPEATED:
        world.broken = Break(0, how)
        [outcome] = world.send(operation("user", "update", {"firstName": how.capitalize()}, id=id))
        assert outcome.status == "done"
        assert world.get(id)["firstName"] == how.capitalize()


def test_what_is_missing_is_named(world: World) -> None:
    """The role of realm-management, for a write that is denied."""
    world.realm.grant("view-realm", "view-users", "query-groups", "view-identity-providers")
    with pytest.raises(Failed) as refused:
        world.send(user("ann"))
    assert refused.value.failure.code is Code.DENIED
    assert "lacks the role manage-users of realm-management" in refused.value.failure.message
    outcomes: list[Outcome] = []
    with pytest.raises(Failed) as refused:
        world.send_into(outcomes, user("ann"), route="partial_import")
    assert "manage-realm" in refused.value.failure.message
    assert outcomes == []
