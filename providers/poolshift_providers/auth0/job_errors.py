"""What an import job says of a row, by its error codes. Its messages quote values and are not passed on."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from poolshift.provider.operation import Code, Failure

COLLIDES: Final = frozenset({Code.EXISTS, Code.TAKEN})
"""The row meets somebody who is there; which of them it is has to be asked."""

_CODES: Final[Mapping[str, tuple[Code, str]]] = {
    "ANY_OF_MISSING": (Code.INVALID, "a value is missing"),
    "ARRAY_LENGTH_LONG": (Code.INVALID, "a list is too long"),
    "ARRAY_LENGTH_SHORT": (Code.INVALID, "a list is too short"),
    "CONFLICT": (Code.EXISTS, "the user is there"),
    "CONFLICT_EMAIL": (Code.TAKEN, "somebody has this e-mail address"),
    "CONFLICT_USERNAME": (Code.TAKEN, "somebody has this user name"),
    "CONNECTION_NOT_FOUND": (Code.PARENT_GONE, "the connection is not there"),
    "DUPLICATED_USER": (Code.EXISTS, "the user is there, or twice in the file"),
    "ENUM_MISMATCH": (Code.INVALID, "a value is none of those that are possible"),
    "FORMAT": (Code.INVALID, "a value has the wrong form"),
    "INVALID_TYPE": (Code.INVALID, "a value has the wrong type"),
    "MAXIMUM": (Code.INVALID, "a number is too large"),
    "MAX_LENGTH": (Code.INVALID, "a value is too long"),
    "MFA_FACTORS_FAILED": (Code.INVALID, "the second factor could not be set up"),
    "MINIMUM": (Code.INVALID, "a number is too small"),
    "MIN_LENGTH": (Code.INVALID, "a value is too short"),
    "NOT_PASSED": (Code.INVALID, "a value is not allowed here"),
    "OBJECT_REQUIRED": (Code.INVALID, "an object is missing"),
    "PATTERN": (Code.INVALID, "a value has the wrong form"),
}
_FIELDS: Final = frozenset(
    {
        "app_metadata",
        "blocked",
        "email",
        "email_verified",
        "family_name",
        "given_name",
        "name",
        "nickname",
        "phone_number",
        "phone_verified",
        "picture",
        "user_id",
        "user_metadata",
        "username",
    }
)


def failure_of_row(errors: Iterable[Mapping[str, Any]]) -> Failure:
    """The row's failure: that it meets somebody counts more than what is wrong with its values. Total."""
    found = [_failure(error) for error in errors]
    if not found:
        return Failure(Code.UNMAPPED, "the job refuses this person without a reason")
    return min(found, key=lambda failure: failure.code not in COLLIDES)


def _failure(error: Mapping[str, Any]) -> Failure:
    word = str(error.get("code") or "")
    code, why = _CODES.get(word, (Code.UNMAPPED, "an error nobody expected"))
    field = str(error.get("path") or "").partition(".")[0]
    path = field if field in _FIELDS else None
    told = f" ({word})" if word in _CODES else ""
    return Failure(code, f"import job: {why}{f': {path}' if path else ''}{told}", path)
