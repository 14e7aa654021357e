"""Connections, and identities that are linked to a user."""

from typing import Any

from tests.servers.auth0 import people, refusal, shapes
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer, Request, listed
from tests.servers.auth0.tenant import Connection, Tenant, User


def connections(tenant: Tenant, request: Request) -> Answer:
    """The name in exact case (OpenAPI: GET /connections, the parameter name)."""
    name = request.query.get("name")
    found = [_shown(own, request) for own in tenant.connections.values() if name in (None, own.name)]
    return listed(request, found, "connections", checkpoint=True)


def _shown(connection: Connection, request: Request) -> dict[str, Any]:
    shown = {
        "id": connection.id,
        "name": connection.name,
        "strategy": connection.strategy,
        "options": connection.options,
    }
    fields = request.query.get("fields")
    return shown if fields is None else {name: shown[name] for name in fields.split(",") if name in shown}


def remove_by_email(tenant: Tenant, request: Request) -> Answer:
    """DELETE /connections/{id}/users: the way to be rid of a ghost (vendors/auth0.md 15.1)."""
    connection = tenant.connections.get(request.at["connection"])
    if connection is None:
        raise Refusal(400, "The connection does not exist", "inexistent_connection")
    email = request.query.get("email", "")
    connection.ghosts.pop(email, None)
    if (user_id := connection.taken.get(("email", email))) is not None:
        people.remove(tenant, user_id)
    return Answer(204)


def sign_in(tenant: Tenant, connection: Connection, subject: str, email: str = "") -> User:
    """Somebody signs in with a social or a company's account for the first time."""
    now = tenant.date()
    identity = {"connection": connection.name, "provider": connection.strategy, "user_id": subject, "isSocial": True}
    user: User = {
        "user_id": f"{connection.strategy}|{subject}",
        "created_at": now,
        "updated_at": now,
        "identities": [identity],
        **({"email": email, "email_verified": True} if email else {}),
    }
    tenant.users[user["user_id"]] = user
    return user


def link(tenant: Tenant, request: Request) -> Answer:
    """OpenAPI: POST /users/{id}/identities 400 and 409. The other user's own metadata is lost (vendors/auth0.md 9)."""
    user = tenant.user(request.at["user"])
    body = shapes.checked(request.body, shapes.IDENTITY, "provider", "user_id")
    connection = tenant.connections.get(body.get("connection_id", ""))
    if connection is None or connection.strategy != body["provider"]:
        raise Refusal(400, "The provider/connection is not configured.", "invalid_body")
    subject = str(body["user_id"])
    for other in tenant.users.values():
        if any((own["connection"], own["user_id"]) == (connection.name, subject) for own in other["identities"][1:]):
            raise Refusal(409, "Specified identity already exists.", "identity_conflict")
    second = tenant.users.get(f"{connection.strategy}|{subject}")
    if second is None:
        raise Refusal(400, "Linking to an inexistent identity is not allowed.")
    if second is user:
        raise refusal.body("Main identity and the new one are the same.")
    del tenant.users[second["user_id"]]
    user["identities"] += second["identities"]
    return Answer(201, user["identities"])


def unlink(tenant: Tenant, request: Request) -> Answer:
    """What is unlinked is a user of its own again. OpenAPI: 400, the main identity cannot be removed."""
    user = tenant.user(request.at["user"])
    wanted = (request.at["provider"], request.at["subject"])
    number = next(
        (n for n, own in enumerate(user["identities"]) if (own["provider"], str(own["user_id"])) == wanted), None
    )
    if not number:
        raise Refusal(400, "Main identity cannot be removed.", "invalid_body")
    identity = user["identities"].pop(number)
    sign_in(tenant, tenant.connection(identity["connection"]), str(identity["user_id"]))
    return Answer(200, user["identities"])
