"""Requests to the admin API of one realm. Each says which role of realm-management it needs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from poolshift.errors import AccessDenied, ProviderDown
from poolshift.provider.operation import Code, Failed
from poolshift.provider.session import Calls, Reply
from poolshift_providers.keycloak.paging import Items, overlapping
from poolshift_providers.keycloak.routes import QUOTA
from poolshift_providers.keycloak.settings import Settings

_DENIED: Final = "HTTP_DENIED"


class Admin:
    """May be used from several threads."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._calls = calls
        self._path = settings.admin_path

    def get(self, path: str, needs: str, **query: Any) -> Any:
        """The answer's document. Raises what a read raises; Failed (GONE) where it is not there."""
        reply = self._send("GET", path, needs, writes=False, again=True, query=_texts(query))
        return reply.json()

    def found(self, path: str, needs: str, **query: Any) -> Any:
        """The same, None where it is not there."""
        try:
            return self.get(path, needs, **query)
        except Failed as error:
            if error.failure.code is not Code.GONE:
                raise
            return None

    def write(
        self,
        method: str,
        path: str,
        needs: str,
        json: Any = None,
        *,
        again: bool = False,
        ok: Mapping[int, str] | None = None,
    ) -> Reply:
        """Raises Failed, which names the missing role where access is denied, and Unknown."""
        return self._send(method, path, needs, writes=True, again=again, json=json, ok=ok)

    def pages(self, path: str, needs: str, **query: Any) -> Iterator[Items]:
        """A list to its end, as `overlapping` gives it."""

        def ask(first: int, most: int) -> Items:
            page = self.get(path, needs, first=first, max=most, **query)
            if not isinstance(page, list):
                raise ProviderDown.of("HTTP_ANSWER", f"GET {path}: an answer that is no list", "Check `url`.")
            return page

        return overlapping(f"GET {path}", ask)

    def _send(self, method: str, path: str, needs: str, **more: Any) -> Reply:
        try:
            return self._calls.http(method, self._path + path, quota=QUOTA, **more)
        except AccessDenied as error:
            if any(diagnostic.code != _DENIED for diagnostic in error.diagnostics):
                raise
            raise AccessDenied.of(_DENIED, f"{error.diagnostics[0].summary}: {self._lacks(needs)}", _GRANT) from error
        except Failed as error:
            if error.failure.code is not Code.DENIED:
                raise
            message = f"{error.failure.message}: {self._lacks(needs)}"
            raise Failed(replace(error.failure, message=message)) from error

    def _lacks(self, needs: str) -> str:
        return f"the service account of {self._settings.client_id} lacks the role {needs} of realm-management"


_GRANT: Final = "Give the service account that role: client, service account roles, assign role of realm-management."


def segment(text: str) -> str:
    """A name as one part of a path."""
    return quote(text, safe="")


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
