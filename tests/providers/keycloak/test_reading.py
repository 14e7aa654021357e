"""Reading a realm of the real server: whole or told to be partial, and found by every key."""

from collections.abc import Callable
from typing import Any

import pytest

from poolshift.errors import AccessDenied
from poolshift.identity.record import Record
from poolshift.provider.session import Complete, Partial, Want
from poolshift_providers.keycloak import paging
from poolshift_providers.keycloak.admin import Admin
from poolshift_providers.keycloak.listing import Users
from poolshift_providers.keycloak.settings import Settings
from tests.providers.keycloak.world import World

pytestmark = pytest.mark.slow


def test_every_kind_is_read_and_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pages of three, one of them read again: a person with a link, groups, roles, an organization."""
    monkeypatch.setattr(paging, "PAGE", 3)
    monkeypatch.setattr(paging, "OVERLAP", 1)
    realm = world.realm
    realm.declare(plan={}, tags={"multivalued": True})
    realm.add_identity_providers(["google", "corp-saml"])
    realm.ask("POST", "/clients", {"clientId": "till"})
    realm.ask("POST", f"/clients/{realm.client_id('till')}/roles", {"name": "cashier"})
    realm.ask("POST", "/organizations", {"name": "Acme", "alias": "acme", "domains": [{"name": "a.example"}]})
    for name in ("one", "two", "three", "four", "five", "six"):
        realm.ask("POST", "/groups", {"name": name})
    realm.ask("POST", f"/groups/{world.named('group', '/two').id}/children", {"name": "below"})
    identities = [{"identityProvider": own, "userId": f"id-{own}", "userName": "x"} for own in ("google", "corp-saml")]
    attributes = {"plan": ["gold"], "tags": ["b", "a"]}
    ann = world.put("ann", groups=["/two/below", "/one"], federatedIdentities=identities, attributes=attributes)
    cashier = world.named("role", "cashier")
    client, _, role = cashier.id.partition("/")
    realm.ask("POST", f"/users/{ann}/role-mappings/clients/{client}", [{"id": role, "name": "cashier"}])
    organization = world.named("organization", "acme")
    realm.ask("POST", f"/organizations/{organization.id}/members", ann)
    world.put("bob")

    found = {kind: world.read(kind) for kind in world.schema().kinds}
    assert {kind for kind, (records, end) in found.items() if not isinstance(end, Complete)} == set()
    assert all(end.count == len(records) for records, end in found.values() if isinstance(end, Complete))
    names = {record.values["name"] for record in found["group"][0]}
    assert names == {"/one", "/two", "/two/below", "/three", "/four", "/five", "/six"}
    assert _members(found["group_member"][0], "group") == {(ann, "/two/below"), (ann, "/one")}
    assert (ann, "cashier") in _members(found["role_member"][0], "role")
    assert not any(str(name).startswith("default-roles-") for _, name in _members(found["role_member"][0], "role"))
    assert _members(found["organization_member"][0], "organization") == {(ann, "acme")}
    links = {
        (record.refs["user"].id, record.values["provider"], record.values["subject"]) for record in found["link"][0]
    }
    assert links == {(ann, "google", "id-google"), (ann, "corp-saml", "id-corp-saml")}
    [one] = [record for record in found["user"][0] if record.id == ann]
    assert (one.values["attributes.plan"], one.values["attributes.tags"]) == ("gold", ["a", "b"])
    assert organization.values == {"key": "acme", "name": "Acme", "domains": ["a.example"]}


def _members(records: list[Record], kind: str) -> set[tuple[str | None, str | None]]:
    return {(record.refs["user"].id, record.refs[kind].key) for record in records}


def test_a_user_is_found_by_every_key(world: World) -> None:
    """By id, by an attribute with blanks and quotes in it, by address and by name whatever their case."""
    world.realm.declare(legacy={})
    value = 'a "b" c:d é'
    id = world.put("ann", email="ann@example.com", attributes={"legacy": [value]})
    world.put("annabel", email="ann@example.com.example", attributes={"legacy": [f"{value} more"]})
    for key, wanted in (
        ("id", id),
        ("attributes.legacy", value),
        ("email", "Ann@example.com"),
        ("username", "ANN"),
    ):
        assert [record.id for record in world.find("user", key, wanted)] == [id], key
        assert world.find("user", key, "nobody") == ()


@pytest.mark.parametrize(
    ("meanwhile", "complete"),
    [
        (lambda world: None, True),
        (lambda world: world.put("u-00"), False),
        (lambda world: world.put("u-99"), False),
        (lambda world: _exchange(world), True),
    ],
    ids=["nothing", "a newcomer before", "a newcomer behind", "one goes, one comes"],
)
def test_a_list_that_moves_loses_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[World], Any], complete: bool
) -> None:
    """Between two pages: whoever was there all the time is given once, and a count that moved is told."""
    monkeypatch.setattr(paging, "PAGE", 8)
    names = [f"u-{number:02d}" for number in range(10, 30)]
    for name in names:
        world.put(name)
    with world.calls(writes=False) as calls:
        users = Users(Admin(world.settings, calls))
        pages = users.pages()
        seen = [user["username"] for user in next(pages)]
        meanwhile(world)
        seen += [user["username"] for page in pages for user in page]
    assert [name for name in seen if name in names] == names
    assert (users.broken == "") is complete


def _exchange(world: World) -> None:
    """One of the first page goes, and one comes before it."""
    [gone] = world.find("user", "username", "u-11")
    world.realm.ask("DELETE", f"/users/{gone.id}")
    world.put("u-01")


def test_organizations_that_are_switched_off_are_told(world: World) -> None:
    """Nothing rests on their absence, and nothing is written."""
    world.realm.ask("PUT", "", {**world.realm.ask("GET", ""), "organizationsEnabled": False})
    for kind in ("organization", "organization_member"):
        records, end = world.read(kind)
        assert records == []
        assert isinstance(end, Partial)
        assert "switched off" in end.reason


def test_what_is_missing_is_named_before_anything_is_read(world: World) -> None:
    """A role of realm-management, the realm, the credentials: each by its name, and no secret in the text."""
    with world.reader() as reader:
        access = reader.access()
    assert all(access.values())
    world.realm.grant("view-realm", "view-identity-providers")
    with pytest.raises(AccessDenied, match="lacks the role view-users of realm-management"):
        world.read("user")
    with world.reader() as reader:
        assert set(reader.access().values()) == {None}
    own = world.settings
    for changed, told in (({"client_secret": "wrong"}, "credentials are refused"), ({"realm": "nowhere"}, "address")):
        world.settings = Settings(**{**own.model_dump(), **changed})
        with pytest.raises(AccessDenied, match=told) as refused:
            world.schema()
        assert "wrong" not in str(refused.value)


def test_what_a_realm_does_not_hold_ends_partial(world: World) -> None:
    """Every wanted kind ends once."""
    with world.reader() as reader:
        pages = list(reader.read(Want(frozenset({"factor", "attribute"}))))
    assert {page.kind: type(page.end) for page in pages if page.end} == {"factor": Partial, "attribute": Complete}
