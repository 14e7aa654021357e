"""Bodies of requests: a strict decoder, which refuses what it does not know (facts 4)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from tests.servers.ory.refusal import malformed

Shape = Mapping[str, Any]
"""Known members; the value is the shape of what is inside, [shape] of a list's items, None for anything."""

_ADDRESS: Final[Shape] = dict.fromkeys(("id", "value", "verified", "via", "status", "verified_at", "created_at"))
_PROVIDERS: Final[Shape] = {
    "config": {"providers": [dict.fromkeys(("provider", "subject", "organization", "use_auto_link"))]}
}
_CREDENTIALS: Final[Shape] = {
    "password": {"config": dict.fromkeys(("password", "hashed_password", "use_password_migration_hook"))},
    "oidc": _PROVIDERS,
    "saml": _PROVIDERS,
}
"""spec identityWithCredentials: this release takes no other (facts 10)."""

UPDATE: Final[Shape] = {
    **dict.fromkeys(("schema_id", "traits", "external_id", "state", "metadata_public", "metadata_admin")),
    "credentials": _CREDENTIALS,
}
"""spec updateIdentityBody: no addresses, no organization (facts 8, 11)."""

CREATE: Final[Shape] = {
    **UPDATE,
    "organization_id": None,
    "verifiable_addresses": [_ADDRESS],
    "recovery_addresses": [dict.fromkeys(("id", "value", "via", "created_at", "updated_at"))],
}
BATCH: Final[Shape] = {"identities": [{"patch_id": None, "create": CREATE}]}

AT_ONCE: Final = 1_000
CLEAR_AT_ONCE: Final = 200
_HASH: Final = re.compile(
    r"\$2[aby]\$|\$argon2id\$|\$md5|\$sha1\$|\$sha256|\$sha512|\{SSHA|\$pbkdf2-|\$scrypt\$|\$firescrypt\$|\$hmac-"
)
"""How the hashes begin that can be imported (facts 5)."""


def decode(body: Any, shape: Shape) -> dict[str, Any]:
    """The body itself. Raises Refusal 400 for a member nobody knows."""
    _known(body, shape)
    found: dict[str, Any] = body
    return found


def _known(value: Any, shape: Any) -> None:
    if value is None or shape is None:
        return
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise malformed("json: cannot unmarshal into a list")
        for item in value:
            _known(item, shape[0])
        return
    if not isinstance(value, dict):
        raise malformed("json: cannot unmarshal into an object")
    for name, inner in value.items():
        if name not in shape:
            raise malformed(f'json: unknown field "{name}"')
        _known(inner, shape[name])


def check_create(body: Mapping[str, Any]) -> None:
    """What makes even a batch fail whole: no schema, a state or hash that is none (facts 4, 5)."""
    if not body.get("schema_id") or not isinstance(body.get("traits"), dict):
        raise malformed("schema_id and traits are required")
    check_state(body.get("state", "active"))
    for own in body.get("verifiable_addresses") or ():
        if missing := {"value", "verified", "via", "status"} - own.keys():
            raise malformed(f"a verifiable address has no {min(missing)}")
        if own["via"] not in ("email", "sms") or own["status"] not in ("pending", "sent", "completed"):
            raise malformed("a verifiable address is neither by email nor sms, or of no known status")
    check_credentials(body.get("credentials") or {})


def check_state(state: Any) -> None:
    if state not in ("active", "inactive"):
        raise malformed("identity state is not valid")


def check_credentials(credentials: Mapping[str, Any]) -> None:
    hashed = ((credentials.get("password") or {}).get("config") or {}).get("hashed_password")
    if hashed and not _HASH.match(hashed):
        raise malformed("The imported password does not match any known hash format.")
    for own in ((credentials.get("oidc") or {}).get("config") or {}).get("providers") or ():
        if not own.get("provider") or not own.get("subject"):
            raise malformed("provider and subject are required")


def check_batch(rows: list[Mapping[str, Any]]) -> None:
    """So many at once, fewer where a password has to be hashed (facts 4)."""
    limit = CLEAR_AT_ONCE if any(map(_has_clear_password, rows)) else AT_ONCE
    if len(rows) > limit:
        raise malformed(f"The maximum number of identities per request is {limit}.")
    for row in rows:
        if not isinstance(row.get("create"), dict):
            raise malformed("a patch without create")
        check_create(row["create"])


def _has_clear_password(row: Mapping[str, Any]) -> bool:
    credentials = (row.get("create") or {}).get("credentials") or {}
    return bool(((credentials.get("password") or {}).get("config") or {}).get("password"))
