"""A realm for the laws, on a real Keycloak: written to and looked into as an administrator would."""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Final

import httpx

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.schema import FieldSchema
from poolshift.testing import World
from poolshift_providers.keycloak import PROVIDER
from tests.servers.keycloak import Realm
from tests.servers.keycloak.realm import CLIENT, SECRET

GOOGLE: Final = "google"
_PARENTS: Final[Mapping[Kind, str]] = {"organization": "organizations", "role": "roles-by-id", "group": "groups"}
_ATTRIBUTES: Final = "attributes."


class KeycloakWorld(World):
    """People have a user name and an address; two attributes are declared, others may be kept; Google is there."""

    source_id = "attributes.legacy_id"
    identity_provider = GOOGLE
    left_out = frozenset({"id", "requiredActions"})
    examples = 1
    points = 3
    refusals = (
        b'{"errorMessage": "User exists with same email", "params": ["canary-7f3a@example.com"]}',
        b'{"errors": [{"field": "email", "errorMessage": "error-invalid-email", '
        b'"params": ["canary-7f3a@example.com"]}]}',
        b'{"error": "unknown_error", "error_description": "For more on this error consult the server log."}',
    )

    def __init__(self, realm: Realm, folder: FilePath) -> None:
        realm.declare(legacy_id={}, plan={"validations": {"length": {"max": 40}}})
        profile = realm.ask("GET", "/users/profile")
        self._profile = {**profile, "unmanagedAttributePolicy": "ADMIN_EDIT"}
        realm.add_identity_providers([GOOGLE])
        self.provider = PROVIDER
        self.settings = {"url": realm.server, "realm": realm.name, "client_id": CLIENT, "client_secret": SECRET}
        self.folder = folder
        self._realm = realm

    def declare_again(self) -> None:
        """The user profile as it was: what an earlier law declared would be one more field of every user."""
        self._realm.ask("PUT", "/users/profile", self._profile)

    def value(self, kind: Kind, path: Path, field: FieldSchema, number: int) -> Any:
        """A role is of the realm, a group at the top; an attribute's name is of the user's."""
        own = {
            ("role", "scope"): "",
            ("group", "name"): f"/group {number}",
            ("attribute", "name"): f"{_ATTRIBUTES}k{number}",
            ("attribute", "max_length"): 40,
        }
        return own[kind, path] if (kind, path) in own else super().value(kind, path, field, number)

    def messages(self) -> int:
        """The realm has no mail server."""
        return 0

    def scribble(self, user: str) -> None:
        own = self._realm.ask("GET", f"/users/{user}")
        own["attributes"] = {**own.get("attributes", {}), "seat": ["14"]}
        self._realm.ask("PUT", f"/users/{user}", own)

    def put(self, kind: Kind, values: Mapping[Path, Any], refs: Mapping[Path, str]) -> str:
        realm = self._realm
        if kind == "user":
            roots = {path: value for path, value in values.items() if path in _ROOTS}
            held = {path: [str(value)] for path, value in values.items() if path.startswith(_ATTRIBUTES)}
            attributes = {path.removeprefix(_ATTRIBUTES): value for path, value in held.items()}
            return realm.create(**roots, attributes=attributes)
        if kind == "role":
            realm.ask("POST", "/roles", {name: values[name] for name in ("name", "description")})
            return str(realm.ask("GET", f"/roles/{values['name']}")["id"])
        if kind == "group_member":
            realm.ask("PUT", f"/users/{refs['user']}/groups/{refs['group']}")
            return f"{refs['group']}\n{refs['user']}"
        raise NotImplementedError(kind)

    def get(self, kind: Kind, id: str) -> Any:
        try:
            return self._get(kind, id)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.NOT_FOUND:
                raise
            return None

    def _get(self, kind: Kind, id: str) -> Any:
        realm = self._realm
        if kind == "user":
            shown = realm.user(id)
            return {**shown, "scribble": shown.get("attributes", {}).get("seat")}
        if kind == "attribute":
            known = realm.ask("GET", "/users/profile")["attributes"]
            return next((own for own in known if own["name"] == id), None)
        if kind in _PARENTS:
            return realm.ask("GET", f"/{_PARENTS[kind]}/{id}")
        if kind == "link":
            user, provider = id.split("\n")
            linked = realm.ask("GET", f"/users/{user}/federated-identity")
            return next((own for own in linked if own["identityProvider"] == provider), None)
        parent, user = id.split("\n")
        return self._parents(kind, user).get(parent)

    def _parents(self, kind: Kind, user: str) -> dict[str, str]:
        """What a user is in, by id."""
        if kind == "group_member":
            found = self._realm.ask("GET", f"/users/{user}/groups")
        elif kind == "role_member":
            found = self._realm.ask("GET", f"/users/{user}/role-mappings/realm")
        else:
            found = self._realm.ask("GET", f"/organizations/members/{user}/organizations")
        return {str(own["id"]): str(own["name"]) for own in found}


_ROOTS: Final = ("username", "email", "emailVerified", "firstName", "lastName", "enabled")
