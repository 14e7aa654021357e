"""Columns of a user: how a value is checked, stored and read back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from poolshift.identity.claims import PROFILE
from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Code
from poolshift_providers.directory.canonical_form import text
from poolshift_providers.directory.refusals import Refused

TEXTS: Final = ("external_id", "username", "email", "phone_number", *PROFILE, "owner")
BOOLEANS: Final = ("email_verified", "phone_number_verified", "enabled")
COLUMNS: Final = ("id", "created_at", *TEXTS, *BOOLEANS, "address", "attributes")
SELECT: Final = ", ".join(COLUMNS)

_PLAIN: Final = ("id", "created_at", *TEXTS)
_FLAG, _PHONE_FLAG, _ENABLED, _ADDRESS, _ATTRIBUTES = range(len(_PLAIN), len(COLUMNS))


def stored(path: Path, value: Value) -> Any:
    """A user field as its column holds it, but for the case of e-mail. Raises Refused."""
    if value is None:
        return None
    if path in BOOLEANS:
        if not isinstance(value, bool):
            raise Refused(Code.INVALID, f"{path} is neither true nor false", path)
        return int(value)
    if path == "address":
        return json_text(path, value)
    if not isinstance(value, str):
        raise Refused(Code.INVALID, f"{path} is not text", path)
    return writable(path, text(value))


def writable(path: Path, value: str) -> str:
    """``value``, if it can be stored as UTF-8. Raises Refused."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refused(Code.INVALID, f"{path} holds half of a surrogate pair", path) from error
    return value


def json_text(path: Path, value: Value) -> str:
    """A JSON value as its column holds it. Raises Refused."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError as error:
        raise Refused(Code.INVALID, f"{path} is not a JSON value", path) from error


def checked_attribute(path: Path, value: Value, declared: tuple[str, int | None]) -> Value:
    """An attribute's value, if it is of the declared type and length. Raises Refused."""
    type_, length = declared
    if type_ == "boolean":
        fits = isinstance(value, bool)
    elif type_ == "number":
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        fits = isinstance(value, str) and (type_ == "string" or _is_date(value))
    if not fits:
        raise Refused(Code.INVALID, f"{path} is not a {type_}", path)
    if isinstance(value, str):
        value = writable(path, text(value))
        if length is not None and len(value) > length:
            raise Refused(Code.INVALID, f"{path} is longer than {length}", path)
    return value


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def user_record(row: tuple[Any, ...]) -> Record:
    """The record of a row of COLUMNS; NULL is absent. Once for every user that is listed: no detours."""
    values: dict[Path, Value] = {name: value for name, value in zip(_PLAIN, row, strict=False) if value is not None}
    values["enabled"] = row[_ENABLED] == 1
    if (flag := row[_FLAG]) is not None:
        values["email_verified"] = flag == 1
    if (flag := row[_PHONE_FLAG]) is not None:
        values["phone_number_verified"] = flag == 1
    if (address := row[_ADDRESS]) is not None:
        values["address"] = orjson.loads(address)
    if (attributes := row[_ATTRIBUTES]) != "{}":
        values.update(orjson.loads(attributes))
    return Record("user", row[0], values)


def without_nothing(values: Mapping[Path, Value]) -> dict[Path, Value]:
    """The values that are there."""
    return {path: value for path, value in values.items() if value is not None}
