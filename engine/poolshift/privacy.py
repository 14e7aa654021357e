"""What may be shown and stored: masks, keyed fingerprints, the redactor."""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

from poolshift import canonical

FINGERPRINT_BYTES: Final = 8
_ENDS: Final = r"""\s"'<>,;:\[\](){}"""
"""What does not stand in an address; one begins behind any of these, or behind an equals sign."""

_EMAIL: Final = re.compile(rf"(?<![^{_ENDS}=])[^{_ENDS}=]+(?:@|%40|\\u0040)[^{_ENDS}]+", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?<![\w.-])(?:\+|%2b|\\u002b)\d[\d ()-]{6,}\d", re.IGNORECASE)


class Fingerprinter:
    """Keyed 8-byte fingerprints. Equal values of one path have equal fingerprints under one lineage key only."""

    def __init__(self, key: bytes) -> None:
        self._state = blake2b(key=key, digest_size=FINGERPRINT_BYTES)

    def salted(self, salt: bytes) -> "Fingerprinter":
        """A fingerprinter whose results differ for every salt."""
        salted = Fingerprinter.__new__(Fingerprinter)
        salted._state = self._state.copy()
        salted._state.update(len(salt).to_bytes(4, "big") + salt)
        return salted

    def of_bytes(self, data: bytes) -> bytes:
        state = self._state.copy()
        state.update(data)
        return state.digest()

    def of_value(self, path: str, value: Any) -> bytes:
        """Fingerprint of one field's canonical value; the path is part of it."""
        return self.of_bytes(path.encode() + b"\0" + canonical.encode(value))

    def at(self, path: str) -> Callable[[Any], bytes]:
        """`of_value` of one path, for who asks it for every person."""
        begun = self._state.copy()
        begun.update(path.encode() + b"\0")

        def of(value: Any) -> bytes:
            state = begun.copy()
            state.update(canonical.encode(value))
            return state.digest()

        return of


def mask(value: Any) -> str:
    """The only form in which a pii value may be shown: ``x***@***``, the last two digits, or ``A***``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else canonical.encode(value).decode()
    if not text:
        return '""'
    if "@" in text:
        return f"{text[0]}***@***"
    digits = [character for character in text if character.isdigit()]
    if text[0] == "+" and len(digits) > 4:
        return f"+***{''.join(digits[-2:])}"
    return f"{text[0]}***"


def redact(text: str) -> str:
    """Free text (an error of a library, a vendor's message) without e-mail addresses and phone numbers.

    They are known as people write them, and as URLs and JSON do.
    """
    return _PHONE.sub("+***", _EMAIL.sub("***@***", text))
