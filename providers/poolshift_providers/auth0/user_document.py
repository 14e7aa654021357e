"""What an operation sends of a user: the same document for a row of an import job and for the API."""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from poolshift.identity.value import Path
from poolshift.provider.operation import Clear, Code, Failed, Failure, Operation, Put
from poolshift.provider.schema import lower
from poolshift_providers.auth0.user_record import CREDENTIAL, ENABLED, USER_ID
from poolshift_providers.auth0.values import bare

_ANY_ID: Final = "0" * 24
_KEPT_LOWER: Final = frozenset({"email", "username"})


def document_of(operation: Operation, paths: Iterable[Path] | None = None) -> dict[str, Any]:
    """The members of these changes, or of all. What is cleared is null; in a new user it is left out.

    Raises Failed for a change no field takes.
    """
    document: dict[str, Any] = {}
    for path in operation.changes if paths is None else sorted(paths):
        if path == CREDENTIAL:
            continue
        value = _value(operation, path)
        if value is None and operation.verb == "create":
            continue
        head, dot, key = path.partition(".")
        if dot:
            document.setdefault(head, {})[key] = value
        elif path == ENABLED:
            document["blocked"] = value is False
        else:
            document[path] = value
    return document


def new_user(operation: Operation) -> dict[str, Any]:
    """A user to make. Whose address is verified, and who is blocked, is told; silence would mean no."""
    document = document_of(operation)
    if "email" in document:
        document.setdefault("email_verified", False)
    if document.get("blocked") is False:
        del document["blocked"]
    return document


def chosen(operation: Operation) -> str | None:
    """The id the operation asks for, without the prefix it will have; None = the tenant makes one up."""
    change = operation.changes.get(USER_ID)
    return str(bare(change.value)) if isinstance(change, Put) and change.value else None


def size_of(operation: Operation) -> int:
    """Bytes of a row in an import file, with the comma behind it and the id it is given where it has none."""
    own = {"user_id": _ANY_ID, **new_user(operation)}
    return len(orjson.dumps(own, default=_plain)) + 1


def encoded(documents: list[dict[str, Any]]) -> bytes:
    """An import file."""
    return orjson.dumps(documents, default=_plain)


def _value(operation: Operation, path: Path) -> Any:
    change = operation.changes[path]
    if isinstance(change, Clear):
        return None
    if not isinstance(change, Put):
        raise Failed(Failure(Code.UNSUPPORTED, f"{path} is not a set", path))
    if path == USER_ID:
        return bare(change.value)
    if path in _KEPT_LOWER:
        return lower(change.value)
    return _plain(change.value) if isinstance(change.value, frozenset | set) else change.value


def _plain(value: Any) -> Any:
    """Sets are lists in JSON, in a fixed order."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
