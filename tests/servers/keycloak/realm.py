"""A realm of a test's own, seen and filled as an administrator would: nothing of it goes through the provider."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import httpx

from tests.servers.keycloak.server import ADMIN

CLIENT: Final = "poolshift"
SECRET: Final = "invented-secret"
SIGN_IN: Final = "shop"
ROLES: Final = ("realm-admin",)
_PAGE: Final = 100


class Realm:
    """A context manager; the realm goes when it ends. settings: of the realm, in the API's words."""

    def __init__(self, server: str, **settings: Any) -> None:
        self.server = server
        self.name = f"r-{uuid4().hex[:10]}"
        self._settings = {"resetPasswordAllowed": True, "organizationsEnabled": True, **settings}
        self._client = httpx.Client(base_url=server, timeout=60)
        self._authorize()

    def __enter__(self) -> Self:
        self._client.post(
            "/admin/realms",
            json={
                "realm": self.name,
                "enabled": True,
                "sslRequired": "none",
                "clients": [
                    {
                        "clientId": CLIENT,
                        "secret": SECRET,
                        "serviceAccountsEnabled": True,
                        "standardFlowEnabled": False,
                    },
                    {"clientId": SIGN_IN, "publicClient": True, "directAccessGrantsEnabled": True},
                ],
                **self._settings,
            },
        ).raise_for_status()
        self.grant(*ROLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ask("DELETE", "")
        self._client.close()

    def grant(self, *names: str) -> None:
        """The roles of realm-management that poolshift's service account has, and no other."""
        management = self.client_id("realm-management")
        account = self.ask("GET", f"/clients/{self.client_id(CLIENT)}/service-account-user")["id"]
        path = f"/users/{account}/role-mappings/clients/{management}"
        self.ask("DELETE", path, self.ask("GET", path))
        self.ask("POST", path, [self.ask("GET", f"/clients/{management}/roles/{name}") for name in names])

    def ask(self, method: str, path: str, json: Any = None, **query: Any) -> Any:
        """An admin request's document, None where the answer is empty. Raises httpx.HTTPStatusError."""
        reply = self.send(method, path, json, **query)
        reply.raise_for_status()
        return reply.json() if reply.content else None

    def send(self, method: str, path: str, json: Any = None, **query: Any) -> httpx.Response:
        address = f"/admin/realms/{self.name}{path}"
        reply = self._client.request(method, address, json=json, params=query)
        if reply.status_code == 401:
            self._authorize()
            reply = self._client.request(method, address, json=json, params=query)
        return reply

    def listed(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """A list in pages, to its end."""
        first = 0
        while page := self.ask("GET", path, first=first, max=_PAGE, **query):
            yield from page
            first += len(page)

    def client_id(self, name: str) -> str:
        return str(self.ask("GET", "/clients", clientId=name)[0]["id"])

    def create(self, username: str, **members: Any) -> str:
        """A user by POST /users, enabled unless said otherwise; answers its id."""
        reply = self.send("POST", "/users", {"username": username, "enabled": True, **members})
        reply.raise_for_status()
        return reply.headers["Location"].rpartition("/")[2]

    def user(self, id: str) -> dict[str, Any]:
        """The user with the paths of their groups and the names of their roles."""
        found: dict[str, Any] = self.ask("GET", f"/users/{id}")
        roles = self.ask("GET", f"/users/{id}/role-mappings")
        found["groups"] = sorted(own["path"] for own in self.ask("GET", f"/users/{id}/groups"))
        found["roles"] = sorted(own["name"] for own in roles.get("realmMappings", ()))
        found["clientRoles"] = {
            name: sorted(role["name"] for role in own["mappings"])
            for name, own in roles.get("clientMappings", {}).items()
        }
        return found

    def declare(self, **attributes: Mapping[str, Any]) -> None:
        """Attributes of the user profile, for administrators: by name, with their rules in the API's words."""
        profile = self.ask("GET", "/users/profile")
        rights = {"view": ["admin"], "edit": ["admin"]}
        profile["attributes"] += [{"name": name, "permissions": rights, **own} for name, own in attributes.items()]
        self.ask("PUT", "/users/profile", profile)

    def loosen(self, *rules: str) -> None:
        """Take rules out of the user profile, as an administrator does whose people have such names."""
        profile = self.ask("GET", "/users/profile")
        for own in profile["attributes"]:
            for rule in rules:
                own.get("validations", {}).pop(rule, None)
        self.ask("PUT", "/users/profile", profile)

    def add_identity_providers(self, aliases: Sequence[str]) -> None:
        for alias in aliases:
            config = {"clientId": "x", "clientSecret": "y"}
            self.ask("POST", "/identity-provider/instances", {"alias": alias, "providerId": "google", "config": config})

    def signs_in(self, username: str, password: str) -> bool:
        """Whether the token endpoint gives this person a token."""
        form = {"grant_type": "password", "client_id": SIGN_IN, "username": username, "password": password}
        path = f"/realms/{self.name}/protocol/openid-connect/token"
        reply = self._client.post(path, data=form, headers={"Authorization": ""})
        return reply.status_code == 200 and "access_token" in reply.json()

    def _authorize(self) -> None:
        """As the administrator of all realms; the token is short."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": ADMIN}
        reply = self._client.post("/realms/master/protocol/openid-connect/token", data=form)
        reply.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
