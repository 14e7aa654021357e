"""Users over the API, and searches for them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.servers.auth0 import people, refusal, shapes
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer, Request
from tests.servers.auth0.tenant import Connection, Tenant, User

# OpenAPI: PATCH /users/{id} 400, x-description-4 to -8.
EXCLUDED: Final = (
    ("password", "email"),
    ("password", "email_verified"),
    ("username", "email"),
    ("username", "email_verified"),
    ("username", "password"),
)
# OpenAPI: PATCH /users/{id} 400, x-description-15.
UNREMOVABLE: Final = frozenset({"family_name", "given_name", "name", "nickname", "picture"})
_SEARCH_END: Final = 1_000


def create(tenant: Tenant, request: Request) -> Answer:
    body = shapes.checked(request.body, shapes.NEW_USER, "connection")
    connection = tenant.connection(body["connection"])
    _must_take_people(connection, body)
    people.refuse_metadata(body)
    chosen = body.get("user_id")
    if (chosen and people.id_is_taken(tenant, chosen)) or people.holder(connection, body):
        raise people.exists()
    user = people.make(tenant, connection, body)
    tenant.passwords[user["user_id"]] = body["password"]
    # vendors/auth0.md 3: sent where the address is not verified, unless verify_email says otherwise.
    if "email" in body and body.get("verify_email", not body.get("email_verified")):
        tenant.send("verification", user["user_id"])
    return Answer(201, user)


def _must_take_people(connection: Connection, body: Mapping[str, Any]) -> None:
    """OpenAPI: POST /users 400, x-description-1 to -4; a database connection wants a password."""
    if connection.strategy != "auth0":
        raise Refusal(400, "Connection does not support user creation through the API.", "operation_not_supported")
    if not connection.enabled:
        raise Refusal(400, "Connection is disabled.", "connection_disabled")
    if "username" in body and not connection.takes_usernames:
        raise Refusal(400, "Cannot set username for connection without requires_username.", "invalid_body")
    if not {"email", "username", "phone_number"} & body.keys() or "password" not in body:
        raise refusal.body("Missing required property: email or password")


def get(tenant: Tenant, request: Request) -> Answer:
    return Answer(200, _fields(request, tenant.user(request.at["user"])))


def by_email(tenant: Tenant, request: Request) -> Answer:
    """Exact and in exact case (vendors/auth0.md 2): at once, not as a search."""
    if "email" not in request.query:
        raise refusal.query("Query validation error: Missing required property: email")
    wanted = request.query["email"]
    ids = {own.taken.get(("email", wanted)) for own in tenant.connections.values()}
    return Answer(200, [_fields(request, tenant.users[user_id]) for user_id in ids if user_id is not None])


def search(tenant: Tenant, request: Request) -> Answer:
    """OpenAPI: GET /users 400: only the first 1,000 records; and it lags behind."""
    number, size = request.page()
    if (number + 1) * size > _SEARCH_END:
        raise refusal.query(f"You can only page through the first {_SEARCH_END} records.")
    found = [user for user in tenant.shown() if _matches(user, request.query.get("q", ""))]
    page = [_fields(request, user) for user in found[number * size : (number + 1) * size]]
    if not request.totals:
        return Answer(200, page)
    return Answer(200, {"start": number * size, "limit": size, "length": len(page), "total": len(found), "users": page})


def _matches(user: User, q: str) -> bool:
    if not q:
        return True
    found = re.fullmatch(r'([\w.]+):"([^"]*)"', q)
    if found is None:
        raise refusal.query('This server understands one NAME:"VALUE" only.')
    if found[1] == "identities.connection":
        return any(identity["connection"] == found[2] for identity in user["identities"])
    value: Any = user
    for part in found[1].split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return bool(value == found[2])


def update(tenant: Tenant, request: Request) -> Answer:
    user = tenant.user(request.at["user"])
    body = shapes.checked(request.body, shapes.USER, more=True)
    if not body:
        raise refusal.body("Object has no properties")
    _must_be_changeable(user, body)
    people.refuse_metadata(body)
    connection = tenant.connection_of(user)
    if "username" in body and not connection.takes_usernames:
        raise Refusal(400, "Cannot set username for connection without requires_username.", "invalid_body")
    if people.holder(connection, body, but=user["user_id"]):
        raise Refusal(400, "The specified new email already exists", "auth0_idp_error")
    asks: dict[str, bool] = {name: body[name] for name in ("verify_email", "verify_phone_number") if name in body}
    before: dict[str, Any] = {name: user.get(name) for name in ("email", "phone_number")}
    own = {"connection", "client_id", "verify_email", "verify_phone_number", "password"}
    people.change(tenant, user, {name: value for name, value in body.items() if name not in own})
    _write_to(tenant, user, before, asks)
    return Answer(200, user)


def _must_be_changeable(user: User, body: Mapping[str, Any]) -> None:
    for one, other in EXCLUDED:
        if one in body and other in body:
            raise Refusal(400, f"Cannot update {one} and {other} simultaneously.", "operation_not_supported")
    if names := sorted(name for name in UNREMOVABLE if name in body and body[name] is None):
        raise Refusal(400, f"The following user attributes cannot be removed: {', '.join(names)}.", "invalid_body")
    if "user_id" in body:
        raise refusal.body("Additional properties not allowed: user_id")


def _write_to(tenant: Tenant, user: User, before: Mapping[str, Any], asks: Mapping[str, bool]) -> None:
    """vendors/auth0.md 11: a changed address is written to, unless the request says no."""
    for name, flag, kind in (
        ("email", "verify_email", "verification"),
        ("phone_number", "verify_phone_number", "text message"),
    ):
        if user.get(name) != before[name] and user.get(name) is not None and asks.get(flag, True):
            tenant.send(kind, user["user_id"])


def delete(tenant: Tenant, request: Request) -> Answer:
    """204 also for an id that is not there (vendors/auth0.md 11)."""
    people.remove(tenant, request.at["user"])
    return Answer(204)


def _fields(request: Request, user: User) -> User:
    """OpenAPI: the parameters fields and include_fields."""
    if "fields" not in request.query:
        return user
    names = set(request.query["fields"].split(","))
    included = request.query.get("include_fields", "true") == "true"
    return {name: value for name, value in user.items() if (name in names) == included}
