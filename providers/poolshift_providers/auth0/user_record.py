"""One user, as an export or the API gives it, becomes a record. The hot path: once for every user."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final

from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path, Value
from poolshift_providers.auth0.connection import DATABASE
from poolshift_providers.auth0.values import PREFIX

CREDENTIAL: Final = "credential"
ENABLED: Final = "enabled"
USER_ID: Final = "user_id"
METADATA: Final = ("app_metadata", "user_metadata")
PLAIN: Final = (
    "email",
    "username",
    "phone_number",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "created_at",
    "updated_at",
)
"""Fields that are read as they are."""

EXPORTED: Final = (USER_ID, *PLAIN, "email_verified", "phone_verified", "blocked", "identities", *METADATA)
"""What an export is asked for: named, because what it holds by itself is less."""


def record_of(user: Mapping[str, Any], *, credential: bool = True) -> Record:
    """``credential``: add the neutral credential field. Raises KeyError for a user without id."""
    user_id = user["user_id"]
    values: dict[str, Any] = {path: value for path in PLAIN if (value := user.get(path)) is not None}
    values[USER_ID] = user_id.removeprefix(PREFIX)
    values[ENABLED] = user.get("blocked") is not True
    values["email_verified"] = user.get("email_verified") is True
    values["phone_verified"] = user.get("phone_verified") is True
    for name in METADATA:
        if inside := user.get(name):
            for key, value in inside.items():
                if value is not None:
                    values[f"{name}.{key}"] = value
    for identity in user.get("identities") or ():
        if identity.get("provider") == DATABASE:
            values["connection"] = identity.get("connection")
            break
    if credential:
        values.update(implied(values))
    return Record("user", user_id, values)


def implied(values: Mapping[Path, Value]) -> Mapping[Path, Value]:
    """Whoever has an address may ask for a new password at any time; nobody else is ever sent one."""
    return {CREDENTIAL: "reset"} if "email" in values else {}


def link_records(user: Mapping[str, Any]) -> Iterator[Record]:
    """One record a linked identity; the one that gave the user its id is no link."""
    user_id = user["user_id"]
    for identity in user.get("identities") or ():
        subject = str(identity.get("user_id", ""))
        if f"{identity.get('provider')}|{subject}" == user_id:
            continue
        provider = str(identity.get("connection") or identity.get("provider"))
        values = {"provider": provider, "subject": subject}
        yield Record("link", link_id(user_id, provider, subject), values, {"user": Ref("", id=user_id)})


def link_id(user_id: str, provider: str, subject: str) -> str:
    """Tells the identities of a user apart without naming the subject."""
    return "\n".join((user_id, provider, blake2b(subject.encode(), digest_size=8).hexdigest()))
