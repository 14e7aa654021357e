"""The two ends of a migration, and what is at the second."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.population.people import Person
from tests.servers.cognito import CognitoServer, invented
from tests.servers.cognito.pool import Pool
from tests.servers.keycloak import Realm

People = Mapping[str, Mapping[str, Any]]
"""Everybody by id: fields, attributes, groups, roles, organizations, links."""

PROVIDERS: Final = ("google", "corp-saml")
_FIELDS: Final = ("username", "email", "emailVerified", "firstName", "lastName", "enabled")
_REFUSED: Final = ("person-name-prohibited-characters", "username-prohibited-characters")


class Ends:
    """People sign in to the pool with a user name; to the realm with that or their address."""

    def __init__(self, server: CognitoServer, realm: Realm) -> None:
        self.server = server
        self.realm = realm
        prepare(realm)

    @property
    def pool(self) -> Pool:
        return self.server.pool(self.server.pool_id)

    def seed(self, people: Sequence[Person]) -> None:
        """Into the pool, with their groups; the names of groups as a pool takes them."""
        records = [
            {**one, "Groups": tuple(name.replace(" ", "-") for name in one["Groups"])}
            for one in invented.records_of(people)
        ]
        self.server.seed(records, invented.groups(records))

    def moved(self) -> People:
        return moved(self.realm)


def prepare(realm: Realm) -> None:
    """A realm that takes the names people had, and knows where they sign in."""
    realm.loosen(*_REFUSED)
    realm.add_identity_providers(PROVIDERS)


def moved(realm: Realm) -> People:
    """Who is in the realm, read by its lists."""
    found: dict[str, dict[str, Any]] = {}
    for user in realm.listed("/users", briefRepresentation="false"):
        attributes = {name: held[0] for name, held in user.get("attributes", {}).items()}
        empty: dict[str, Any] = {"groups": set(), "roles": set(), "organizations": set(), "links": set()}
        found[user["id"]] = {
            **{name: user[name] for name in _FIELDS if name in user},
            "attributes": attributes,
            "actions": set(user.get("requiredActions", ())),
            **empty,
        }
    for what, name, member in _memberships(realm):
        found[member][what].add(name)
    for alias in PROVIDERS:
        for user in realm.listed("/users", idpAlias=alias, briefRepresentation="true"):
            for own in realm.ask("GET", f"/users/{user['id']}/federated-identity"):
                found[user["id"]]["links"].add((own["identityProvider"], own["userId"]))
    return found


def _memberships(realm: Realm) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    lists: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for group in realm.listed("/groups"):
        for own in (group, *realm.listed(f"/groups/{group['id']}/children")):
            lists["groups"].append((own["path"], f"/groups/{own['id']}/members"))
    for role in realm.listed("/roles"):
        if role["name"].startswith("default-roles-"):
            continue  # everybody has it, poolshift's own account too
        lists["roles"].append((role["name"], f"/roles/{role['name']}/users"))
    for own in realm.listed("/organizations"):
        lists["organizations"].append((own["alias"], f"/organizations/{own['id']}/members"))
    for what, paths in lists.items():
        for name, path in paths:
            found += ((what, name, user["id"]) for user in realm.listed(path, briefRepresentation="true"))
    return found
