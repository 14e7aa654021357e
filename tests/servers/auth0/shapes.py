"""What bodies may hold: the fake's own reading of the OpenAPI file, for tests that run without it."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.servers.auth0 import refusal

Field = tuple[Any, str | None, int | None]
"""(what isinstance is asked for, pattern, longest)."""

_NULL: Final = type(None)
_TEXT: Final[Field] = (str, None, None)

# OpenAPI: POST /users, requestBody.
NEW_USER: Final[Mapping[str, Field]] = {
    "app_metadata": (dict, None, None),
    "blocked": (bool, None, None),
    "connection": (str, r".+", None),
    "email": (str, r"[^@\s]+@[^@\s]+", None),
    "email_verified": (bool, None, None),
    "family_name": (str, r"[\s\S]+", 150),
    "given_name": (str, r"[\s\S]+", 150),
    "name": (str, r"[\s\S]+", 300),
    "nickname": (str, r"[\s\S]+", 300),
    "password": (str, r"[\s\S]+", None),
    "phone_number": (str, r"\+[0-9]{1,15}", None),
    "phone_verified": (bool, None, None),
    "picture": (str, r"https?://\S+", None),
    "user_id": (str, r"\S*", 255),
    "user_metadata": (dict, None, None),
    "username": (str, r"[\s\S]+", 128),
    "verify_email": (bool, None, None),
}
_NULLABLE: Final = frozenset(
    "email family_name given_name name nickname password phone_number picture username".split()
)
# OpenAPI: PATCH /users/{id}, requestBody. It takes more members than it names, but not the id.
USER: Final[Mapping[str, Field]] = {
    **{
        name: ((kind, _NULL) if name in _NULLABLE else kind, pattern, longest)
        for name, (kind, pattern, longest) in NEW_USER.items()
        if name != "user_id"
    },
    "client_id": _TEXT,
    "verify_phone_number": (bool, None, None),
}
# vendors/auth0.md 4, "Row schema".
ROW: Final[Mapping[str, Field]] = {
    **{name: field for name, field in NEW_USER.items() if name not in ("connection", "password", "verify_email")},
    "custom_password_hash": (dict, None, None),
    "mfa_factors": (list, None, None),
    "password_hash": (str, r"\$2[ab]\$10\$.{53}", None),
}
# OpenAPI: POST /roles, PATCH /roles/{id}.
ROLE: Final[Mapping[str, Field]] = {"name": (str, r"[\s\S]+", None), "description": _TEXT}
# OpenAPI: POST /organizations, PATCH /organizations/{id}.
ORGANIZATION: Final[Mapping[str, Field]] = {
    "branding": (dict, None, None),
    "display_name": (str, r"[\s\S]+", 255),
    "enabled_connections": (list, None, None),
    "metadata": (dict, None, None),
    "name": (str, r"[a-z0-9][a-z0-9_-]*", 50),
}
# OpenAPI: POST /users/{id}/identities.
IDENTITY: Final[Mapping[str, Field]] = {
    "connection_id": (str, r"con_[A-Za-z0-9]{16}", None),
    "link_with": _TEXT,
    "provider": _TEXT,
    "user_id": ((str, int), None, None),
}
# OpenAPI: POST /jobs/users-exports.
EXPORT: Final[Mapping[str, Field]] = {
    "connection_id": (str, r"con_[A-Za-z0-9]{16}", None),
    "fields": (list, None, None),
    "format": (str, r"json|csv", None),
    "limit": (int, None, None),
}


def problem(name: str, value: Any, field: Field) -> str:
    """The import job's word for what is wrong with a value; empty where nothing is."""
    kind, pattern, longest = field
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return "INVALID_TYPE"
    if isinstance(value, str):
        if longest is not None and len(value) > longest:
            return "MAX_LENGTH"
        if pattern is not None and re.fullmatch(pattern, value) is None:
            return "FORMAT" if name in ("email", "picture") else "PATTERN" if value else "MIN_LENGTH"
    return ""


def checked(document: Any, fields: Mapping[str, Field], *required: str, more: bool = False) -> dict[str, Any]:
    """A body that keeps to its shape. more: unknown members are taken. Raises Refusal (invalid_body)."""
    if not isinstance(document, dict):
        raise refusal.body("Expected type object")
    for name in required:
        if name not in document:
            raise refusal.body(f"Missing required property: {name}")
    for name, value in document.items():
        if name not in fields:
            if more:
                continue
            raise refusal.body(f"Additional properties not allowed: {name}")
        if word := problem(name, value, fields[name]):
            raise refusal.body(f"{word} on property {name}")
    return document


def texts(document: Any, name: str, *, least: int = 1) -> list[str]:
    """The one list of a body, of texts. Raises Refusal (invalid_body)."""
    found = checked(document, {name: (list, None, None)}, name)[name]
    if len(found) < least or not all(isinstance(item, str) and item for item in found):
        raise refusal.body(f"{name} is a list of at least {least} texts")
    return list(found)
