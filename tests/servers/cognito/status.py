"""User statuses: moto knows four of Cognito's eight and compares those by identity."""

from typing import Final

from moto.cognitoidp.models import CognitoIdpUser, UserStatus

_MOTOS: Final = {status.value: status for status in UserStatus}


def set_status(user: CognitoIdpUser, status: str) -> None:
    user.status = _MOTOS.get(status, status)


def status_of(user: CognitoIdpUser) -> str:
    """The plain word."""
    return user.status.value if isinstance(user.status, UserStatus) else user.status
