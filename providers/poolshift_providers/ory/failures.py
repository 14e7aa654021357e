"""Ory's answers to what went wrong: one table, and one reading of its reasons."""

import re
from collections.abc import Mapping
from typing import Any, Final

from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failure
from poolshift.provider.refusal import by_status, document_of

LONGEST_WAIT: Final = 30.0
"""Seconds: a rate limit's windows are a second and a minute, and waiting longer gains nothing."""

_TABLE: Final[Mapping[int, tuple[Code, str]]] = {
    400: (Code.INVALID, "the request is not valid"),
    401: (Code.DENIED, "the API key is not accepted"),
    403: (Code.DENIED, "this is not allowed: the API key belongs to another project, or a proxy refuses it"),
    404: (Code.GONE, "it is not there"),
    405: (Code.UNSUPPORTED, "there is no such call: is `url` the admin API?"),
    408: (Code.BUSY, "the request took too long to arrive"),
    409: (Code.EXISTS, "it conflicts with an identity that is there"),
    410: (Code.GONE, "it is not there any more"),
    413: (Code.INVALID, "the request is larger than a server on the way takes"),
    422: (Code.INVALID, "the request is not valid"),
    429: (Code.BUSY, "too many requests, or another one of this kind is under way"),
    501: (Code.UNSUPPORTED, "the server does not have this"),
}
_REDIRECTED: Final = (Code.UNSUPPORTED, "the answer leads elsewhere: set `schemas_url` to the public API")
_TRAIT: Final = re.compile(r"#/(traits(?:/[A-Za-z0-9_-]{1,64}){0,8})(?![A-Za-z0-9_/-])")
"""A place in the identity schema's own words; what stands behind it may hold a value."""


def failure_of(status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
    """Total: every status and every body, JSON or not, is a code."""
    known = {name.lower(): value for name, value in headers.items()}
    document = document_of(body)
    error = document.get("error")
    return judged(status, error if isinstance(error, Mapping) else {}, _wait(known), is_json=bool(document))


def judged(status: int, error: Mapping[str, Any], wait: float | None = None, *, is_json: bool = True) -> Failure:
    """An error object as it stands in an answer, or in a row of a batch."""
    code, why = _TABLE.get(status) or _by_status(status)
    reason = f"{error.get('reason') or ''} {error.get('message') or ''}"
    path = _trait_in(reason) if code is Code.INVALID else None
    if path is not None:
        why = f"the identity schema does not take the value of {path}"
    elif code is Code.INVALID and "page_token" in reason.replace(" ", "_").lower():
        code, why = Code.STALE, "the page token is not valid any more"
    elif code is Code.INVALID and "json patch" in reason.lower():
        code, why = Code.STALE, "the identity changed since it was read"
    if not is_json:
        why += " (and the answer is not Ory's own: something else answers there)"
    return Failure(code, f"{why} (status {status})", path, wait, request_id=_text(error.get("request")))


def _trait_in(reason: str) -> Path | None:
    found = _TRAIT.search(reason)
    return found[1].replace("/", ".") if found else None


def _by_status(status: int) -> tuple[Code, str]:
    return _REDIRECTED if 300 <= status < 400 else by_status(status)


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds until the next call: Retry-After, else when the fullest window of the rate limit ends."""
    for name in ("retry-after", "x-ratelimit-reset"):
        value = headers.get(name, "")
        if value.isdecimal():
            return min(float(value), LONGEST_WAIT)
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
