"""Canonical bytes: one encoding of a value on every machine, so that digests can be compared."""

from hashlib import sha256
from typing import Any

import orjson


def _plain(value: Any) -> Any:
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    raise TypeError(f"not a JSON value: {type(value).__name__}")


def encode(value: Any) -> bytes:
    """JSON with sorted keys, UTF-8, no spaces; sets become sorted lists."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS)


def digest(value: Any) -> str:
    """Plain (not keyed) digest of a value: hex sha256 of its canonical bytes. Not for personal data."""
    return sha256(encode(value)).hexdigest()
