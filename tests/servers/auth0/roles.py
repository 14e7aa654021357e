"""Roles of the tenant and who has them."""

from tests.servers.auth0 import refusal, shapes
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer, Request, listed
from tests.servers.auth0.tenant import Role, Tenant, new_id

ROLES_A_USER = 50  # vendors/auth0.md 8


def list_all(tenant: Tenant, request: Request) -> Answer:
    """name_filter takes a part of a name, in any case."""
    part = request.query.get("name_filter", "").lower()
    return listed(request, [role.shown for role in tenant.roles.values() if part in role.name.lower()], "roles")


def create(tenant: Tenant, request: Request) -> Answer:
    body = shapes.checked(request.body, shapes.ROLE, "name")
    if any(role.name == body["name"] for role in tenant.roles.values()):
        raise Refusal(409, "The role already exists.", "role_conflict")
    role = Role(new_id("rol_"), body["name"], body.get("description") or body["name"])
    tenant.roles[role.id] = role
    return Answer(200, role.shown)


def update(tenant: Tenant, request: Request) -> Answer:
    role = tenant.role(request.at["role"])
    body = shapes.checked(request.body, shapes.ROLE)
    role.name = body.get("name", role.name)
    role.description = body.get("description", role.description)
    return Answer(200, role.shown)


def members(tenant: Tenant, request: Request) -> Answer:
    found = []
    for user_id in tenant.role(request.at["role"]).members:
        user = tenant.users[user_id]
        found.append({name: user[name] for name in ("user_id", "email", "name", "picture") if user.get(name)})
    return listed(request, found, "users", checkpoint=True)


def add_members(tenant: Tenant, request: Request) -> Answer:
    """All or nobody (OpenAPI: POST /roles/{id}/users 404)."""
    role = tenant.role(request.at["role"])
    users = shapes.texts(request.body, "users", least=0)
    if any(user_id not in tenant.users for user_id in users):
        raise Refusal(404, "One or more of the users do not exist.", "inexistent_user")
    for user_id in users:
        others = sum(user_id in other.members for other in tenant.roles.values() if other is not role)
        if others >= ROLES_A_USER:
            raise Refusal(400, "No more roles can be assigned to this user.", "quota_reached")
    role.members.update(dict.fromkeys(users))
    return Answer(200)


def of_user(tenant: Tenant, request: Request) -> Answer:
    """Nobody has none: OpenAPI knows no 404 of GET /users/{id}/roles."""
    own = [role.shown for role in tenant.roles.values() if request.at["user"] in role.members]
    return listed(request, own, "roles")


def remove_from_user(tenant: Tenant, request: Request) -> Answer:
    for role_id in shapes.texts(request.body, "roles"):
        if role_id not in tenant.roles:
            raise refusal.uri("Role not found.")
        tenant.roles[role_id].members.pop(request.at["user"], None)
    return Answer(204)
