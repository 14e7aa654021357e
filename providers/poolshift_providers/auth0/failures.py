"""The one table of what Auth0 refuses, by status and error code. No message of Auth0's is passed on: they quote what
they were sent; only the names of missing scopes are taken out of one."""

import re
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from poolshift.provider.operation import Code, Failure
from poolshift.provider.refusal import by_status, document_of

_BY_STATUS: Final[Mapping[int, tuple[Code, str]]] = {
    400: (Code.INVALID, "the tenant does not take a value"),
    401: (Code.DENIED, "the token is not accepted"),
    402: (Code.UNSUPPORTED, "the tenant's subscription does not include this"),
    403: (Code.DENIED, "not allowed"),
    404: (Code.GONE, "it is not there"),
    405: (Code.UNSUPPORTED, "the tenant does not offer this"),
    408: (Code.BUSY, "the request took too long"),
    409: (Code.EXISTS, "it is there already"),
    413: (Code.INVALID, "the request is larger than 500 KB"),
    414: (Code.INVALID, "the query is too long"),
    422: (Code.INVALID, "the tenant does not take a value"),
    429: (Code.BUSY, "too many requests"),
}
_BY_CODE: Final[Mapping[str, tuple[Code, str]]] = {
    "insufficient_scope": (Code.DENIED, "the client lacks a scope"),
    "inexistent_organization": (Code.GONE, "the organization is not there"),
    "inexistent_user": (Code.GONE, "the user is not there"),
    "operation_not_supported": (Code.UNSUPPORTED, "the connection does not support this"),
    "quota_reached": (Code.INVALID, "a limit of the tenant is reached"),
    "entity_limit_reached": (Code.INVALID, "a limit of the tenant is reached"),
    "too_many_entities": (Code.INVALID, "a limit of the tenant is reached"),
}
_SCOPE: Final = re.compile(r"\b(?:create|read|update|delete):[a-z_]+")
_LONGEST_WAIT: Final = 3600.0


def failure_of(status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
    """Total: every status and every body, JSON or not, is a code."""
    known = {name.lower(): value for name, value in headers.items()}
    document = document_of(body)
    word = str(document.get("errorCode") or "")
    code, why = _BY_CODE.get(word) or _BY_STATUS.get(status) or by_status(status)
    if not document and status not in (429, 413):
        why = f"{why}; the answer is not the tenant's: something else answers there"
    if code is Code.DENIED and (scopes := _SCOPE.findall(str(document.get("message") or ""))):
        why = f"the client lacks a scope: {' or '.join(dict.fromkeys(scopes))}"
    return Failure(
        code,
        f"{why} ({word if _is_word(word) else status})",
        retry_after=_wait(known) if code in (Code.BUSY, Code.DOWN) else None,
        request_id=known.get("x-correlation-id") or known.get("cf-ray") or "",
    )


def _is_word(word: str) -> bool:
    """Error codes are words of Auth0's, joined by underscores; anything else might be a value."""
    return len(word) <= 60 and re.fullmatch(r"[a-z]+(_[a-z]+)+", word) is not None


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: Retry-After, else until X-RateLimit-Reset (Unix seconds) by the tenant's own clock."""
    if (after := headers.get("retry-after", "")).isdecimal():
        return min(float(after), _LONGEST_WAIT)
    if not (reset := headers.get("x-ratelimit-reset", "")).isdecimal():
        return None
    return min(max(float(reset) - _now(headers.get("date")), 0.0), _LONGEST_WAIT)


def _now(date: str | None) -> float:
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return time.time()
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
