"""Which field of the destination a name means: an OIDC claim name, or the vendor's own path."""

from collections.abc import Collection
from typing import Final

from poolshift.spec.catalogue import SpecKind

ROLES: Final = {"email": "email", "phone_number": "phone", "username": "username"}
_VERIFIED: Final = {"email_verified": "email", "phone_number_verified": "phone"}


def slot(users: SpecKind, name: str, declared: Collection[str] = ()) -> str | None:
    """The path of a name, None where the destination has none. ``declared``: attributes the spec declares."""
    if role := ROLES.get(name):
        candidates = users.with_role(role)
        if candidates and name not in candidates:
            return candidates[0]
    if role := _VERIFIED.get(name):
        flags = [users.fields[path].verified_by for path in users.with_role(role)]
        if known := [flag for flag in flags if flag]:
            return name if name in known else known[0]
    if name in declared or users.field_at(name) is not None:
        return name
    prefix, colon, _ = name.partition(":")
    if colon and f"{prefix}:*" in users.fields:
        return name
    # A claim such as given_name, where the vendor's word for it is another.
    return next(iter(users.with_role(name)), None)


def login_slot(users: SpecKind, name: str) -> str | None:
    """The path people sign in with under this name, None where the destination cannot do that."""
    candidates = [path for path in users.with_role(ROLES[name]) if "login" in users.fields[path].roles]
    if candidates:
        return name if name in candidates else candidates[0]
    return name if name in users.with_role("login") else None


def slots(users: SpecKind) -> frozenset[str]:
    """Paths to suggest; open maps are left out."""
    return frozenset(path for path in users.fields if not path.endswith("*"))
