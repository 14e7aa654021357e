"""Organizations, their members, and the roles members have there."""

from typing import Any, Final

from tests.servers.auth0 import refusal, shapes
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer, Request, listed
from tests.servers.auth0.tenant import Organization, Tenant, new_id

_MEMBER_FIELDS: Final = ("user_id", "email", "picture", "name")
ROLES_A_MEMBER: Final = 50  # OpenAPI: POST /organizations/{id}/members/{user_id}/roles 409


def _shown(organization: Organization) -> dict[str, Any]:
    return {"id": organization.id, "name": organization.name, "display_name": organization.display_name}


def _of(tenant: Tenant, request: Request) -> Organization:
    found = tenant.organizations.get(request.at["organization"])
    if found is None:
        raise Refusal(400, "No organization found by that id", "inexistent_organization")
    return found


def list_all(tenant: Tenant, request: Request) -> Answer:
    return listed(request, list(map(_shown, tenant.organizations.values())), "organizations", checkpoint=True)


def by_name(tenant: Tenant, request: Request) -> Answer:
    for organization in tenant.organizations.values():
        if organization.name == request.at["name"]:
            return Answer(200, _shown(organization))
    raise Refusal(400, "No organization found by that name", "inexistent_organization")


def create(tenant: Tenant, request: Request) -> Answer:
    body = shapes.checked(request.body, shapes.ORGANIZATION, "name")
    if any(own.name == body["name"] for own in tenant.organizations.values()):
        raise Refusal(409, "An organization with this name already exists.", "organization_conflict")
    made = Organization(new_id("org_"), body["name"], body.get("display_name") or body["name"])
    tenant.organizations[made.id] = made
    return Answer(201, _shown(made))


def update(tenant: Tenant, request: Request) -> Answer:
    organization = _of(tenant, request)
    body = shapes.checked(request.body, shapes.ORGANIZATION)
    organization.name = body.get("name", organization.name)
    organization.display_name = body.get("display_name", organization.display_name)
    return Answer(200, _shown(organization))


def members(tenant: Tenant, request: Request) -> Answer:
    """Roles are told only where they are asked for (OpenAPI: the parameter fields)."""
    wanted = request.query["fields"].split(",") if "fields" in request.query else list(_MEMBER_FIELDS)
    found = []
    for user_id, roles in _of(tenant, request).members.items():
        user = tenant.users[user_id]
        entry: dict[str, Any] = {name: user[name] for name in _MEMBER_FIELDS if name in wanted and user.get(name)}
        if "roles" in wanted:
            entry["roles"] = [{"id": role, "name": tenant.roles[role].name} for role in sorted(roles)]
        found.append(entry)
    return listed(request, found, "members", checkpoint=True)


def add_members(tenant: Tenant, request: Request) -> Answer:
    """At most ten at once is a safe size (vendors/auth0.md 8); all or nobody."""
    organization = _of(tenant, request)
    users = _at_most_ten(request)
    if any(user_id not in tenant.users for user_id in users):
        raise Refusal(400, "One or more of the users do not exist.", "inexistent_user")
    for user_id in users:
        organization.members.setdefault(user_id, set())
    return Answer(204)


def remove_members(tenant: Tenant, request: Request) -> Answer:
    organization = _of(tenant, request)
    for user_id in _at_most_ten(request):
        organization.members.pop(user_id, None)
    return Answer(204)


def _at_most_ten(request: Request) -> list[str]:
    users = shapes.texts(request.body, "members")
    if len(users) > 10:
        raise refusal.body("Array is too long, maximum 10: members")
    return users


def of_user(tenant: Tenant, request: Request) -> Answer:
    own = [_shown(one) for one in tenant.organizations.values() if request.at["user"] in one.members]
    return listed(request, own, "organizations")


def member_roles(tenant: Tenant, request: Request) -> Answer:
    roles = _of(tenant, request).members.get(request.at["user"], set())
    return listed(request, [tenant.roles[role].shown for role in sorted(roles)], "roles")


def add_member_roles(tenant: Tenant, request: Request) -> Answer:
    roles = _roles(tenant, request)
    organization = _of(tenant, request)
    if request.at["user"] not in organization.members:
        raise Refusal(400, "The user does not belong to the organization.", "inexistent_member")
    own = organization.members[request.at["user"]]
    if len(own | set(roles)) > ROLES_A_MEMBER:
        raise Refusal(409, "No more roles can be assigned to this organization member.", "quota_reached")
    own |= set(roles)
    return Answer(204)


def remove_member_roles(tenant: Tenant, request: Request) -> Answer:
    roles = set(_roles(tenant, request))
    organization = _of(tenant, request)
    if request.at["user"] in organization.members:
        organization.members[request.at["user"]] -= roles
    return Answer(204)


def _roles(tenant: Tenant, request: Request) -> list[str]:
    roles = shapes.texts(request.body, "roles")
    if any(role not in tenant.roles for role in roles):
        raise Refusal(400, "One or more of the roles do not exist.", "inexistent_role")
    return roles
