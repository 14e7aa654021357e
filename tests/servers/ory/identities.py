"""The identities, and what is unique among them."""

import uuid
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final, Self

from tests.servers.ory.bodies import check_credentials, check_state
from tests.servers.ory.console import Organizations
from tests.servers.ory.identity_schema import IdentitySchema, Read
from tests.servers.ory.refusal import conflict, malformed, not_found

Identity = dict[str, Any]
_SHOWN: Final = (
    "id", "schema_id", "schema_url", "state", "state_changed_at", "traits", "metadata_public", "metadata_admin",
    "created_at", "updated_at", "external_id", "organization_id", "verifiable_addresses", "recovery_addresses",
)  # fmt: skip


class Identities:
    """Used under the server's lock. ``by_id`` in the order of creation; each identity holds its credentials whole.

    choose_passwords: whoever is created has chosen a password a moment later.
    """

    def __init__(self, schemas: Mapping[str, IdentitySchema], organizations: Organizations) -> None:
        self._schemas = schemas
        self._organizations = organizations
        self.by_id: dict[str, Identity] = {}
        self._external: dict[str, str] = {}
        self._identifiers: dict[tuple[str, str], str] = {}
        self._order: list[tuple[int, str]] = []
        self._made = 0
        self.choose_passwords = False

    def copied(self) -> Self:
        """With the same schemas and organizations."""
        return deepcopy(self, {id(shared): shared for shared in (self._schemas, self._organizations)})

    # -- writes
    def create(self, body: Mapping[str, Any]) -> Identity:
        """Raises Refusal 400 (schema), 409. No message is sent (facts 6)."""
        now = _now()
        if body.get("organization_id") not in (None, *self._organizations.by_id):
            raise malformed("there is no such organization")
        identity: Identity = {
            "id": str(uuid.uuid4()),
            "schema_id": body["schema_id"],
            "schema_url": f"http://127.0.0.1/schemas/{body['schema_id']}",
            "state": body.get("state", "active"),
            "state_changed_at": now,
            "traits": body["traits"],
            "metadata_public": body.get("metadata_public"),
            "metadata_admin": body.get("metadata_admin"),
            "organization_id": body.get("organization_id"),
            "created_at": now,
            "updated_at": now,
            "verifiable_addresses": [_address(own, now) for own in body.get("verifiable_addresses") or ()],
            "credentials": {},
        }
        if body.get("external_id"):
            identity["external_id"] = body["external_id"]
        identity = deepcopy(identity)
        self._import(identity, body.get("credentials") or {})
        if self.choose_passwords:
            self._import(identity, {"password": {"config": {"hashed_password": "$argon2id$chosen"}}})
        # At its creation an imported address stays, whether it is a trait or not (facts 3).
        self._derive(identity, self._read(identity), keep_all=True)
        self._store(identity)
        self._made += 1
        self._order.append((self._made, identity["id"]))
        return identity

    def put(self, id: str, body: Mapping[str, Any]) -> Identity:
        """Metadata and external_id are emptied when left out; credentials are added to those there (facts 11)."""
        before = self.get(id)
        for name in ("schema_id", "traits", "state"):
            if name not in body:
                raise malformed(f"{name} is required")
        check_state(body["state"])
        check_credentials(body.get("credentials") or {})
        changed = deepcopy(before)
        changed |= {name: deepcopy(body[name]) for name in ("schema_id", "traits", "state")}
        changed |= {name: deepcopy(body.get(name)) for name in ("metadata_public", "metadata_admin")}
        changed.pop("external_id", None)
        if body.get("external_id"):
            changed["external_id"] = body["external_id"]
        self._import(changed, body.get("credentials") or {})
        return self._replace(before, changed)

    def replace(self, id: str, document: Identity) -> Identity:
        """After a JSON Patch: the identity as shown, changed."""
        before = self.get(id)
        if unknown := document.keys() - set(_SHOWN):
            raise malformed(f'json: unknown field "{min(unknown)}"')
        if document.get("organization_id") != before["organization_id"]:
            raise malformed("an identity keeps its organization")  # facts 8: at its creation, the rest is not known
        check_state(document.get("state"))
        if not isinstance(document.get("traits"), dict):
            raise malformed("traits are required")
        now = _now()
        document["verifiable_addresses"] = [_address(own, now) for own in document.get("verifiable_addresses") or ()]
        if not document.get("external_id"):
            document.pop("external_id", None)
        return self._replace(before, {**document, "credentials": deepcopy(before["credentials"])})

    def delete(self, id: str) -> None:
        identity = self.get(id)
        self._release(identity)
        del self.by_id[id]
        self._order = [own for own in self._order if own[1] != id]

    def delete_oidc(self, id: str, identifier: str) -> None:
        """Refuses the last first factor (facts 11)."""
        before = self.get(id)
        oidc = before["credentials"].get("oidc")
        if oidc is None or identifier not in oidc["identifiers"]:
            raise not_found()
        first_factors = len(oidc["identifiers"]) + bool(_password(before))
        if first_factors == 1:
            raise malformed("You can not remove the last first factor credential.")
        changed = deepcopy(before)
        own = changed["credentials"]["oidc"]
        own["identifiers"].remove(identifier)
        providers = own["config"]["providers"]
        own["config"]["providers"] = [one for one in providers if f"{one['provider']}:{one['subject']}" != identifier]
        if not own["identifiers"]:
            del changed["credentials"]["oidc"]
        self._replace(before, changed)

    # -- reads
    def get(self, id: str) -> Identity:
        if id not in self.by_id:
            raise not_found()
        return self.by_id[id]

    def by_external_id(self, external_id: str) -> Identity:
        return self.get(self._external.get(external_id, ""))

    def by_identifier(self, identifier: str) -> Iterator[Identity]:
        """Who signs in with it: exactly, without case."""
        holders = {
            id for (_type, own), id in self._identifiers.items() if own in (identifier, identifier.strip().lower())
        }
        return (self.by_id[id] for id in sorted(holders))

    def after(self, number: int, size: int) -> list[tuple[int, Identity]]:
        """Of the keyset: (number, identity) of those made after ``number``."""
        start = bisect_right(self._order, (number, "~"))
        return [(own, self.by_id[id]) for own, id in self._order[start : start + size]]

    # -- what follows from traits
    def _read(self, identity: Identity) -> Read:
        schema = self._schemas.get(identity["schema_id"])
        if schema is None:
            raise malformed(f"Unable to find JSON Schema ID: {identity['schema_id']}")
        return schema.read(identity["traits"])

    def _derive(self, identity: Identity, read: Read, *, keep_all: bool = False) -> None:
        """Addresses of the traits; one that is known keeps its state, others go at an update (facts 3)."""
        now = _now()
        known = {(own["via"], own["value"]): own for own in identity.get("verifiable_addresses") or ()}
        fresh = [known.pop(key, None) or _new_address(*key, now) for key in read.verifiable]
        identity["verifiable_addresses"] = [*fresh, *(known.values() if keep_all else ())]
        identity["recovery_addresses"] = [
            {"id": str(uuid.uuid4()), "via": via, "value": value, "created_at": now, "updated_at": now}
            for via, value in read.recovery
        ]
        for type_, identifiers in read.identifiers.items():
            own = identity["credentials"].setdefault(type_, _credential(type_, {}))
            own["identifiers"] = identifiers

    def _import(self, identity: Identity, credentials: Mapping[str, Any]) -> None:
        if config := (credentials.get("password") or {}).get("config"):
            own = identity["credentials"].setdefault("password", _credential("password", {}))
            own["config"] = {"hashed_password": config.get("hashed_password") or "$argon2id$made-by-kratos"}
        providers = ((credentials.get("oidc") or {}).get("config") or {}).get("providers") or ()
        for one in providers:
            oidc = identity["credentials"].setdefault("oidc", _credential("oidc", {"providers": []}))
            tokens = dict.fromkeys(("initial_id_token", "initial_access_token", "initial_refresh_token"), "")
            oidc["config"]["providers"].append({**one, **tokens})
            oidc["identifiers"].append(f"{one['provider']}:{one['subject']}")

    # -- what is unique
    def _replace(self, before: Identity, changed: Identity) -> Identity:
        self._derive(changed, self._read(changed))
        changed["updated_at"] = _now()
        if changed["state"] != before["state"]:
            changed["state_changed_at"] = changed["updated_at"]
        self._release(before)
        try:
            self._store(changed)
        except Exception:
            self._store(before)
            raise
        return changed

    def _store(self, identity: Identity) -> None:
        keys = list(_keys(identity))
        external = identity.get("external_id")
        if external in self._external or len(set(keys)) < len(keys) or any(key in self._identifiers for key in keys):
            raise conflict()
        if external:
            self._external[external] = identity["id"]
        for key in keys:
            self._identifiers[key] = identity["id"]
        self.by_id[identity["id"]] = identity

    def _release(self, identity: Identity) -> None:
        self._external.pop(identity.get("external_id", ""), None)
        for key in _keys(identity):
            del self._identifiers[key]


