"""The calls the provider makes: what each counts against, whether it writes, whether it may be repeated."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from poolshift.provider.session import Calls, Reply
from poolshift_providers.ory.quotas import LISTS, READS, WRITES
from poolshift_providers.ory.settings import Settings

IDENTITIES: Final = "/admin/identities"
OIDC: Final = "oidc"


class Requests:
    """Calls on one Ory. Every method raises what `Calls.http` raises."""

    def __init__(self, calls: Calls, settings: Settings) -> None:
        self._calls = calls
        self._settings = settings

    def identity_schema(self) -> Mapping[str, Any]:
        """The JSON schema of the traits."""
        where = f"{self._settings.schemas_url}/schemas/{quote(self._settings.schema_id, safe='')}"
        document: Mapping[str, Any] = self._calls.http("GET", where, quota=LISTS, writes=False).json()
        return document

    def page(self, size: int, token: str | None, *, links: bool) -> Reply:
        query: dict[str, Any] = {"page_size": size} | ({"page_token": token} if token else {})
        return self._list(query, links=links)

    def by_ids(self, ids: Sequence[str], *, links: bool = False) -> Reply:
        return self._list({"ids": list(ids)}, links=links)

    def by_identifier(self, identifier: str) -> Reply:
        """Who signs in with it, exactly."""
        return self._list({"credentials_identifier": identifier}, links=False)

    def by_external_id(self, external_id: str) -> Mapping[str, Any] | None:
        """The identity; None where there is none."""
        path = f"{IDENTITIES}/by/external/{quote(external_id, safe='')}"
        return self._one(path, LISTS, {})

    def identity(self, id: str, *, links: bool = False) -> Mapping[str, Any] | None:
        """The identity; None where there is none."""
        query = {"include_credential": OIDC} if links else {}
        return self._one(f"{IDENTITIES}/{quote(id, safe='')}", READS, query)

    def create(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        made: Mapping[str, Any] = self._calls.http("POST", IDENTITIES, quota=WRITES, writes=True, json=body).json()
        return made

    def create_all(self, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        body = {"identities": list(rows)}
        answer: Mapping[str, Any] = self._calls.http("PATCH", IDENTITIES, quota=WRITES, writes=True, json=body).json()
        return answer

    def patch(self, id: str, operations: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Not to be repeated blindly: a removal succeeds once."""
        path = f"{IDENTITIES}/{quote(id, safe='')}"
        changed: Mapping[str, Any] = self._calls.http(
            "PATCH", path, quota=WRITES, writes=True, json=list(operations)
        ).json()
        return changed

    def put(self, id: str, body: Mapping[str, Any]) -> None:
        self._calls.http("PUT", f"{IDENTITIES}/{quote(id, safe='')}", quota=WRITES, writes=True, json=body)

    def delete(self, id: str) -> bool:
        """Whether it was there."""
        path = f"{IDENTITIES}/{quote(id, safe='')}"
        reply = self._calls.http("DELETE", path, quota=WRITES, writes=True, again=True, ok={404: "gone"})
        return reply.status != 404

    def delete_link(self, id: str, provider: str, subject: str) -> bool:
        """Whether it was there."""
        reply = self._calls.http(
            "DELETE",
            f"{IDENTITIES}/{quote(id, safe='')}/credentials/{OIDC}",
            quota=WRITES,
            writes=True,
            again=True,
            query={"identifier": f"{provider}:{subject}"},
            ok={404: "gone"},
        )
        return reply.status != 404

    def _list(self, query: dict[str, Any], *, links: bool) -> Reply:
        """Read what was written a moment ago: a project may be set to answer with what is some seconds old."""
        if links:
            query["include_credential"] = OIDC
        return self._calls.http("GET", IDENTITIES, quota=LISTS, writes=False, query={**query, "consistency": "strong"})

    def _one(self, path: str, quota: str, query: Mapping[str, Any]) -> Mapping[str, Any] | None:
        reply = self._calls.http("GET", path, quota=quota, writes=False, query=query, ok={404: "none"})
        if reply.status == 404:
            return None
        found: Mapping[str, Any] = reply.json()
        return found
