"""One user, as the admin API gives it, becomes a record. The hot path: once for every user."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path, Value
from poolshift_providers.keycloak.realm import Realm
from poolshift_providers.keycloak.values import ATTRIBUTES, in_utc

CREDENTIAL: Final = "credential"
SAME: Final = ("id", "username", "email", "emailVerified", "firstName", "lastName", "enabled")
"""Members that are called as the fields are."""


def record_of(user: Mapping[str, Any], realm: Realm) -> Record:
    """Raises KeyError for a user without id."""
    values: dict[str, Any] = {name: user[name] for name in SAME if user.get(name) is not None}
    if actions := user.get("requiredActions"):
        values["requiredActions"] = sorted(actions)
    if (created := user.get("createdTimestamp")) is not None:
        values["createdTimestamp"] = in_utc(created)
    values.update(implied(realm, values))
    multivalued = realm.multivalued
    for name, held in (user.get("attributes") or {}).items():
        if name in multivalued:
            values[ATTRIBUTES + name] = sorted(held)
        elif held:
            values[ATTRIBUTES + name] = held[0] if len(held) == 1 else sorted(held)
    return Record("user", str(user["id"]), values, raw=user)


def implied(realm: Realm, _values: Mapping[Path, Value]) -> Mapping[Path, Value]:
    """Whoever has an address sets a password by the realm's own flow, with or without one before."""
    return {CREDENTIAL: "reset"} if realm.resets_passwords else {}


def link_records(user: str, identities: Any) -> Iterator[Record]:
    """From the federated identities of one user; at most one of each provider."""
    for own in identities or ():
        provider, subject = str(own["identityProvider"]), str(own["userId"])
        values = {"provider": provider, "subject": subject}
        yield Record("link", f"{user}\n{provider}", values, {"user": Ref("", id=user)})
