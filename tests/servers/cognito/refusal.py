"""An answer that is an error: what Cognito calls an exception."""

from typing import Final, Self

COMMON: Final = frozenset({"AccessDeniedException", "ExpiredTokenException", "SerializationException"})
"""Errors every AWS operation may answer with, which service models do not list."""


class Refusal(Exception):
    """type: an error shape of the operation or one of COMMON; status: HTTP; headers: sent beside the usual ones."""

    def __init__(self, type: str, message: str, status: int = 400, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{type}: {message}")
        self.type = type
        self.message = message
        self.status = status
        self.headers = headers or {}

    @classmethod
    def parameter(cls, message: str) -> Self:
        return cls("InvalidParameterException", message)

    @classmethod
    def no_user(cls) -> Self:
        return cls("UserNotFoundException", "User does not exist.")
