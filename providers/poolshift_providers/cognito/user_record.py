"""One user, as ListUsers or AdminGetUser gives it, becomes a record. The hot path: once for every user."""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.identity.record import Record, Ref
from poolshift.identity.value import UNKNOWN
from poolshift_providers.cognito.dates import in_utc
from poolshift_providers.cognito.identities import as_values, identities_of, link_id
from poolshift_providers.cognito.values import TRUE

CREDENTIAL: Final = "credential"
FEDERATED: Final = "EXTERNAL_PROVIDER"
UNSETTLED: Final = frozenset({"FORCE_CHANGE_PASSWORD", "UNCONFIRMED", FEDERATED})
"""Statuses in which the pool refuses its forgotten-password flow."""


def record_of(user: Mapping[str, Any], *, credential: bool = False) -> Record:
    """``credential``: add the neutral credential field, which only a destination needs.

    Raises KeyError for a user without sub.
    """
    values: dict[str, Any] = attributes_of(user)
    sub = values["sub"]
    values["status"] = status = user.get("UserStatus")
    values["enabled"] = user.get("Enabled")
    values["username"] = user.get("Username")
    values["email_verified"] = values.get("email_verified") in TRUE
    values["phone_number_verified"] = values.get("phone_number_verified") in TRUE
    if "identities" in values:
        values["identities"] = as_values(values["identities"])
    # The OpenID claim updated_at is the application's own: it is not the date of the last change.
    values.pop("updated_at", None)
    created, changed = user.get("UserCreateDate"), user.get("UserLastModifiedDate")
    if created is not None:
        values["created_at"] = in_utc(created)
    if changed is not None:
        values["updated_at"] = values["created_at"] if changed == created else in_utc(changed)
    values["mfa"] = UNKNOWN
    if credential and status not in UNSETTLED:
        values[CREDENTIAL] = "reset"
    return Record("user", sub, values)


def attributes_of(user: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes by name: they stand under another key in the answer for one user than in lists."""
    pairs = user.get("Attributes") or user.get("UserAttributes") or ()
    return {pair["Name"]: pair.get("Value", "") for pair in pairs}


def link_records(user: Mapping[str, Any]) -> list[Record]:
    """One record a federated identity of the user, its own one included. Raises ValueError: they cannot be read."""
    attributes = attributes_of(user)
    sub = attributes["sub"]
    if (identities := attributes.get("identities")) is None:
        return []
    owner = {"user": Ref("", id=sub)}
    return [
        Record("link", link_id(sub, own), {"provider": own.provider, "subject": own.subject}, owner)
        for own in identities_of(identities)
    ]


def member_record(sub: str, group: str) -> Record:
    refs = {"user": Ref("", id=sub), "group": Ref("", id=group, key=group)}
    return Record("group_member", f"{group}\n{sub}", {}, refs)


def group_record(group: Mapping[str, Any]) -> Record:
    """What a group does not have is absent."""
    name = str(group["GroupName"])
    values: dict[str, Any] = {"name": name}
    for path, key in (("description", "Description"), ("precedence", "Precedence"), ("role_arn", "RoleArn")):
        if group.get(key) is not None:
            values[path] = group[key]
    return Record("group", name, values)
