"""A Kratos, or a project of the Ory Network, for the laws: asked without the wire."""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.schema import FieldSchema
from poolshift.testing import World
from poolshift_providers.ory import PROVIDER
from poolshift_providers.ory.identity_record import link_id, providers_of
from poolshift_providers.ory.organizations import member_id
from tests.servers.ory import KratosServer

PROJECT: Final = "11111111-1111-4111-8111-111111111111"
_TIMES: Final = frozenset({"created_at", "updated_at", "state_changed_at"})
_PLANS: Final = ("gold", "silver", "free")


class OryWorld(World):
    """People sign in with their e-mail address; Google is there."""

    source_id = "external_id"
    identity_provider = "google"
    examples = 5
    points = 14
    page = 500
    refusals = (
        b'{"error": {"code": 409, "status": "Conflict", "message": "This identity conflicts with another identity '
        b'that already exists. canary-7f3a@example.com"}}',
        b'{"error": {"code": 400, "reason": "I[#/traits/email] S[#/properties/traits/properties/email/format] '
        b'\\"canary-7f3a@example.com\\" is not valid \\"email\\"", "message": "The request was malformed"}}',
        b'{"error": {"code": 429, "message": "Rate limit exceeded."}}',
    )

    def __init__(self, server: KratosServer, folder: FilePath, **settings: str) -> None:
        self.provider = PROVIDER
        self.settings = {"url": server.url, "schema_id": "customer", **settings}
        self.folder = folder
        self._server = server

    def value(self, kind: Kind, path: Path, field: FieldSchema, number: int) -> Any:
        return _PLANS[number % 3] if path == "traits.plan" else super().value(kind, path, field, number)

    def messages(self) -> int:
        """Kratos sends none when an identity is written by its admin API."""
        return 0

    def scribble(self, user: str) -> None:
        own = self._identity(user)
        kept = {name: own.get(name) for name in ("schema_id", "traits", "state", "external_id", "metadata_public")}
        self._server.ask("PUT", f"/admin/identities/{user}", {**kept, "metadata_admin": {"scribble": "seat 14"}})

    def put(self, kind: Kind, values: Mapping[Path, Any], refs: Mapping[Path, str]) -> str:
        if kind == "user":
            return str(self._server.ask("POST", "/admin/identities", _body(values)).document["id"])
        if kind == "organization":
            body = {"label": values["key"], "domains": sorted(values["domains"])}
            return str(self._server.ask("POST", f"/projects/{PROJECT}/organizations", body).document["id"])
        raise NotImplementedError(kind)

    def get(self, kind: Kind, id: str) -> Any:
        if kind == "organization":
            found = (own for own in self._server.organizations if own["id"] == id)
            return next(({name: own[name] for name in ("label", "domains")} for own in found), None)
        identity = self._identity(id.partition("\n")[0])
        if identity is None:
            return None
        if kind == "link":
            return next((own for own in providers_of(identity) if link_id(identity["id"], *own) == id), None)
        if kind == "organization_member":
            organization = identity["organization_id"]
            return organization if member_id(identity["id"], organization or "") == id else None
        shown: dict[str, Any] = _timeless(identity)
        shown["scribble"] = (identity["metadata_admin"] or {}).get("scribble")
        return shown

    def _identity(self, id: str) -> Any:
        return next((own for own in self._server.identities if own["id"] == id), None)


def _body(values: Mapping[Path, Any]) -> dict[str, Any]:
    """A create's body of these values; an address whose flag is set is verified."""
    body: dict[str, Any] = {"schema_id": "customer", "traits": {}, "state": "active", "verifiable_addresses": []}
    if values.get("enabled") is False:
        body["state"] = "inactive"
    if "external_id" in values:
        body["external_id"] = values["external_id"]
    for path, value in values.items():
        head, *steps = path.split(".")
        if head == "traits":
            inner = body["traits"]
            for step in steps[:-1]:
                inner = inner.setdefault(step, {})
            inner[steps[-1]] = value
    for trait, via in (("email", "email"), ("phone_number", "sms")):
        if values.get(f"{trait}_verified"):
            address = {"value": values[f"traits.{trait}"], "via": via, "verified": True, "status": "completed"}
            body["verifiable_addresses"].append(address)
    return body


def _timeless(value: Any) -> Any:
    """Without times, and without the ids of addresses, which are made anew."""
    if isinstance(value, dict):
        left = {name: _timeless(own) for name, own in value.items() if name not in _TIMES}
        return {name: own for name, own in left.items() if not (name == "id" and "via" in left)}
    return [_timeless(own) for own in value] if isinstance(value, list) else value
