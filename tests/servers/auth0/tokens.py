"""Tokens of machine-to-machine applications (vendors/auth0.md 1)."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.tenant import Tenant

SCOPES: Final = frozenset(
    "read:users create:users update:users delete:users read:users_app_metadata update:users_app_metadata "
    "read:connections read:roles create:roles update:roles read:organizations create:organizations "
    "update:organizations read:organization_members create:organization_members delete:organization_members "
    "read:organization_member_roles create:organization_member_roles delete:organization_member_roles".split()
)


class Tokens:
    """client_id, client_secret, audience: what is asked for. seconds: how long a token lives. scopes: what it may."""

    def __init__(self, tenant: Tenant, audience: str) -> None:
        self.client_id = "invented-client"
        self.client_secret = "invented-secret-0123456789"
        self.audience = audience
        self.seconds = 86_400.0
        self.scopes = set(SCOPES)
        self.issued = 0
        self._tenant = tenant
        self._until: dict[str, float] = {}

    def grant(self, form: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Refusal: the secret is wrong, or there is no such API: an audience ends in a slash."""
        if form.get("grant_type") != "client_credentials":
            raise Refusal(403, "Grant type not allowed for the client.", "unauthorized_client")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            raise Refusal(401, "Unauthorized", "access_denied")
        if form.get("audience") != self.audience:
            raise Refusal(403, f"Service not enabled within domain: {form.get('audience')}", "access_denied")
        token = secrets.token_urlsafe(24)
        self._until[token] = self._tenant.clock() + self.seconds
        self.issued += 1
        return {
            "access_token": token,
            "expires_in": int(self.seconds),
            "scope": " ".join(sorted(self.scopes)),
            "token_type": "Bearer",
        }

    def check(self, header: str | None, any_of: tuple[str, ...]) -> None:
        """Raises Refusal (401, 403): OpenAPI names the scopes of each endpoint."""
        token = (header or "").removeprefix("Bearer ")
        until = self._until.get(token)
        if until is None:
            raise Refusal(401, "Invalid token", "invalid_token")
        if until < self._tenant.clock():
            raise Refusal(401, "Expired token received for JSON Web Token validation", "invalid_token")
        if not self.scopes & set(any_of):
            raise Refusal(403, f"Insufficient scope, expected any of: {','.join(any_of)}", "insufficient_scope")

    @property
    def known(self) -> frozenset[str]:
        """All that were issued and not revoked."""
        return frozenset(self._until)

    def revoke(self) -> None:
        self._until.clear()
