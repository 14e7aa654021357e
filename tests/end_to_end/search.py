"""Finds values in bytes, in whatever form they got there."""

import base64
import html
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_from_bytes, quote_plus

_LEAST: Final = 8
"""Characters of base64 that do not come about by chance."""

_PACKED: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
"""How members of gzip and zlib begin."""

_PIECE: Final = 32
_EITHER_HEADER: Final = 47
"""zlib's own number for: gzip or zlib, whichever it is."""


class Search:
    """For some values at once; 5 GB a second and form."""

    def __init__(self, values: Iterable[str]) -> None:
        self.values = frozenset(values)
        self._folded = {form.lower(): value for value in self.values for form in texts(value)}
        self._exact = {form: value for value in self.values for form in encodings(value)}

    def in_bytes(self, data: bytes) -> set[str]:
        """The values that occur in the bytes, or in anything that is packed in them."""
        found = self._in_plain(data)
        for member in unpacked(data):
            found |= self.in_bytes(member)
        return found

    def _in_plain(self, data: bytes) -> set[str]:
        folded = data.lower()
        found = {value for form, value in self._folded.items() if form in folded}
        return found | {value for form, value in self._exact.items() if form in data}


def cases(value: str) -> set[str]:
    """As it is, in lower case, in upper case; letters with marks as one character or as two."""
    ways = {value, value.lower(), value.upper()}
    return ways | {unicodedata.normalize("NFD", own) for own in ways}


def texts(value: str) -> Iterator[bytes]:
    """Forms in which case does not matter: plain, in URLs, JSON, Python, Markdown, HTML, domain names and hex."""
    for own in cases(value):
        text = own.encode()
        yield text
        yield quote(own).encode()
        yield quote(own, safe="").encode()
        yield quote_plus(own).encode()
        yield quote(own, safe="", encoding="latin-1", errors="replace").encode()
        yield json.dumps(own)[1:-1].encode()
        yield own.encode("ascii", "backslashreplace")
        yield own.encode("utf-16-le")
        yield re.sub(r"([^\w\s])", r"\\\1", own).encode()
        yield html.escape(own).encode()
        yield own.encode("ascii", "xmlcharrefreplace")
        yield text.hex().encode()
        yield "".join(f"%{byte:02x}" for byte in text).encode()
    if re.fullmatch(r"\w+(\.\w+)+", value):
        yield value.lower().encode("idna")


def encodings(value: str) -> Iterator[bytes]:
    """Forms in which case matters: base64, of both alphabets, at each of its three alignments."""
    for own in cases(value):
        text = own.encode()
        for shift in range(3):
            encoded = base64.b64encode(b"\0" * shift + text)
            whole = encoded[4 if shift else 0 : len(encoded) - 4]
            if len(whole) >= _LEAST:
                yield whole
                yield whole.replace(b"+", b"-").replace(b"/", b"_")
                yield quote_from_bytes(whole, safe="").encode()


def unpacked(data: bytes) -> Iterator[bytes]:
    """What the members of gzip and zlib hold that begin anywhere in the bytes, as far as they are whole."""
    view = memoryview(data)
    for begin in _PACKED.finditer(data):
        if member := b"".join(_member(view[begin.start() :])):
            yield member


def _member(view: memoryview) -> Iterator[bytes]:
    """In small pieces: what stands before a damaged place is not lost with it."""
    machine = zlib.decompressobj(wbits=_EITHER_HEADER)
    for start in range(0, len(view), _PIECE):
        try:
            yield machine.decompress(view[start : start + _PIECE])
        except zlib.error:
            return
        if machine.eof:
            return
