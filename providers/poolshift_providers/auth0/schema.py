"""What a tenant holds: as any connection may have it (documented), and as this very one does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from poolshift.identity.finding import Finding
from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Schema, Support, lower
from poolshift.provider.verb import Verb
from poolshift_providers.auth0.connection import Connection
from poolshift_providers.auth0.elements import element_kinds, shared_kinds
from poolshift_providers.auth0.quotas import quotas
from poolshift_providers.auth0.routes import routes
from poolshift_providers.auth0.settings import Settings
from poolshift_providers.auth0.user_record import CREDENTIAL, ENABLED, USER_ID, implied
from poolshift_providers.auth0.values import bare

LAG: Final = 10.0
"""Seconds an export or a search may lag behind a write: they are eventually consistent, by how much is not told."""

METADATA_BYTES: Final = 2048
"""What Auth0 advises a metadata field to stay within; a profile of over 10 KB is taken for now, and may not later."""

RESERVED: Final = frozenset(
    {
        "__tenant",
        "_id",
        "blocked",
        "clientID",
        "created_at",
        "email",
        "email_verified",
        "globalClientID",
        "global_client_id",
        "identities",
        "lastIP",
        "lastLogin",
        "loginsCount",
        "metadata",
        "multifactor",
        "multifactor_last_modified",
        "updated_at",
        "user_id",
    }
)
"""Keys that ``app_metadata`` may not have."""

_FULL: Final = Support(Level.FULL)
_ALL: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _FULL, "delete": _FULL}
_NAMES: Final = {"given_name": 150, "family_name": 150, "name": 300, "nickname": 300}


def documented(settings: Settings) -> Schema:
    """What any connection may be: with user names, and phone numbers to sign in with."""
    anything = Connection("", settings.connection, logins=frozenset({"username", "phone_number"}), takes_usernames=True)
    return _schema(settings, anything)


def schema_of(settings: Settings, connection: Connection) -> Schema:
    """What this connection is."""
    return _schema(settings, connection)


def _schema(settings: Settings, connection: Connection) -> Schema:
    kinds: dict[Kind, KindSchema] = {**shared_kinds(), "user": _user(connection), **element_kinds()}
    absent: dict[Kind, Support] = {
        "attribute": Support(Level.BY_DESIGN_IMPOSSIBLE, "metadata is free: nothing is declared"),
        "group": Support(Level.BY_DESIGN_IMPOSSIBLE, "groups come from a company's directory; use `as: role`"),
        "factor": Support(Level.NOT_IMPLEMENTED, "people set up their second factors again"),
        "hook": Support(Level.NOT_IMPLEMENTED, "scripts of a custom database are not installed yet"),
    }
    facts: dict[str, Any] = {"case_sensitive": False, "sends_messages": True}
    if connection.password_policy:
        facts["password_policy"] = dict(connection.password_policy)
    return Schema(kinds, absent, routes(connection), quotas(settings.quotas), facts)


def _user(connection: Connection) -> KindSchema:
    unique = [
        ((frozenset({USER_ID}), "tenant")),
        *((frozenset({path}), "connection") for path in ("email", "username")),
    ]
    if "phone_number" in connection.logins:
        unique.append((frozenset({"phone_number"}), "connection"))
    return KindSchema(
        "user",
        _user_fields(connection),
        Reading("job", lag=LAG, note="an export; a search ends at 1,000 people"),
        # Both are asked for by the API's own GET, which sees every write at once.
        tuple(map(Key, ("id", USER_ID, "email"))),
        _ALL,
        unique=tuple(unique),
        any_of=(frozenset({"email", "username", "phone_number"}),),
        scopes={
            "read": frozenset({"read:users", "read:connections"}),
            "create": frozenset({"create:users"}),
            "update": frozenset({"update:users", "update:users_app_metadata"}),
            "delete": frozenset({"delete:users"}),
        },
        check=_check,
        adoptable=partial(_is_of, connection.name),
        implied=implied,
    )


def _is_of(connection: str, values: Mapping[Path, Value]) -> bool:
    """A record of another connection becomes nobody's: its people sign in elsewhere."""
    return values.get("connection") == connection


def _check(values: Mapping[Path, Value]) -> Iterable[Finding]:
    """A key of metadata holds no dot and no dollar; it is written as it is, and nothing in it is merged."""
    for path, value in values.items():
        head, dot, key = path.partition(".")
        if dot and head.endswith("_metadata") and value is not None and ("." in key or "$" in key):
            yield Finding("FIELD_RESERVED", "", path, "a key of metadata may not hold . or $")


def _user_fields(connection: Connection) -> dict[Path, FieldSchema]:
    fields = {
        USER_ID: FieldSchema(
            "text", tier="plain", pattern=r"\S+", max_length=255, write="create", clearable=False, canonical=bare
        ),
        "email": FieldSchema(
            "text",
            roles=frozenset({"email", "login"}),
            verified_by="email_verified",
            companions=frozenset({"email_verified"}),
            pattern=r"[^\s@]+@[^\s@]+",
            clearable=False,
            canonical=lower,
            on_ascii="lower",
        ),
        "email_verified": FieldSchema("bool", tier="plain", clearable=False),
        "username": _username(connection),
        "phone_number": FieldSchema(
            "text",
            roles=frozenset({"phone", "login"} if "phone_number" in connection.logins else {"phone"}),
            verified_by="phone_verified",
            companions=frozenset({"phone_verified"}),
            pattern=r"\+[0-9]{1,15}",
        ),
        "phone_verified": FieldSchema("bool", tier="plain", clearable=False),
        "picture": FieldSchema("text", pattern=r"https?://\S+", clearable=False),
        ENABLED: FieldSchema("bool", roles=frozenset({"enabled"}), tier="plain", clearable=False),
        CREDENTIAL: FieldSchema("text", roles=frozenset({"credential"}), tier="plain", clearable=False),
        "connection": FieldSchema("text", tier="plain", write="never"),
        "created_at": FieldSchema("time", roles=frozenset({"created"}), tier="plain", write="never"),
        "updated_at": FieldSchema("time", tier="plain", write="never"),
        "app_metadata.*": FieldSchema("json", max_bytes=METADATA_BYTES, reserved=RESERVED),
        "user_metadata.*": FieldSchema("json", max_bytes=METADATA_BYTES),
    }
    for path, length in _NAMES.items():
        fields[path] = FieldSchema("text", pattern=r"[\s\S]+", max_length=length, clearable=False)
    return fields


def _username(connection: Connection) -> FieldSchema:
    field = FieldSchema("text", roles=frozenset({"username"}), pattern=r"\S+", max_length=128, canonical=lower)
    if not connection.takes_usernames:
        return replace(field, write="never")
    if "username" in connection.logins:
        return replace(field, roles=field.roles | {"login"}, clearable=False)
    return field
