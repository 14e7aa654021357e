"""Texts with a grammar of their own: amounts, durations, rates, times. Each parser raises ValueError."""

import re
from datetime import datetime
from typing import Any, Final

from poolshift.spec.model import Amount, Rate

AMOUNT: Final = r"^([0-9]{1,15}|[0-9]{1,3}(\.[0-9]{1,6})?%)$"
DURATION: Final = r"^[0-9]{1,12}(ms|s|m|h|d)$"
RATE: Final = r"^[0-9]{1,9}(\.[0-9]{1,6})?/(s|m|h|d)$"
TIME: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def amount(value: Any) -> Amount:
    """``10`` or ``"1%"``; a percentage is of 100 at most."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise ValueError("an amount is not negative")
        return Amount(number=value)
    if not isinstance(value, str) or not re.match(AMOUNT, value):
        raise ValueError('an amount is a whole number or a percentage, like 10 or "1%"')
    if not value.endswith("%"):
        return Amount(number=int(value))
    percent = float(value[:-1])
    if percent > 100:
        raise ValueError("a percentage is 100 at most")
    return Amount(percent=percent)


def duration(value: Any) -> float:
    """Seconds of ``1500ms``, ``4s``, ``10m``, ``2h`` or ``14d``."""
    if not isinstance(value, str) or not re.match(DURATION, value):
        raise ValueError("a duration is a number with a unit, like 1500ms, 4s, 10m, 2h or 14d")
    number, unit = re.split(r"(?<=[0-9])(?=[a-z])", value, maxsplit=1)
    return int(number) * _SECONDS[unit]


def rate(value: Any) -> Rate:
    """``25/s`` or ``500/h``."""
    if not isinstance(value, str) or not re.match(RATE, value):
        raise ValueError("a rate is a number per unit of time, like 25/s or 500/h")
    calls, _, unit = value.partition("/")
    if float(calls) == 0:
        raise ValueError("a rate is above zero")
    return Rate(calls=float(calls), seconds=_SECONDS[unit])


def time(value: Any) -> str:
    """An RFC 3339 time with offset, as it is written."""
    if not isinstance(value, str) or not re.match(TIME, value):
        raise ValueError('a time has a date, a time and an offset, like "2027-01-11T08:00:00+01:00"')
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        raise ValueError("no such day or time") from None
    return value