def shown(identity: Identity, included: tuple[str, ...] = ()) -> Identity:
    """As the admin API shows it: a credential's config only where it is asked for (spec include_credential)."""
    document: Identity = {name: deepcopy(identity[name]) for name in _SHOWN if name in identity}
    if included:
        document["credentials"] = {
            type_: own if type_ in included else {name: value for name, value in own.items() if name != "config"}
            for type_, own in deepcopy(identity["credentials"]).items()
        }
    return document


def _keys(identity: Identity) -> Iterator[tuple[str, str]]:
    for type_, own in identity["credentials"].items():
        yield from ((type_, identifier) for identifier in own["identifiers"])


def _password(identity: Identity) -> Any:
    own = identity["credentials"].get("password")
    return own and own["config"].get("hashed_password")


def _credential(type_: str, config: dict[str, Any]) -> dict[str, Any]:
    now = _now()
    return {"type": type_, "identifiers": [], "config": config, "version": 0, "created_at": now, "updated_at": now}


def _new_address(via: str, value: str, now: str) -> dict[str, Any]:
    return _address({"via": via, "value": value, "verified": False, "status": "pending"}, now)


def _address(own: Mapping[str, Any], now: str) -> dict[str, Any]:
    found = {"id": str(uuid.uuid4()), "created_at": now, "updated_at": now, **own}
    return {**found, "value": str(found["value"]).strip().lower()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
