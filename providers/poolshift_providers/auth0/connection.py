"""What a connection is: the part of it that mapping and writing depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from poolshift.errors import AccessDenied
from poolshift_providers.auth0.api import ManagementApi

DATABASE: Final = "auth0"
"""The strategy of database connections, and the provider of their identities."""

_LENGTHS: Final = {"none": 1, "low": 6, "fair": 8, "good": 8, "excellent": 10}
_CLASSES: Final = ("digit", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Connection:
    """takes_usernames: people may have one. logins: what they sign in with, beside the e-mail address.

    runs_scripts, imports: a custom database, and whether it copies people into the tenant.
    password_policy: as the fact of a schema has it; empty = not told.
    """

    id: str
    name: str
    strategy: str = DATABASE
    logins: frozenset[str] = frozenset()
    takes_usernames: bool = False
    runs_scripts: bool = False
    imports: bool = False
    password_policy: Mapping[str, int | bool] = field(default_factory=dict)

    @property
    def takes_import_jobs(self) -> bool:
        """A custom database without import mode keeps its people elsewhere: import jobs are refused."""
        return self.imports or not self.runs_scripts


def named(api: ManagementApi, name: str) -> Connection | None:
    """The connection of a name; None where there is none."""
    query = {"name": name, "fields": "id,name,strategy,options", "include_fields": "true"}
    found = [item for item in api("connections", query=query).json() if item.get("name") == name]
    return connection_of(found[0]) if found else None


def database(api: ManagementApi, name: str) -> Connection:
    """A database connection. Raises AccessDenied CONNECTION_NOT_FOUND, CONNECTION_NOT_DATABASE."""
    connection = named(api, name)
    if connection is None:
        why = f"the tenant has no connection {name}"
        raise AccessDenied.of("CONNECTION_NOT_FOUND", why, "Check `connection` and `domain`; names are in exact case.")
    if connection.strategy != DATABASE:
        why = f"connection {name} is of type {connection.strategy}: only a database connection holds people of its own"
        raise AccessDenied.of("CONNECTION_NOT_DATABASE", why, "Name a database connection, or make one.")
    return connection


def connection_of(item: Mapping[str, Any]) -> Connection:
    options = item.get("options") or {}
    attributes = options.get("attributes") or {}
    logins = {name for name in ("username", "phone_number") if _identifies(attributes.get(name))}
    if options.get("requires_username"):
        logins.add("username")
    return Connection(
        id=str(item["id"]),
        name=str(item["name"]),
        strategy=str(item.get("strategy") or ""),
        logins=frozenset(logins),
        takes_usernames="username" in logins or "username" in attributes,
        runs_scripts=options.get("enabledDatabaseCustomization") is True,
        imports=options.get("import_mode") is True,
        password_policy=_password_policy(options) if "passwordPolicy" in options else {},
    )


def _identifies(attribute: Any) -> bool:
    identifier = attribute.get("identifier") if isinstance(attribute, dict) else None
    return isinstance(identifier, dict) and identifier.get("active") is True


def _password_policy(options: Mapping[str, Any]) -> dict[str, int | bool]:
    """good asks for three of four classes, none of them by itself: told as letters of both cases and a digit."""
    level = str(options.get("passwordPolicy") or "none")
    complexity = options.get("password_complexity_options") or {}
    history = options.get("password_history") or {}
    asked: dict[str, int | bool] = dict.fromkeys(_CLASSES, level in ("fair", "good", "excellent"))
    length = int(complexity.get("min_length") or _LENGTHS.get(level, 8))
    kept = int(history.get("size") or 0) if history.get("enable") else 0
    return asked | {"symbol": False, "length": length, "history": kept}
