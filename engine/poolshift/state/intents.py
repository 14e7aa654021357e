"""Pack the intent of a change: what recovery needs to know of a call that was about to be made. Pure; no values."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

from poolshift.state.encoding import Cursor, put_bytes, put_id, put_number, put_text
from poolshift.state.rule_sets import RuleSets
from poolshift.state.store import Intent

T = TypeVar("T")

_HAS_DESTINATION_ID: Final = 1
_HAS_BASE: Final = 2


def pack(intent: Intent, rule_sets: RuleSets) -> bytes:
    """Everything but the address. Raises ValueError when the base row does not fit its rule set."""
    base = intent.base
    out = bytearray()
    out.append(_HAS_DESTINATION_ID * (intent.destination_id is not None) + _HAS_BASE * (base is not None))
    out += _name(intent.kind) + _name(intent.action)
    put_id(out, intent.person)
    if intent.destination_id is not None:
        put_id(out, intent.destination_id)
    put_bytes(out, intent.desired)
    put_bytes(out, intent.actual)
    put_number(out, len(intent.sent))
    for path, fingerprint in intent.sent.items():
        out += _name(path)
        put_bytes(out, fingerprint)
    put_number(out, len(intent.refs))
    for path, address in intent.refs.items():
        out += _name(path)
        put_text(out, address)
    if base is not None:
        put_id(out, base.source_id)
        put_bytes(out, rule_sets.pack(base))
    return bytes(out)


@lru_cache(maxsize=4096)
def _name(text: str) -> bytes:
    """Packed; one of the few of a schema, which come again with everybody."""
    out = bytearray()
    put_text(out, text)
    return bytes(out)


def unpack(address: str, data: bytes, rule_sets: RuleSets) -> Intent:
    """The intent of an address. Raises ValueError when the bytes are none."""
    cursor = Cursor(data)
    flags = cursor.take(1)[0]
    intent = Intent(
        address=address,
        kind=cursor.text(),
        action=cursor.text(),
        person=cursor.id(),
        destination_id=cursor.id() if flags & _HAS_DESTINATION_ID else None,
        desired=cursor.bytes(),
        actual=cursor.bytes(),
        sent=_mapping(cursor, cursor.bytes),
        refs=_mapping(cursor, cursor.text),
        base=rule_sets.unpack(cursor.id(), cursor.bytes()) if flags & _HAS_BASE else None,
    )
    cursor.end()
    return intent


def _mapping(cursor: Cursor, value: Callable[[], T]) -> dict[str, T]:
    return {cursor.text(): value() for _ in range(cursor.number())}
