"""What a refusal over HTTP means where the vendor says no more: the ground a provider's own table stands on."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from poolshift.provider.operation import Code

_BY_STATUS: Final[Mapping[int, tuple[Code, str]]] = {
    400: (Code.INVALID, "a value is not taken"),
    401: (Code.DENIED, "the credentials are not accepted"),
    403: (Code.DENIED, "access denied"),
    404: (Code.GONE, "it is not there"),
    408: (Code.BUSY, "the request took too long"),
    409: (Code.EXISTS, "it is there already"),
    413: (Code.INVALID, "the request is too large"),
    422: (Code.INVALID, "a value is not taken"),
    429: (Code.BUSY, "too many requests"),
}


def by_status(status: int) -> tuple[Code, str]:
    """Code and words of any status, as HTTP itself means it (RFC 9110, RFC 6585)."""
    if known := _BY_STATUS.get(status):
        return known
    if status >= 500:
        return Code.DOWN, "the service does not answer as it should"
    return Code.UNMAPPED, "an answer nobody expected"


def document_of(body: bytes) -> Mapping[str, Any]:
    """The JSON object an answer holds; empty where it is something else, such as a page of a proxy's."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}
