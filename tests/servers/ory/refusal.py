"""An error as the admin API answers it (spec errorGeneric; facts 13)."""

import uuid
from http import HTTPStatus
from typing import Any, Final

CONFLICT: Final = "This identity conflicts with another identity that already exists."
"""Word for word (facts 3). It does not say about what."""


class Refusal(Exception):
    """A request that is answered with an error; ``headers`` go with it."""

    def __init__(self, status: int, reason: str, message: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.message = message or _MESSAGES.get(status, "The request was malformed or contained invalid parameters")
        self.headers = headers or {}

    def document(self) -> dict[str, Any]:
        return {
            "code": self.status,
            "status": HTTPStatus(self.status).phrase,
            "request": str(uuid.uuid4()),
            "reason": self.reason,
            "message": self.message,
        }


_MESSAGES: Final = {
    401: "The request could not be authorized",
    404: "Unable to locate the resource",
    409: "The resource could not be created due to a conflict",
    429: "Rate limit exceeded",
}


def malformed(reason: str) -> Refusal:
    return Refusal(400, reason)


def conflict() -> Refusal:
    return Refusal(409, CONFLICT)


def not_found() -> Refusal:
    return Refusal(404, "Unable to locate the resource")
