"""What a page, a create or a token is in one vendor's dialect: all that the fault server has to be told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from poolshift.testing.faults.exchange import Answer, Request, json_answer

Nature = Literal["page", "read", "create", "write", "session"]
"""page: of a list of records, or a search; read: any other; create: of a person; session: asks for an access token."""

Refusal = Literal["busy", "denied", "expired_session", "expired_page_token"]


@dataclass(frozen=True, slots=True)
class PageOf:
    """One page: its records as the vendor writes them, and the token of the next, None at the end."""

    records: Sequence[Any]
    token: str | None


class Terms:
    """A REST API whose lists end by themselves. A vendor's terms override what is different there, and no more.

    session: path of the request that gets an access token. people: paths of people's records. renews: whether a client
    gets itself another access token when one has expired. has_page_tokens: not where lists go by offset. lags: whether
    lists may show a person later than they are made.
    """

    session: ClassVar[str] = "/oauth/token"
    people: ClassVar[str] = "/users"
    renews: ClassVar[bool] = False
    has_page_tokens: ClassVar[bool] = True
    lags: ClassVar[bool] = True
    statuses: ClassVar[dict[Refusal, int]] = {
        "busy": 429,
        "denied": 403,
        "expired_session": 401,
        "expired_page_token": 400,
    }

    def nature(self, request: Request) -> Nature:
        if request.path.endswith(self.session):
            return "session"
        of_people = bool(re.search(rf"{self.people}/?$", request.path))
        if request.method == "GET":
            return "page" if of_people else "read"
        return "create" if request.method == "POST" and of_people else "write"

    def refusal(self, why: Refusal) -> Answer:
        return json_answer(self.statuses[why], {"error": why})

    def made(self, answer: Answer) -> str | None:
        """The id of the person that this create made."""
        document = answer.document
        return str(document["id"]) if answer.status < 300 and isinstance(document, dict) and "id" in document else None

    def id_of(self, record: Any) -> str:
        """The id of a person in a page, as ``made`` gives it."""
        return str(record["id"])

    def page(self, request: Request, answer: Answer) -> PageOf | None:
        """None where this is no page. Here a page is a list, and what follows it is another request's matter."""
        document = answer.document
        return PageOf(document, None) if isinstance(document, list) else None

    def with_page(self, request: Request, answer: Answer, page: PageOf) -> Answer:
        """The answer with this page in it."""
        return answer.with_document(list(page.records))

    def token(self, request: Request) -> str | None:
        """The page token it continues with; None for the first page, and where the vendor counts pages instead."""
        return None

    def with_token(self, request: Request, token: str) -> Request:
        """The same list from this token on."""
        raise NotImplementedError("this vendor's lists have no page tokens")

    def at_most(self, request: Request, records: int) -> Request:
        """The same page of so many records at most."""
        return request
