"""The endpoints the provider uses: the quota each counts against, whether it writes, whether it may be repeated."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from poolshift.provider.session import Calls, Reply
from poolshift_providers.auth0.quotas import (
    MANAGEMENT,
    READ_CONNECTIONS,
    READ_USERS,
    WRITE_MEMBERS,
    WRITE_ORGANIZATIONS,
    WRITE_USERS,
)


class Endpoint(NamedTuple):
    """again: doing it twice is doing it once, also in what the second answer says."""

    method: str
    path: str
    quota: str = MANAGEMENT
    writes: bool = False
    again: bool = False


ENDPOINTS: Final[Mapping[str, Endpoint]] = {
    "connections": Endpoint("GET", "/connections", READ_CONNECTIONS),
    "users": Endpoint("GET", "/users", READ_USERS),
    "user": Endpoint("GET", "/users/{user}", READ_USERS),
    "users_by_email": Endpoint("GET", "/users-by-email", READ_USERS),
    "create_user": Endpoint("POST", "/users", WRITE_USERS, writes=True),
    "update_user": Endpoint("PATCH", "/users/{user}", WRITE_USERS, writes=True, again=True),
    "delete_user": Endpoint("DELETE", "/users/{user}", WRITE_USERS, writes=True, again=True),
    "roles_of_user": Endpoint("GET", "/users/{user}/roles", READ_USERS),
    "remove_roles": Endpoint("DELETE", "/users/{user}/roles", WRITE_USERS, writes=True, again=True),
    "organizations_of_user": Endpoint("GET", "/users/{user}/organizations", READ_USERS),
    "link": Endpoint("POST", "/users/{user}/identities", WRITE_USERS, writes=True),
    "unlink": Endpoint("DELETE", "/users/{user}/identities/{provider}/{subject}", WRITE_USERS, writes=True),
    # An export changes nothing of the tenant's.
    "export": Endpoint("POST", "/jobs/users-exports"),
    "import": Endpoint("POST", "/jobs/users-imports", writes=True),
    "job": Endpoint("GET", "/jobs/{job}"),
    "job_errors": Endpoint("GET", "/jobs/{job}/errors"),
    "roles": Endpoint("GET", "/roles"),
    "create_role": Endpoint("POST", "/roles", writes=True),
    "update_role": Endpoint("PATCH", "/roles/{role}", writes=True, again=True),
    "role_members": Endpoint("GET", "/roles/{role}/users"),
    "add_role_members": Endpoint("POST", "/roles/{role}/users", writes=True, again=True),
    "organizations": Endpoint("GET", "/organizations"),
    "organization_by_name": Endpoint("GET", "/organizations/name/{name}"),
    "create_organization": Endpoint("POST", "/organizations", WRITE_ORGANIZATIONS, writes=True),
    "update_organization": Endpoint(
        "PATCH", "/organizations/{organization}", WRITE_ORGANIZATIONS, writes=True, again=True
    ),
    "members": Endpoint("GET", "/organizations/{organization}/members"),
    "add_members": Endpoint("POST", "/organizations/{organization}/members", WRITE_MEMBERS, writes=True, again=True),
    "remove_members": Endpoint(
        "DELETE", "/organizations/{organization}/members", WRITE_MEMBERS, writes=True, again=True
    ),
    "member_roles": Endpoint("GET", "/organizations/{organization}/members/{user}/roles"),
    "add_member_roles": Endpoint(
        "POST", "/organizations/{organization}/members/{user}/roles", WRITE_MEMBERS, writes=True, again=True
    ),
    "remove_member_roles": Endpoint(
        "DELETE", "/organizations/{organization}/members/{user}/roles", WRITE_MEMBERS, writes=True, again=True
    ),
}


class ManagementApi:
    """Calls on one tenant."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def __call__(
        self,
        name: str,
        at: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        ok: Mapping[int, str] | None = None,
    ) -> Reply:
        """One request; ``at`` fills the path. Raises what `Calls.http` raises."""
        endpoint = ENDPOINTS[name]
        return self._calls.http(
            endpoint.method,
            endpoint.path.format(**{part: quote(value, safe="") for part, value in (at or {}).items()}),
            quota=endpoint.quota,
            writes=endpoint.writes,
            again=endpoint.again,
            query=query,
            json=json,
            body=body,
            headers=headers,
            ok=ok,
        )
