"""What a page, a create and a token are in the Management API, for the fault server."""

import re
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from poolshift.testing.faults import Answer, Nature, PageOf, Refusal, Request, Terms, json_answer

_LISTS: Final = re.compile(r"/(users|users-by-email|roles|organizations|members|connections)$")
_CREATES: Final = re.compile(r"/api/v2/(users|jobs/users-imports)$")
_EXPORT: Final = "/jobs/users-exports"
_RECORDS: Final = ("organizations", "members", "users")
"""What is listed by checkpoint; pages by number have no other shape than they have."""

_FEW: Final = 4
"""Lists of memberships are so much shorter than one of everybody."""

_WORDS: Final[dict[Refusal, tuple[str, str]]] = {
    "busy": ("too_many_requests", "Global limit has been reached"),
    "denied": ("insufficient_scope", "Insufficient scope, expected any of: read:users"),
    "expired_session": ("invalid_token", "Expired token received for JSON Web Token validation"),
    "expired_page_token": ("invalid_query_string", "Query validation error: 'Invalid value' on property from"),
}


class Auth0Terms(Terms):
    """Everybody is listed by an export, which is fetched elsewhere; the lists are those of memberships."""

    renews = True
    lags = False
    people: ClassVar[str] = "/api/v2/users"

    def nature(self, request: Request) -> Nature:
        if request.path == self.session:
            return "session"
        if request.method == "GET":
            return "page" if _LISTS.search(request.path) else "read"
        if request.method == "POST" and request.path.endswith(_EXPORT):
            return "read"
        return "create" if request.method == "POST" and _CREATES.search(request.path) else "write"

    def refusal(self, why: Refusal) -> Answer:
        status, (word, message) = self.statuses[why], _WORDS[why]
        return json_answer(status, {"statusCode": status, "error": "Refused", "message": message, "errorCode": word})

    def made(self, answer: Answer) -> str | None:
        """Of an import only the job is known."""
        document = answer.document
        return str(document["user_id"]) if isinstance(document, dict) and "user_id" in document else None

    def id_of(self, record: Any) -> str:
        return str(record.get("user_id") or record["id"])

    def page(self, request: Request, answer: Answer) -> PageOf | None:
        document, query = answer.document, _query(request)
        if answer.status != 200 or "take" not in query or not isinstance(document, dict):
            return None
        return PageOf(document[_key(document)], document.get("next"))

    def with_page(self, request: Request, answer: Answer, page: PageOf) -> Answer:
        key = _key(answer.document)
        return answer.with_document({key: list(page.records)} | ({"next": page.token} if page.token else {}))

    def token(self, request: Request) -> str | None:
        return _query(request).get("from")

    def with_token(self, request: Request, token: str) -> Request:
        return _with_query(request, {"from": token})

    def at_most(self, request: Request, records: int) -> Request:
        query = _query(request)
        name = next((name for name in ("take", "per_page") if name in query), None)
        return (
            request
            if name is None
            else _with_query(request, {name: str(min(max(1, records // _FEW), int(query[name])))})
        )


def _key(document: Any) -> str:
    return next(name for name in _RECORDS if name in document)


def _query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))


def _with_query(request: Request, changed: dict[str, str]) -> Request:
    target = f"{request.path}?{urlencode(_query(request) | changed)}"
    return Request(request.method, target, request.headers, request.body)
