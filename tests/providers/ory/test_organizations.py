"""Organizations of a project of the Ory Network: made by its console, and joined at an identity's creation only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from poolshift.errors import AccessDenied
from poolshift.identity.record import Ref
from poolshift.provider.operation import Code, Failed, Operation
from poolshift_providers.ory import organizations
from poolshift_providers.ory.organizations import member_id
from tests.providers.ory.world import KEY, World, create, puts
from tests.servers.ory import KratosServer

PROJECT = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[World]:
    with KratosServer(key=KEY) as server, _world(server, tmp_path, server.workspace_key) as world:
        yield world


def _world(server: KratosServer, folder: Path, workspace_key: str) -> World:
    console = {"project_id": PROJECT, "workspace_key": workspace_key, "console_url": server.url}
    return World(server, folder, api_key=KEY, **console)


def organization(key: str, *domains: str) -> Operation:
    return Operation(f'organization["{key}"]', "organization", "create", puts({"key": key, "domains": domains}))


def member(person: str, organization: str | None, user: str | None = None) -> Operation:
    refs = {"user": Ref("", user), "organization": Ref("", organization, "acme")}
    return Operation(f'organization_member["{person}","acme"]', "organization_member", "create", refs=refs)


def test_an_organization_is_made_once(project: World) -> None:
    """Nothing there keeps its label unique: it is looked for first."""
    (made,) = project.send(organization("acme", "acme.example.com"))
    with pytest.raises(Failed) as again:
        project.send(organization("acme"))
    assert again.value.failure.code is Code.EXISTS
    assert [(own["id"], own["label"], own["domains"]) for own in project.server.organizations] == [
        (made.id, "acme", ["acme.example.com"])
    ]


def test_organizations_are_read_to_the_end(project: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pages, and looked up by their key."""
    monkeypatch.setattr(organizations, "PAGE", 2)
    for key in "abcde":
        project.server.ask("POST", f"/projects/{PROJECT}/organizations", {"label": key})
    records, _ = project.read("organization")
    assert [record.values["key"] for record in records] == list("abcde")
    assert [len(own.records) for own in project.find("organization", "key", "d", "z")] == [1, 0]


def test_an_identity_is_created_in_its_organization(project: World) -> None:
    """In the same call, and read back from the same answers."""
    (made,) = project.send(organization("acme"))
    own = create(1)
    child = member("s1", made.id)
    parent = Operation(own.address, own.kind, own.verb, own.changes, children=(child,))
    user, joined, other = project.send(parent, create(2), route="batch")
    assert (joined.address, joined.id) == (child.address, member_id(str(user.id), str(made.id)))
    assert [one["organization_id"] for one in project.server.identities] == [made.id, None]
    (record,), _ = project.read("organization_member")
    assert (record.id, record.refs["user"].id, record.refs["organization"].id) == (joined.id, user.id, made.id)
    assert project.send(member("s1", made.id, user.id))[0].status == "already"
    with pytest.raises(Failed) as late:
        project.send(member("s2", made.id, other.id))
    assert late.value.failure.code is Code.UNSUPPORTED


def test_an_update_keeps_the_organization(project: World) -> None:
    """Nobody leaves it by another change."""
    (made,) = project.send(organization("acme"))
    id = project.put(traits={"email": "a@example.com"}, organization_id=made.id)
    project.update(id, {"traits.name.first": "A"})
    assert project.get(id)["organization_id"] == made.id


def test_the_console_has_a_key_of_its_own(project: World) -> None:
    """A wrong one says so; the project's own is not sent there."""
    with _world(project.server, project.folder, "ory_wak_wrong") as wrong:
        with pytest.raises(AccessDenied) as denied:
            wrong.read("organization")
        assert wrong.reader().access()["organizations"] is False
    assert "ory_wak" not in str(denied.value)
    assert project.reader().access()["organizations"] is True


def test_without_a_project_there_are_no_organizations(world: World) -> None:
    """A Kratos of one's own has none."""
    schema = world.schema()
    assert "organization" in schema.absent
    assert not {"organization", "organization_member"} & schema.kinds.keys()
