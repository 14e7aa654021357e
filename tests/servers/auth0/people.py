"""People as the tenant keeps them: made, changed, merged, removed. Shared by the API and by import jobs."""

from collections.abc import Mapping
from typing import Any, Final

from tests.servers.auth0 import refusal
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.tenant import Connection, Tenant, User, new_id

PREFIX: Final = "auth0|"
METADATA: Final = ("app_metadata", "user_metadata")
# vendors/auth0.md 3, "prohibited app_metadata keys".
PROHIBITED: Final = frozenset(
    "__tenant _id blocked clientID created_at email_verified email globalClientID global_client_id identities lastIP "
    "lastLogin loginsCount metadata multifactor_last_modified multifactor updated_at user_id".split()
)
_LOWER: Final = ("email", "username")
_GRAVATAR: Final = "https://s.gravatar.example/avatar/0"


def metadata_problem(document: Mapping[str, Any]) -> str:
    """The name of a metadata member that may not be written (vendors/auth0.md 3); empty where all may."""
    for name in METADATA:
        for key in document.get(name) or {}:
            if "." in key or "$" in key or (name == "app_metadata" and key in PROHIBITED):
                return f"{name}.{key}"
    return ""


def holder(connection: Connection, document: Mapping[str, Any], but: str = "") -> tuple[str, str] | None:
    """(field, user id) of somebody in the connection who has one of these names; ghosts count."""
    for name in connection.uniques:
        value = document.get(name)
        if not isinstance(value, str):
            continue
        wanted = value.lower() if name in _LOWER else value
        found = connection.taken.get((name, wanted))
        if found is None and name == "email":
            found = connection.ghosts.get(wanted)
        if found is not None and found != but:
            return name, found
    return None


def make(tenant: Tenant, connection: Connection, document: Mapping[str, Any], shown_after: float | None = None) -> User:
    """A new user of the connection. The caller has checked names and ids."""
    chosen = document.get("user_id") or new_id("", 24).lower()
    user_id = f"{PREFIX}{chosen}"
    now = tenant.date()
    user: User = {
        "user_id": user_id,
        "created_at": now,
        "updated_at": now,
        "email_verified": False,
        "identities": [
            {"connection": connection.name, "provider": connection.strategy, "user_id": chosen, "isSocial": False}
        ],
        "picture": _GRAVATAR,
        "name": document.get("email") or document.get("username") or document.get("phone_number"),
        "nickname": str(document.get("email") or document.get("username") or chosen).partition("@")[0],
    }
    for name, value in document.items():
        if name in ("connection", "password", "verify_email", "user_id", "mfa_factors") or "password_hash" in name:
            continue
        user[name] = value.lower() if name in _LOWER else dict(value) if name in METADATA else value
    if user.get("blocked") is False:
        del user["blocked"]
    tenant.users[user_id] = user
    tenant.shown_at[user_id] = tenant.clock() + (tenant.search_lag if shown_after is None else shown_after)
    _claim(connection, user)
    return user


def change(tenant: Tenant, user: User, document: Mapping[str, Any]) -> None:
    """Members that are not named stay. Metadata is merged at its first level (vendors/auth0.md 11)."""
    connection = tenant.connection_of(user)
    _release(connection, user)
    for name, value in document.items():
        if name in METADATA:
            user[name] = _merged(user.get(name) or {}, value)
        elif value is None:
            user.pop(name, None)
        else:
            user[name] = value.lower() if name in _LOWER else value
    user["updated_at"] = tenant.date()
    _claim(connection, user)


def remove(tenant: Tenant, user_id: str) -> None:
    """With memberships; nothing happens where there is nobody."""
    for connection in tenant.connections.values():
        connection.ghosts = {email: ghost for email, ghost in connection.ghosts.items() if ghost != user_id}
    user = tenant.users.pop(user_id, None)
    if user is None:
        return
    _release(tenant.connection_of(user), user)
    for role in tenant.roles.values():
        role.members.pop(user_id, None)
    for organization in tenant.organizations.values():
        organization.members.pop(user_id, None)


def id_is_taken(tenant: Tenant, chosen: str) -> bool:
    """An id is unique in the whole tenant (vendors/auth0.md 15.5); a ghost holds its own."""
    user_id = f"{PREFIX}{chosen}"
    return user_id in tenant.users or any(user_id in own.ghosts.values() for own in tenant.connections.values())


def refuse_metadata(document: Mapping[str, Any]) -> None:
    if name := metadata_problem(document):
        raise refusal.body(f"Object didn't pass validation for format {name.partition('.')[0]}: {name}")


def _merged(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    if not after:
        return {}
    merged = {**before, **after}
    return {key: value for key, value in merged.items() if value is not None}


def _claim(connection: Connection, user: User) -> None:
    for name in connection.uniques:
        if isinstance(value := user.get(name), str):
            connection.taken[name, value] = user["user_id"]


def _release(connection: Connection, user: User) -> None:
    for name in connection.uniques:
        if connection.taken.get((name, str(user.get(name)))) == user["user_id"]:
            del connection.taken[name, str(user[name])]


def exists() -> Refusal:
    """vendors/auth0.md 3: the body carries no id of the existing user."""
    return Refusal(409, "The user already exists.", "auth0_idp_error")
