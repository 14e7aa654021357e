"""Formats and types: one function a cast. They raise CastError and never a value in it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

import orjson

from poolshift.identity.value import Value
from poolshift.mapping.operators import text

E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
EMAIL_LENGTH: Final = 254
MILLISECONDS_FROM: Final = 1e11
"""Epoch numbers from here on are milliseconds: as seconds they would lie beyond the year 5100."""

_EMAIL: Final = re.compile(r'(?:"[^"\x00-\x1f\x7f]+"|[^\s@"<>]+)@(?:[^\s@.<>"]+\.)*[^\s@.<>"]+')
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4})-\d\d-\d\d", re.ASCII)
_EPOCH: Final = re.compile(r"\d{9,14}(?:\.\d+)?", re.ASCII)


class CastError(ValueError):
    """A value that cannot be cast: the finding's code, and what it is not."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def as_text(value: Value) -> str:
    own = text(value)
    if own is None:
        raise CastError("VALUE_TYPE", "not a text")
    return own


def as_lower(value: Value) -> str:
    return as_text(value).lower()


def as_upper(value: Value) -> str:
    return as_text(value).upper()


def as_trimmed(value: Value) -> str:
    return as_text(value).strip()


def as_email(value: Value) -> str:
    """Trimmed, the domain in lower case; the case of the local part is the destination's to decide."""
    own = as_text(value).strip()
    if not own:
        return own
    if len(own) > EMAIL_LENGTH:
        raise CastError("VALUE_LENGTH", f"longer than {EMAIL_LENGTH} characters")
    if not _EMAIL.fullmatch(own):
        raise CastError("VALUE_TYPE", "not an e-mail address")
    local, _, domain = own.rpartition("@")
    return f"{local}@{domain.lower()}"


def as_e164(region: str | None) -> Callable[[Value], str]:
    """The cast to E.164; ``region`` (an ISO country) is assumed for numbers without a country code."""

    def cast(value: Value) -> str:
        own = as_text(value)
        return own if E164.fullmatch(own) else _parsed_phone(own, region)

    return cast


@lru_cache(maxsize=4096)
def _parsed_phone(own: str, region: str | None) -> str:
    import phonenumbers  # loads megabytes of metadata: only where the cheap test fails

    try:
        number = phonenumbers.parse(own, region)
    except phonenumbers.NumberParseException as error:
        raise CastError("PHONE_FORMAT", "cannot be brought into E.164 form") from error
    formed = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not phonenumbers.is_possible_number(number) or not E164.fullmatch(formed):
        raise CastError("PHONE_FORMAT", "cannot be brought into E.164 form")
    return formed


def as_bool(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (word := value.strip().lower()) in ("true", "false"):
        return word == "true"
    raise CastError("VALUE_TYPE", "neither true nor false")


def as_number(value: Value) -> int | float:
    """An integer where the value is one, so that 12, "12" and 12.0 are equal."""
    if isinstance(value, str) and _NUMBER.fullmatch(own := value.strip()):
        value = float(own) if any(mark in own for mark in ".eE") or len(own) > 20 else int(own)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CastError("VALUE_TYPE", "not a number")
    if not -(2.0**63) <= value < 2.0**63:  # also false for nan
        raise CastError("VALUE_TYPE", "not a number of 64 bits")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_date(value: Value) -> tuple[str, bool]:
    """RFC 3339 in UTC, or a calendar day as it stands; and whether the zone or the form was doubtful."""
    try:
        if isinstance(value, str):
            return _date_of_text(value.strip())
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _date_of_epoch(value)
    except (ValueError, OverflowError, OSError) as error:
        raise CastError("VALUE_TYPE", "not a date") from error
    raise CastError("VALUE_TYPE", "not a date")


def as_time(value: Value) -> tuple[str, bool]:
    """RFC 3339 in UTC; a calendar day becomes its midnight, which is doubtful."""
    own, doubtful = as_date(value)
    if _DAY.fullmatch(own):
        if own.startswith("0000"):
            raise CastError("VALUE_TYPE", "not a point in time")
        return f"{own}T00:00:00Z", True
    return own, doubtful


def _date_of_text(own: str) -> tuple[str, bool]:
    if day := _DAY.fullmatch(own):
        # OpenID Connect writes a birthday without a year as 0000-MM-DD.
        date.fromisoformat(f"2000{own[4:]}" if day[1] == "0000" else own)
        return own, False
    if _EPOCH.fullmatch(own):
        return _date_of_epoch(float(own))[0], True
    moment = datetime.fromisoformat(own)
    if moment.tzinfo is None:
        return _in_utc(moment.replace(tzinfo=UTC)), True
    return _in_utc(moment.astimezone(UTC)), False


def _date_of_epoch(seconds: float) -> tuple[str, bool]:
    in_milliseconds = abs(seconds) >= MILLISECONDS_FROM
    moment = datetime.fromtimestamp(seconds / 1000 if in_milliseconds else seconds, UTC)
    return _in_utc(moment), in_milliseconds


def _in_utc(moment: datetime) -> str:
    """The shortest form that loses nothing down to a microsecond."""
    if not moment.microsecond:
        precision = "seconds"
    else:
        precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def as_list(value: Value) -> list[Value]:
    """A list as it is, a JSON array, or a text split at its commas; empty parts fall away."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    own = as_text(value).strip()
    if own.startswith("["):
        parsed = as_json(own)
        if not isinstance(parsed, list):
            raise CastError("VALUE_TYPE", "not a list")
        return parsed
    return [part for piece in own.split(",") if (part := piece.strip())]


def as_set(value: Value) -> list[str]:
    """Sorted, without repetition; a text is a set of one."""
    items = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
    return sorted({as_text(item) for item in items})


def as_json(value: Value) -> Value:
    """The value of a JSON text; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except ValueError as error:
        raise CastError("VALUE_TYPE", "not JSON") from error


def unchanged(value: Value) -> Value:
    return value


FORMATS: Final[Mapping[str, Callable[[Value], Value]]] = {
    "email": as_email,
    "lower": as_lower,
    "upper": as_upper,
    "trim": as_trimmed,
    "bool": as_bool,
    "number": as_number,
    "list": as_list,
    "json": as_json,
}
"""Formats without a parameter and without doubt; e164 and date stand apart."""

TYPES: Final[Mapping[str, Callable[[Value], Value]]] = {
    "text": as_text,
    "bool": as_bool,
    "number": as_number,
    "json": unchanged,
    "set": as_set,
    "ref": as_text,
}
"""The destination's types; time stands apart."""
