"""Organizations of a project, as the API of the Ory Console keeps them (spec of the Ory Network; facts 8)."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tests.servers.ory.refusal import Refusal, malformed

_MEMBERS: Final = frozenset({"label", "domains", "default_region", "session_lifespan"})
PAGE: Final = 250
LARGEST_PAGE: Final = 1_000


class Organizations:
    """By id, in the order of creation. Used under the server's lock."""

    def __init__(self) -> None:
        self.by_id: dict[str, dict[str, Any]] = {}

    def create(self, body: Any) -> dict[str, Any]:
        """spec POST /projects/{project_id}/organizations. A domain is of one organization; a label is not unique."""
        if not isinstance(body, Mapping) or body.keys() - _MEMBERS:
            raise malformed("json: unknown field")
        domains = list(body.get("domains") or ())
        taken = {domain for own in self.by_id.values() for domain in own["domains"]}
        if taken & set(domains):
            raise Refusal(409, "A domain is in use by another organization.")
        made: dict[str, Any] = {
            "id": str(uuid.uuid4()),
            "label": str(body.get("label") or ""),
            "domains": domains,
            "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        self.by_id[str(made["id"])] = made
        return made

    def page(self, query: Mapping[str, list[str]]) -> dict[str, Any]:
        """spec GET of the same path: the next token stands in the answer."""
        size = int(query.get("page_size", [str(PAGE)])[0])
        if not 1 <= size <= LARGEST_PAGE:
            raise malformed("page_size is out of range")
        token = query.get("page_token", ["0"])[0]
        if not token.isdecimal():
            raise malformed("The page token is invalid, do not craft your own page tokens")
        start = int(token)
        found = list(self.by_id.values())
        more = len(found) > start + size
        return {
            "organizations": found[start : start + size],
            "has_next_page": more,
            "next_page_token": str(start + size) if more else "",
        }
