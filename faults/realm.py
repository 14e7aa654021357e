"""A realm of a real Keycloak, as a place to migrate into."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Self

from tests.end_to_end.keycloak.ends import PROVIDERS, People, moved, prepare
from tests.end_to_end.keycloak.spec import ENVIRON, spec
from tests.servers.foreign import installed
from tests.servers.keycloak import KeycloakServer, Realm
from tests.servers.keycloak.terms import KeycloakTerms

from faults.exports import from_export

_SHARED: Final = ("/organizations", "/groups", "/roles")


class KeycloakRealm:
    """A context manager around a realm on a server of its own: an id that one realm has is taken in all of them."""

    terms = KeycloakTerms()
    environ = ENVIRON
    messages: Sequence[object] = ()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            server = stack.enter_context(KeycloakServer(installed("keycloak") / "server"))
            self._realm = stack.enter_context(Realm(server.url))
            prepare(self._realm)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        return self._realm.server

    def spec(self, source: str | None, destination: str) -> str:
        return from_export(spec("", "", self._realm, destination))

    def snapshot(self) -> Any:
        """Documents by path: of everybody, the user profile, what is shared and who is in it."""
        held = {path: self._by_id(path) for path in ("/users", *_SHARED, *self._memberships())}
        return held | {"/users/profile": self._realm.ask("GET", "/users/profile")}

    def put(self, snapshot: Any) -> None:
        """What came since goes; who is still there gets their document back. A server cannot be set back otherwise."""
        realm = self._realm
        for path in ("/users", *_SHARED):
            for id in self._by_id(path).keys() - snapshot[path].keys():
                realm.ask("DELETE", f"/roles-by-id/{id}" if path == "/roles" else f"{path}/{id}")
        for path in self._memberships():
            for id in self._by_id(path).keys() - snapshot[path].keys():
                realm.ask("DELETE", f"{path}/{id}")
        if realm.ask("GET", "/users/profile") != snapshot["/users/profile"]:
            realm.ask("PUT", "/users/profile", snapshot["/users/profile"])
        for id, user in self._by_id("/users").items():
            for alias in PROVIDERS:
                realm.send("DELETE", f"/users/{id}/federated-identity/{alias}")
            if user != snapshot["/users"][id]:
                realm.ask("PUT", f"/users/{id}", snapshot["/users"][id])

    def holders(self) -> Counter[str | None]:
        return Counter(user["id"] for user in self._realm.listed("/users"))

    def moved(self) -> People:
        return moved(self._realm)

    def ids(self) -> Mapping[str, str]:
        """Everybody keeps the id they had."""
        return {user["id"]: user["id"] for user in self._realm.listed("/users")}

    def _by_id(self, path: str) -> dict[str, Any]:
        query = {"briefRepresentation": "false"} if path == "/users" else {}
        return {one["id"]: one for one in self._realm.listed(path, **query)}

    def _memberships(self) -> list[str]:
        """Lists of members of organizations: with groups and roles theirs go."""
        return [f"/organizations/{id}/members" for id in self._by_id("/organizations")]
