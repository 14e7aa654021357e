"""What a page, a create and a token are in the admin API of Kratos, for the fault server."""

import re
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from poolshift.testing.faults import Answer, Nature, PageOf, Refusal, Request, Terms, json_answer

_IDENTITIES: Final = "/admin/identities"
_NEXT: Final = re.compile(r'<[^>]*[?&]page_token=([^>&]*)[^>]*>\s*;\s*rel="?next"?')
_MESSAGES: Final[dict[Refusal, str]] = {
    "busy": "Too many requests",
    "denied": "Access is denied",
    "expired_session": "Access credentials are invalid",
    "expired_page_token": "The page token is invalid, do not craft your own page tokens",
}


class OryTerms(Terms):
    """The next token stands in the Link header only; a batch of creates is a PATCH of the whole list."""

    people: ClassVar[str] = _IDENTITIES

    def nature(self, request: Request) -> Nature:
        if request.method == "PATCH" and request.path == _IDENTITIES:
            return "create"
        return super().nature(request)

    def refusal(self, why: Refusal) -> Answer:
        status = self.statuses[why]
        return json_answer(status, {"error": {"code": status, "message": _MESSAGES[why]}})

    def made(self, answer: Answer) -> str | None:
        """Of a batch the first one."""
        document = answer.document
        if answer.status == 200 and isinstance(document, dict):
            rows = [row for row in document.get("identities", ()) if row["action"] == "create"]
            return str(rows[0]["identity"]) if rows else None
        return super().made(answer)

    def page(self, request: Request, answer: Answer) -> PageOf | None:
        if request.path != _IDENTITIES or not isinstance(answer.document, list):
            return None
        found = _NEXT.search(answer.headers.get("link", ""))
        return PageOf(answer.document, found[1] if found else None)

    def with_page(self, request: Request, answer: Answer, page: PageOf) -> Answer:
        query = urlencode({"page_token": page.token or ""})
        link = f'<{_IDENTITIES}?{query}>; rel="next"' if page.token else f'<{_IDENTITIES}>; rel="first"'
        return answer.with_document(list(page.records)).with_headers(link=link)

    def token(self, request: Request) -> str | None:
        return dict(_query(request)).get("page_token")

    def with_token(self, request: Request, token: str) -> Request:
        return _with_query(request, page_token=token)

    def at_most(self, request: Request, records: int) -> Request:
        size = dict(_query(request)).get("page_size") if request.path == _IDENTITIES else None
        return request if size is None else _with_query(request, page_size=str(min(records, int(size))))


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.target).query, keep_blank_values=True)


def _with_query(request: Request, **changed: Any) -> Request:
    kept = [(name, value) for name, value in _query(request) if name not in changed]
    target = f"{request.path}?{urlencode([*kept, *changed.items()])}"
    return Request(request.method, target, request.headers, request.body)
