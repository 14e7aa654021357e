"""Roles, organizations, memberships and links."""

import pytest

from poolshift.identity.record import Ref
from poolshift.provider.operation import Code, Failed, Operation, WholeRejected
from poolshift_providers.auth0.routes import MEMBERS, ROLE_MEMBERS
from tests.providers.auth0.world import World, element, link, puts
from tests.servers.auth0 import Auth0Server


def people(world: World, count: int) -> list[str]:
    return [world.put("user", email=f"p{number}@example.com", user_id=f"u{number}") for number in range(count)]


def test_members_of_a_role_go_in_by_lists(world: World, server: Auth0Server) -> None:
    """One call for as many as the route takes; adding them twice is adding them once; each is removed by itself."""
    users, role = people(world, ROLE_MEMBERS), world.put("role", name="editor")
    operations = [element("role_member", "create", user, role, n) for n, user in enumerate(users)]
    world.send(*operations)
    world.send(*operations)
    assert server.log.counts["POST /roles/{role}/users"] == 2
    assert list(server.tenant.roles[role].members) == users
    world.send(element("role_member", "delete", users[0], role))
    assert list(server.tenant.roles[role].members) == users[1:]


def test_members_of_an_organization_go_in_by_ten(world: World, server: Auth0Server) -> None:
    """Added, given a role there, and taken out with it."""
    users, organization, role = (
        people(world, MEMBERS),
        world.put("organization", name="acme"),
        world.put("role", name="o"),
    )
    world.send(*(element("organization_member", "create", user, organization, n) for n, user in enumerate(users)))
    assert list(server.tenant.organizations[organization].members) == users
    scoped = element("role_member", "create", users[0], f"{organization}/{role}")
    world.send(scoped, route="member_api")
    assert server.tenant.organizations[organization].members[users[0]] == {role}
    assert server.tenant.roles[role].members == {}
    world.send(element("role_member", "delete", users[0], f"{organization}/{role}"))
    assert server.tenant.organizations[organization].members[users[0]] == set()
    world.send(element("organization_member", "delete", users[0], organization))
    assert users[0] not in server.tenant.organizations[organization].members


@pytest.mark.parametrize("kind", ["role_member", "organization_member"])
def test_one_who_is_gone_rejects_the_whole_list(world: World, server: Auth0Server, kind: str) -> None:
    """Nobody goes in; alone, the one who is gone is named."""
    parent = world.put("role" if kind == "role_member" else "organization", name="x")
    [user] = people(world, 1)
    good, bad = (element(kind, "create", id, parent, n) for n, id in enumerate((user, "auth0|nobody")))  # type: ignore[arg-type]
    with pytest.raises(WholeRejected):
        world.send(good, bad)
    with pytest.raises(Failed) as refused:
        world.send(bad)
    assert refused.value.failure.code is Code.PARENT_GONE
    tenant = server.tenant
    assert not any(role.members for role in tenant.roles.values())
    assert not any(organization.members for organization in tenant.organizations.values())
    assert [outcome.status for outcome in world.send(good)] == ["done"]


def test_a_role_within_organizations_is_one_of_the_tenant(world: World, server: Auth0Server) -> None:
    """Two organizations, one name: one role there, and a record for each."""
    first, second = (world.put("organization", name=name) for name in ("acme", "globex"))
    ids = []
    for organization, key in ((first, "acme"), (second, "globex")):
        changes = puts({"name": "owner", "scope": f"organization:{key}"})
        refs = {"organization": Ref("", organization)}
        [outcome] = world.send(Operation(f'role["organization:{key}","owner"]', "role", "create", changes, refs=refs))
        ids.append(outcome.id)
    [role] = server.tenant.roles.values()
    assert ids == [f"{first}/{role.id}", f"{second}/{role.id}"]
    found = {record.id: record.values.get("scope", "") for record in world.find("role", "name", "owner")}
    assert found == {role.id: "", ids[0]: "organization:acme", ids[1]: "organization:globex"}
    listed = {record.id for record in world.read("role")[0]["role"]}
    assert listed == {role.id, *ids} or listed == {role.id}


def test_a_role_and_an_organization_change(world: World, server: Auth0Server) -> None:
    """Names people read; what addresses are made of stays."""
    role, organization = world.put("role", name="editor"), world.put("organization", name="acme")
    world.send(Operation('role["","editor"]', "role", "update", puts({"description": "Edits"}), id=role))
    world.send(Operation('organization["acme"]', "organization", "update", puts({"name": "Acme Ltd"}), id=organization))
    assert server.tenant.roles[role].description == "Edits"
    assert server.tenant.organizations[organization].display_name == "Acme Ltd"


def test_a_link_waits_until_somebody_has_signed_in(world: World, server: Auth0Server) -> None:
    """First `not_yet`, then linked, then there already; removed by an id that does not name the subject."""
    [user] = people(world, 1)
    assert [outcome.status for outcome in world.send(link("create", user))] == ["not_yet"]
    server.sign_in("100", "p0@example.com")
    done, again = (world.send(link("create", user))[0] for _ in range(2))
    assert (done.status, again.status) == ("done", "already")
    [record] = world.find("link", "user", user)
    assert (record.id, record.values) == (done.id, {"provider": "google-oauth2", "subject": "100"})
    assert "\n100" not in record.id
    assert [one.id for one in world.read("link")[0]["link"]] == [record.id]
    assert [outcome.status for outcome in world.send(link("delete", user, id=record.id))] == ["done"]
    assert [outcome.status for outcome in world.send(link("delete", user, id=record.id))] == ["already"]
    assert world.find("link", "user", user) == ()


def test_an_identity_of_somebody_else_is_taken(world: World, server: Auth0Server) -> None:
    """It is not moved from one person to another."""
    first, second = people(world, 2)
    server.sign_in("100")
    world.send(link("create", first))
    with pytest.raises(Failed) as refused:
        world.send(link("create", second))
    assert refused.value.failure.code is Code.TAKEN
    assert len(world.find("link", "user", first)) == 1
