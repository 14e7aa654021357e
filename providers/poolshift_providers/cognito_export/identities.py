"""Federated identities: Cognito keeps them as a JSON text in one attribute."""

from typing import Any

import orjson

from poolshift.identity.value import UNKNOWN


def identities_of(value: Any) -> Any:
    """A list of {provider, type, subject, primary}; UNKNOWN when the text is not what Cognito writes.

    ``primary`` comes as a boolean (list-users) or as text (tokens): both are understood.
    """
    try:
        items = orjson.loads(value) if isinstance(value, str) else value
        return [_identity(item) for item in items]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return UNKNOWN


def _identity(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "provider": str(item["providerName"]),
        "type": str(item.get("providerType") or ""),
        "subject": str(item["userId"]),
        "primary": item.get("primary") in (True, "true", "True"),
    }
