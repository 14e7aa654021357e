"""What a page, a create and a token are in the AWS JSON protocol, for the fault server."""

from typing import Any, Final

from poolshift.testing.faults import Answer, Nature, PageOf, Refusal, Request, Terms, json_answer

_PAGES: Final = {
    "ListUsers": ("Users", "PaginationToken"),
    "ListUsersInGroup": ("Users", "NextToken"),
    "ListGroups": ("Groups", "NextToken"),
    "AdminListGroupsForUser": ("Groups", "NextToken"),
}
"""Under which keys the records and the token of the next page stand: botocore cognito-idp 2016-04-18."""

_REFUSALS: Final[dict[Refusal, tuple[int, str, str]]] = {
    "busy": (429, "TooManyRequestsException", "Rate exceeded"),
    "denied": (403, "AccessDeniedException", "User is not authorized to perform this action"),
    "expired_session": (400, "ExpiredTokenException", "The security token included in the request is expired"),
    "expired_page_token": (400, "InvalidParameterException", "Paging marker is invalid for request"),
}


class CognitoTerms(Terms):
    """The operation is named by a header; everything else is a POST to /."""

    def nature(self, request: Request) -> Nature:
        operation = _operation(request)
        if operation in _PAGES:
            return "page"
        if operation.startswith(("Describe", "Get", "AdminGet")):
            return "read"
        return "create" if operation == "AdminCreateUser" else "write"

    def refusal(self, why: Refusal) -> Answer:
        status, name, message = _REFUSALS[why]
        return json_answer(status, {"__type": name, "message": message}, x_amzn_errortype=name)

    def made(self, answer: Answer) -> str | None:
        document = answer.document or {}
        return str(document["User"]["Username"]) if "User" in document else None

    def id_of(self, record: Any) -> str:
        return str(record.get("Username") or record["GroupName"])

    def page(self, request: Request, answer: Answer) -> PageOf | None:
        document = answer.document
        if _operation(request) not in _PAGES or not isinstance(document, dict) or answer.status != 200:
            return None
        records, token = _PAGES[_operation(request)]
        return PageOf(document[records], document.get(token))

    def with_page(self, request: Request, answer: Answer, page: PageOf) -> Answer:
        records, token = _PAGES[_operation(request)]
        document = {key: value for key, value in answer.document.items() if key != token}
        return answer.with_document(document | {records: page.records} | ({token: page.token} if page.token else {}))

    def token(self, request: Request) -> str | None:
        if _operation(request) not in _PAGES:
            return None
        found = request.document.get(_PAGES[_operation(request)][1])
        return None if found is None else str(found)

    def with_token(self, request: Request, token: str) -> Request:
        return request.with_document(request.document | {_PAGES[_operation(request)][1]: token})

    def at_most(self, request: Request, records: int) -> Request:
        """Of lists only: a filter finds what it finds on one page."""
        if _operation(request) not in _PAGES or "Filter" in request.document:
            return request
        return request.with_document(request.document | {"Limit": min(records, request.document.get("Limit", 60))})


def _operation(request: Request) -> str:
    return request.headers.get("x-amz-target", "").rpartition(".")[2]
