"""Compact bytes: numbers of variable length, texts, identifiers. Pure; what `packing` and `intents` write in."""

import re
from typing import Final

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID_BYTES: Final = 16


def put_number(out: bytearray, number: int) -> None:
    """Append a number >= 0, seven bits a byte, lowest first."""
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def put_bytes(out: bytearray, data: bytes) -> None:
    put_number(out, len(data))
    out += data


def put_text(out: bytearray, text: str) -> None:
    put_bytes(out, text.encode())


def put_id(out: bytearray, text: str) -> None:
    """Append an identifier: a UUID in its usual spelling takes 17 bytes, anything else its UTF-8 and a length."""
    if len(text) == 36 and _UUID.fullmatch(text):
        out.append(0)
        out += bytes.fromhex(text.replace("-", ""))
        return
    data = text.encode()
    put_number(out, len(data) + 1)
    out += data


def _uuid_text(data: bytes) -> str:
    digits = data.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def number_at(data: bytes, at: int) -> tuple[int, int]:
    """A number and the offset behind it. Raises IndexError where the bytes end too early."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    number = shift = 0
    while byte >= 0x80:
        number |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        byte = data[at]
    return number | byte << shift, at + 1


def id_at(data: bytes, at: int) -> tuple[str, int]:
    """An identifier and the offset behind it, which the caller compares with the length: bytes may be missing."""
    length, at = number_at(data, at)
    end = at + (length - 1 if length else _UUID_BYTES)
    return (data[at:end].decode() if length else _uuid_text(data[at:end])), end


def after_id(data: bytes, at: int) -> int:
    """The offset behind an identifier that nobody wants to know. Raises IndexError where there is none."""
    length, at = number_at(data, at)
    return at + (length - 1 if length else _UUID_BYTES)


class Cursor:
    """Reads what the functions above wrote. Raises ValueError where the bytes end too early."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data = data
        self._at = at

    def number(self) -> int:
        number = shift = 0
        while True:
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise ValueError("packed row ends too early")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def bytes(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        return self.bytes().decode()

    def id(self) -> str:
        length = self.number()
        return self.take(length - 1).decode() if length else _uuid_text(self.take(_UUID_BYTES))

    def end(self) -> None:
        """Raises ValueError unless everything was read."""
        if self._at != len(self._data):
            raise ValueError("packed row goes on where it should end")
