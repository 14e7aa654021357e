"""An answer that is an error, in Auth0's envelope (vendors/auth0.md 13)."""

from http import HTTPStatus
from typing import Any


class Refusal(Exception):
    """status: HTTP; code: errorCode, may be empty; headers: sent beside the usual ones."""

    def __init__(self, status: int, message: str, code: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}

    @property
    def document(self) -> dict[str, Any]:
        body = {"statusCode": self.status, "error": HTTPStatus(self.status).phrase, "message": self.message}
        return {**body, "errorCode": self.code} if self.code else body


def body(message: str) -> Refusal:
    return Refusal(400, f"Payload validation error: {message}", "invalid_body")


def uri(message: str) -> Refusal:
    return Refusal(400, message, "invalid_uri")


def query(message: str) -> Refusal:
    return Refusal(400, message, "invalid_query_string")
