"""Every request of the provider, and every answer of our tenant, by the vendor's own description."""

from pathlib import Path

import pytest

from poolshift.identity.record import Ref
from poolshift.provider.operation import Operation
from poolshift_providers.auth0.api import ENDPOINTS
from poolshift_providers.auth0.routes import JOB
from tests.providers.auth0.world import World, create, element, link, puts, update
from tests.servers.auth0 import Auth0Server
from tests.servers.auth0.described import description
from tests.servers.prism import Prism

ANN = "auth0|00000000-0000-4000-8000-000000000001"


@pytest.mark.slow
def test_no_request_and_no_answer_breaks_the_description(server: Auth0Server, tmp_path: Path) -> None:
    """Each endpoint that the provider knows is called once at least."""
    server.database.options = {"requires_username": True}
    with Prism(description(tmp_path), server.url) as prism:
        world = World(server, tmp_path, prism.url)
        assert world.schema().kinds
        with world.reader() as reader:
            assert set(reader.access().values()) == {True, None}
        world.send(create(1, username="ann", app_metadata__plan="gold", enabled=False))
        outcomes = world.send(create(2, username="bob", phone_number="+32470"), create(1, username="ann"), route=JOB)
        assert [outcome.status for outcome in outcomes] == ["done", "failed"]
        world.send(update(ANN, email="New@example.com", username="newann", app_metadata__plan=None, credential="reset"))
        organization = _shared(world)
        role = next(iter(server.tenant.roles))
        server.sign_in("100")
        for verb in ("create", "delete"):
            world.send(element("role_member", verb, ANN, role))
            if verb == "create":
                world.send(element("organization_member", verb, ANN, organization))
            scoped = element("role_member", verb, ANN, f"{organization}/{role}")
            world.send(scoped, route="member_api" if verb == "create" else "api")
            _look(world)
            links = world.find("link", "user", ANN)
            world.send(link(verb, ANN, id=links[0].id if links else None))
        world.send(element("organization_member", "delete", ANN, organization))
        world.read("organization", "role", "organization_member", "role_member", "user", "link")
        world.send(Operation('user["1"]', "user", "delete", id=ANN))
        assert "violation" not in prism.log.lower()
    asked = {(name.partition(" ")[0], name.count("/")) for name in server.log.counts}
    assert asked >= {(own.method, own.path.count("/")) for own in ENDPOINTS.values()}
    assert {status for _, status in server.log.answered} <= {200, 201, 202, 204}
    assert server.mails == []


def _shared(world: World) -> str:
    """An organization and a role in it, made and changed; the organization's id."""
    changes = puts({"key": "acme", "name": "Acme"})
    [made] = world.send(Operation('organization["acme"]', "organization", "create", changes))
    organization = str(made.id)
    refs = {"organization": Ref("", organization)}
    changes = puts({"name": "owner", "scope": "organization:acme"})
    [role] = world.send(Operation('role["organization:acme","owner"]', "role", "create", changes, refs=refs))
    world.send(Operation('role["organization:acme","owner"]', "role", "update", puts({"description": "x"}), id=role.id))
    world.send(Operation('organization["acme"]', "organization", "update", puts({"name": "Acme Ltd"}), id=organization))
    return organization


def _look(world: World) -> None:
    assert world.find("user", "user_id", ANN.partition("|")[2])
    assert world.find("user", "email", "New@example.com")
    assert world.find("role", "name", "owner")
    assert world.find("organization", "key", "acme")
    world.find("role_member", "user", ANN)
    world.find("organization_member", "user", ANN)
