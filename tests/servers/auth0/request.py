"""One request to the tenant, and one answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.auth0 import refusal


@dataclass(frozen=True)
class Request:
    """body: a JSON document, the parts of a form, or None. at: what stands in the path."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    at: Mapping[str, str] = field(default_factory=dict)

    def page(self) -> tuple[int, int]:
        """(page, size) of the request; 50 where it names none. Raises Refusal (OpenAPI: maximum 100)."""
        return self._number("page", 0, 0), self._number("per_page", 50, 1)

    @property
    def take(self) -> int | None:
        return self._number("take", 50, 1) if "take" in self.query else None

    @property
    def totals(self) -> bool:
        return self.query.get("include_totals") == "true"

    def _number(self, name: str, default: int, least: int) -> int:
        text = self.query.get(name, str(default))
        if not text.isdecimal() or int(text) < least or (name in ("per_page", "take") and int(text) > 100):
            raise refusal.query(f"Query validation error: {name} is out of range")
        return int(text)


@dataclass(frozen=True)
class Answer:
    """document: None for an empty body. after: HTTP headers."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def listed(request: Request, items: list[Any], name: str, *, checkpoint: bool = False) -> Answer:
    """A page of a list, as a list or an object.

    Pages by number end after 1,000 records (vendors/auth0.md 2 and 8); pages by ``from`` and ``take`` do not.
    """
    if checkpoint and (take := request.take) is not None:
        start = int(request.query.get("from") or 0)
        page = {name: items[start : start + take]}
        return Answer(200, page if start + take >= len(items) else {"next": str(start + take), **page})
    number, size = request.page()
    if checkpoint and (number + 1) * size > 1_000:
        raise refusal.query("You can only page through the first 1000 records.")
    page_items = items[number * size : (number + 1) * size]
    if not request.totals:
        return Answer(200, page_items)
    return Answer(200, {"start": number * size, "limit": size, "total": len(items), name: page_items})
