"""An Auth0 tenant, as a place to migrate into: by the API, or by import jobs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from tests.end_to_end.auth0.spec import ENVIRON, spec
from tests.end_to_end.auth0.tenant import People, moved
from tests.servers.auth0 import Auth0Server
from tests.servers.auth0.people import PREFIX
from tests.servers.auth0.terms import Auth0Terms

from faults.exports import from_export


class Tenant:
    """A context manager around a tenant. method: of the spec's people."""

    terms = Auth0Terms()
    environ = ENVIRON

    def __init__(self, method: str) -> None:
        self._method = method

    def __enter__(self) -> Self:
        self._server = Auth0Server().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def messages(self) -> Sequence[object]:
        return self._server.mails

    def spec(self, source: str | None, destination: str) -> str:
        text = from_export(spec("", "", self._server, destination))
        return text.replace("\nusers:\n", f"\nusers:\n  method: {self._method}\n")

    def snapshot(self) -> Any:
        return self._server.snapshot()

    def put(self, snapshot: Any) -> None:
        self._server.put_back(snapshot)

    def holders(self) -> Counter[str | None]:
        """By the old user name, which every record keeps."""
        return Counter(user.get("user_metadata", {}).get("username") for user in self._server.tenant.users.values())

    def moved(self) -> People:
        return moved(self._server)

    def ids(self) -> Mapping[str, str]:
        return {own.removeprefix(PREFIX): own for own in self._server.tenant.users}
