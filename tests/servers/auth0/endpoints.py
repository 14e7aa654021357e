"""The endpoints this server offers: who answers them, the group of their rate limit, the scopes OpenAPI names."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from tests.servers.auth0 import identities, organizations, roles, users
from tests.servers.auth0.jobs import Jobs
from tests.servers.auth0.request import Answer, Request
from tests.servers.auth0.tenant import Tenant

Handler = Callable[[Tenant, Request], Answer]


@dataclass(frozen=True)
class Endpoint:
    """name: "GET /users/{user}"."""

    name: str
    handler: Handler
    group: str
    scopes: tuple[str, ...]

    def matches(self, method: str, path: str) -> dict[str, str] | None:
        """What stands in the path, if it is of this endpoint."""
        own, _, template = self.name.partition(" ")
        if own != method:
            return None
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        found = re.fullmatch(pattern, path)
        return None if found is None else {name: unquote(value) for name, value in found.groupdict().items()}


def endpoints(jobs: Jobs) -> tuple[Endpoint, ...]:
    """Fixed paths before those with a name in them."""
    return tuple(
        Endpoint(name, handler, group, tuple(scopes.split()))
        for name, handler, group, scopes in (
            ("GET /connections", identities.connections, "read_connections", "read:connections"),
            ("DELETE /connections/{connection}/users", identities.remove_by_email, "write_users", "delete:users"),
            ("GET /users", users.search, "read_users", "read:users"),
            ("POST /users", users.create, "write_users", "create:users"),
            ("GET /users-by-email", users.by_email, "read_users", "read:users"),
            ("GET /users/{user}", users.get, "read_users", "read:users"),
            ("PATCH /users/{user}", users.update, "write_users", "update:users update:users_app_metadata"),
            ("DELETE /users/{user}", users.delete, "write_users", "delete:users"),
            ("GET /users/{user}/roles", roles.of_user, "read_users", "read:users read:roles"),
            ("DELETE /users/{user}/roles", roles.remove_from_user, "write_users", "update:users"),
            ("GET /users/{user}/organizations", organizations.of_user, "read_users", "read:organizations"),
            ("POST /users/{user}/identities", identities.link, "write_users", "update:users"),
            ("DELETE /users/{user}/identities/{provider}/{subject}", identities.unlink, "write_users", "update:users"),
            ("POST /jobs/users-exports", jobs.export, "management", "read:users"),
            ("POST /jobs/users-imports", jobs.submit, "management", "create:users"),
            ("GET /jobs/{job}", jobs.get, "management", "create:users read:users"),
            ("GET /jobs/{job}/errors", jobs.errors, "management", "create:users read:users"),
            ("GET /roles", roles.list_all, "management", "read:roles"),
            ("POST /roles", roles.create, "management", "create:roles"),
            ("PATCH /roles/{role}", roles.update, "management", "update:roles"),
            ("GET /roles/{role}/users", roles.members, "management", "read:users read:roles"),
            ("POST /roles/{role}/users", roles.add_members, "management", "update:roles"),
            ("GET /organizations", organizations.list_all, "management", "read:organizations"),
            ("POST /organizations", organizations.create, "write_organizations", "create:organizations"),
            ("GET /organizations/name/{name}", organizations.by_name, "management", "read:organizations"),
            (f"PATCH {_ONE}", organizations.update, "write_organizations", "update:organizations"),
            (f"GET {_MEMBERS}", organizations.members, "management", "read:organization_members"),
            (f"POST {_MEMBERS}", organizations.add_members, _WRITES, "create:organization_members"),
            (f"DELETE {_MEMBERS}", organizations.remove_members, _WRITES, "delete:organization_members"),
            (f"GET {_ROLES}", organizations.member_roles, "management", "read:organization_member_roles"),
            (f"POST {_ROLES}", organizations.add_member_roles, _WRITES, "create:organization_member_roles"),
            (f"DELETE {_ROLES}", organizations.remove_member_roles, _WRITES, "delete:organization_member_roles"),
        )
    )


_ONE: Final = "/organizations/{organization}"
_MEMBERS: Final = f"{_ONE}/members"
_ROLES: Final = f"{_MEMBERS}/{{user}}/roles"
_WRITES: Final = "write_organization_members"
