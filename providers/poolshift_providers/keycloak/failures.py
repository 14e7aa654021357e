"""The one table of what Keycloak refuses. None of its messages is passed on: they quote what they were sent."""

import re
from collections.abc import Mapping
from typing import Any, Final

from poolshift.provider.operation import Code, Failure
from poolshift.provider.refusal import by_status, document_of

_KEY: Final = re.compile(r"error-[a-z-]{1,60}")
"""What the server's own rules of a user profile answer with: error-invalid-length. Others may answer with a value."""
_OTHER: Final = "a rule of this realm's own"

_FIELD: Final = re.compile(r"[\w.:-]{1,100}")

_CONFLICTS: Final[tuple[tuple[str, Code, str], ...]] = (
    ("same email", Code.TAKEN, "another user has this e-mail address"),
    ("same username", Code.EXISTS, "there is a user of this name"),
    ("user name", Code.EXISTS, "there is a user with this name or e-mail address"),
    ("already a member", Code.EXISTS, "the user is a member already"),
    ("already linked", Code.EXISTS, "the user is linked with this identity provider already"),
    ("group named", Code.EXISTS, "there is a group of this name"),
    ("role with name", Code.EXISTS, "there is a role of this name"),
    ("organization", Code.EXISTS, "there is an organization with this name, alias or domain"),
    (
        "duplicate resource",
        Code.TAKEN,
        "a unique value is another record's; an id may be that of a user in another realm",
    ),
)
_STATUSES: Final[Mapping[int, tuple[Code, str]]] = {
    400: (Code.INVALID, "the server does not take a value"),
    401: (Code.DENIED, "the token is not accepted"),
    403: (Code.DENIED, "access denied"),
    404: (Code.GONE, "it is not there"),
    405: (Code.UNSUPPORTED, "the server does not know this request"),
    408: (Code.BUSY, "the request took too long"),
    409: (Code.EXISTS, "it is there already"),
    413: (Code.INVALID, "the request is larger than the server, or a proxy before it, allows"),
    415: (Code.UNSUPPORTED, "the server does not take this content"),
    429: (Code.BUSY, "too many requests"),
    501: (Code.UNSUPPORTED, "the server does not support this"),
}


def failure_of(status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
    """Total: every status and every body, JSON or not, is a code."""
    known = {name.lower(): value for name, value in headers.items()}
    document = document_of(body)
    code, why = _STATUSES.get(status) or by_status(status)
    path = None
    if status == 409:
        code, why = _conflict(document, (code, why))
    elif status == 400 and (found := _refusals(document)):
        path, why = found
    elif not document and status >= 400 and body:
        why = f"{why}; the answer is not Keycloak's: something stands before it"
    request = known.get("x-request-id", "")
    return Failure(code, f"{why} ({status})", path, _seconds(known.get("retry-after")), request)


def named_in_conflict(content: bytes) -> str | None:
    """The user name an import stumbled over, where the answer names it: only to find its row again."""
    found = re.fullmatch(
        r"User with user name (.+) already exists\.", str(document_of(content).get("errorMessage", ""))
    )
    return found[1] if found else None


def is_own(content: bytes) -> bool:
    """Whether the server itself answered with an error: then its transaction was rolled back."""
    return bool(document_of(content).keys() & {"error", "errorMessage", "errors"})


def _conflict(document: Mapping[str, Any], otherwise: tuple[Code, str]) -> tuple[Code, str]:
    message = str(document.get("errorMessage") or "").lower()
    return next(((code, why) for words, code, why in _CONFLICTS if words in message), otherwise)


def _refusals(document: Mapping[str, Any]) -> tuple[str | None, str] | None:
    """(first field, what its rules say) of an answer of the user profile; None where it is something else."""
    errors = document.get("errors")
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else [dict(document)]
    rules = [(one.get("field"), one.get("errorMessage")) for one in found]
    told = [
        (field, key if _KEY.fullmatch(key) else _OTHER)
        for field, key in rules
        if isinstance(field, str) and isinstance(key, str) and _FIELD.fullmatch(field)
    ]
    if not told:
        return None
    return told[0][0], f"the user profile refuses {', '.join(f'{field}: {key}' for field, key in told)}"


def _seconds(value: str | None) -> float | None:
    return float(value) if value is not None and value.isdecimal() else None
