"""An old pool, a tenant, and who is in it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.population.people import Person
from tests.servers.auth0 import Auth0Server
from tests.servers.auth0.people import PREFIX
from tests.servers.cognito import CognitoServer, invented
from tests.servers.cognito.pool import Pool

People = Mapping[str, Mapping[str, Any]]
"""Everybody by the id they had: fields, roles, organizations; without times and pictures of the tenant."""

_OWN: Final = ("user_id", "identities", "created_at", "updated_at", "picture", "nickname")


class Ends:
    """Both ends of a migration."""

    def __init__(self, cognito: CognitoServer, auth0: Auth0Server) -> None:
        self.cognito = cognito
        self.auth0 = auth0

    @property
    def old(self) -> Pool:
        return self.cognito.pool()

    def seed(self, people: Sequence[Person]) -> None:
        """Into the old pool, with their groups."""
        records = [
            {**record, "Groups": tuple(map(group_name, record["Groups"]))} for record in invented.records_of(people)
        ]
        self.cognito.seed(records, invented.groups(records))

    def moved(self) -> People:
        return moved(self.auth0)


def moved(auth0: Auth0Server) -> People:
    """Who is in the tenant."""
    tenant = auth0.tenant
    found: dict[str, dict[str, Any]] = {}
    for user_id, user in tenant.users.items():
        assert user_id.startswith(PREFIX)
        fields = {name: value for name, value in user.items() if name not in _OWN}
        found[user_id.removeprefix(PREFIX)] = {**fields, "roles": set(), "organizations": set()}
    for role in tenant.roles.values():
        for user_id in role.members:
            found[user_id.removeprefix(PREFIX)]["roles"].add(("", role.name))
    for organization in tenant.organizations.values():
        for user_id, roles in organization.members.items():
            own = found[user_id.removeprefix(PREFIX)]
            own["organizations"].add(organization.name)
            own["roles"] |= {(organization.name, tenant.roles[role].name) for role in roles}
    return found


def group_name(name: str) -> str:
    """A pool takes no space in the name of a group."""
    return name.replace(" ", "-")
