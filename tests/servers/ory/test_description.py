"""Every call the provider makes, and every answer of our Kratos, is one that the vendor describes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from poolshift.provider.operation import Failed, Operation
from poolshift_providers.ory.identity_record import link_id
from tests.providers.ory.test_organizations import PROJECT, member, organization
from tests.providers.ory.test_user_writes import FULL
from tests.providers.ory.world import KEY, World, create, link
from tests.servers.foreign import described
from tests.servers.ory import KratosServer
from tests.servers.prism import Prism

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged() -> Iterator[tuple[KratosServer, Prism]]:
    with KratosServer(key=KEY) as server, Prism(described("kratos-v26.2.0"), server.url) as prism:
        yield server, prism


def test_no_call_breaks_the_description(judged: tuple[KratosServer, Prism], tmp_path: Path) -> None:
    """Creates, batches, refused rows, patches, links, look-ups, deletes: each ends as it does without a judge."""
    server, prism = judged
    with World(server, tmp_path, url=prism.url, api_key=KEY, tier="enterprise") as world:
        whole = {"email_verified": True, "traits.phone_number": "+32470000009", "metadata_public.groups": []}
        made = world.send(create(1, whole, links={"google": "g"}), create(2), create(2), route="batch")
        assert [own.status for own in made] == ["done", "done", "done", "failed"]
        (alone,) = world.send(create(3, {"enabled": False}))
        with pytest.raises(Failed):
            world.send(create(3))
        id = world.put(**FULL)
        world.update(id, {"traits.email": "n@example.com", "email_verified": True, "metadata_admin.x": 1})
        world.send(link("github", "2", user=id))
        world.send(link("github", "2", user=id, verb="delete", id=link_id(id, "github", "2")))
        world.send(Operation('user["s3"]', "user", "delete", id=alone.id))
        assert [len(own.records) for own in world.find("user", "id", id, str(alone.id))] == [1, 0]
        assert [len(own.records) for own in world.find("user", "external_id", "s1", "none")] == [1, 0]
        assert [len(own.records) for own in world.find("user", "traits.email", "p2@example.com")] == [1]
        assert (len(world.read("user")[0]), len(world.read("link")[0])) == (3, 2)
        after = world.get(id)
    assert after["metadata_admin"] == {"note": "kept", "x": 1}
    assert after["credentials"]["password"] == {
        **after["credentials"]["password"],
        "config": {"hashed_password": "$2a$12$invented"},
    }
    assert prism.violations == []


def test_no_call_to_a_project_of_the_network_breaks_its_description(tmp_path: Path) -> None:
    """Its own description has the organizations, and knows identities, too."""
    with KratosServer(key=KEY) as server, Prism(described("ory-network"), server.url) as prism:
        console = {"project_id": PROJECT, "workspace_key": server.workspace_key, "console_url": prism.url}
        with World(server, tmp_path, url=prism.url, api_key=KEY, tier="enterprise", **console) as world:
            (acme,) = world.send(organization("acme", "acme.example.com"))
            person = create(1, {"email_verified": True}, links={"google": "g"})
            person = replace(person, children=(*person.children, member("s1", acme.id)))
            made = world.send(person, create(2), route="batch")
            world.update(str(made[0].id), {"traits.name.first": "A", "metadata_public.x": 1})
            assert [len(world.read(kind)[0]) for kind in ("organization", "user", "organization_member")] == [1, 2, 1]
            assert world.get(str(made[0].id))["organization_id"] == acme.id
        assert prism.violations == []


def test_a_call_that_is_not_described_is_noticed(judged: tuple[KratosServer, Prism]) -> None:
    """The judge judges: a wrong request does not pass it."""
    _, prism = judged
    with httpx.Client(base_url=prism.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        answer = client.post("/admin/identities", json={"traits": {}})
    assert answer.status_code == 422
    end = time.monotonic() + 10
    while not prism.violations and time.monotonic() < end:
        time.sleep(0.05)  # it writes its log after its answer
    assert len(prism.violations) == 1
