"""Stable names of resources: ``user["S"]``, ``group_member["S","admins"]``, ``group["admins"]``. Never an e-mail.

Parts are JSON strings, UTF-8 unescaped, joined by a comma without space; person kinds carry the source id first.
"""

from hashlib import blake2b

import orjson

from poolshift.identity.kind import KINDS, Kind


def address(kind: Kind, *parts: str) -> str:
    """Format an address."""
    return kind + orjson.dumps(parts).decode()


def parse(text: str) -> tuple[Kind, tuple[str, ...]]:
    """Take an address apart. Raises ValueError when ``text`` is not an address."""
    kind, bracket, rest = text.partition("[")
    if kind not in KINDS or not bracket:
        raise ValueError(f"not an address: {text!r}")
    try:
        parts = orjson.loads(bracket + rest)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not an address: {text!r}") from error
    if not parts or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"not an address: {text!r}")
    return kind, tuple(parts)


def hash64(data: bytes) -> int:
    """The number that orders addresses and spreads people and ids over partitions: blake2b-64, big-endian."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def hash_key(data: bytes) -> bytes:
    """Sorts as (hash64, data) does, and is made faster."""
    return blake2b(data, digest_size=8).digest() + data


def hash_order(text: str) -> tuple[int, str]:
    """Sort key of an address: by its hash, ties by the address itself."""
    return hash64(text.encode()), text
