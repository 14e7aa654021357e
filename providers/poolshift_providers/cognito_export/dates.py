"""Dates of an export: epoch seconds, or ISO text with or without an offset. Runs twice for every user."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from poolshift_providers.cognito_export.problems import BadRecord

_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_EPOCH: Final = datetime(1970, 1, 1)


def in_utc(value: Any) -> tuple[str, bool]:
    """RFC 3339 text in UTC, with microseconds only when there are some; and whether the date had no zone.

    A date without a zone is taken as UTC. Raises BadRecord for what is not a date.
    """
    try:
        if isinstance(value, str):
            return _of_text(value)
        return (_EPOCH + timedelta(0, value)).isoformat() + "Z", False
    except (ValueError, TypeError, OverflowError) as error:
        raise BadRecord("EXPORT_DAMAGED", "a date that is neither epoch seconds nor ISO 8601") from error


def _of_text(value: str) -> tuple[str, bool]:
    # A zone costs more to parse and to format than all the rest: the usual ones are taken off as text.
    if value.endswith("Z"):
        value = value[:-1] + "+00:00"
    offset = _offset(value[-6:])
    if offset is None:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC).isoformat()[:-6] + "Z", False
        return moment.isoformat() + "Z", True
    moment = datetime.fromisoformat(value[:-6])
    if moment.tzinfo is not None:
        raise ValueError("two offsets")
    return (moment - offset).isoformat() + "Z", False


@lru_cache(maxsize=128)
def _offset(end: str) -> timedelta | None:
    """The offset a text ends with; None when it ends otherwise."""
    found = _OFFSET.fullmatch(end)
    if found is None:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if size >= timedelta(days=1) or found[3] >= "60":
        raise ValueError("not an offset")
    return -size if found[1] == "-" else size
