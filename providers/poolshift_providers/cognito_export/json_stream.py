"""JSON documents read piece by piece: memory holds one record, whatever the size of the file."""

import codecs
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any, BinaryIO, Final

import orjson

from poolshift_providers.cognito_export.problems import damaged

_CHUNK: Final = 1 << 20
_LARGEST: Final = 4 << 20  # characters of one record: a longer one is a quote that was never closed
_SPACE: Final = " \t\r\n"
_CUT: Final = "the file ends in the middle of a record: its writing was interrupted"


class JsonStream:
    """A sliding window of text over a file. ``name`` stands in errors, which are all InputError EXPORT_DAMAGED."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._decoder = JSONDecoder()
        self._text = ""
        self._at = 0
        self._lines = 0  # newlines before `_counted`
        self._counted = 0
        self._ended = False

    def line(self) -> int:
        """Line of the next character, from 1."""
        self._lines += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._lines + 1

    def peek(self) -> str:
        """The next character that is not space; empty at the end of the file."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, expected: str) -> None:
        """Step over a punctuation mark."""
        if (found := self.peek()) != expected:
            raise self._broken(f"not JSON: {expected} expected" if found else _CUT)
        self._at += 1

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (JSONDecodeError, RecursionError) as error:
                if len(self._text) - self._at > _LARGEST or not self._more():
                    raise self._broken(self._fault(error)) from error
                continue
            # A number at the very end of the text may go on in the next piece.
            if end < len(self._text) or isinstance(value, (str, dict, list)) or not self._more():
                return self._checked(value, end)

    def elements(self) -> Iterator[Any]:
        """The values of an array, one at a time."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        while True:
            yield self.value()
            if self.peek() != ",":
                break
            self.take(",")
        self.take("]")

    def _fault(self, error: Exception) -> str:
        """Cut short, or not JSON at all: by whether the decoder came to the end of the file."""
        if not isinstance(error, JSONDecodeError):
            return "nested too deeply"
        at_end = error.pos >= len(self._text.rstrip()) or error.msg.startswith("Unterminated string")
        return _CUT if self._ended and at_end else f"not JSON: {error.msg}"

    def _checked(self, value: Any, end: int) -> Any:
        """Half a surrogate pair is text for the standard library, and can be written nowhere."""
        piece = self._text[self._at : end]
        if "\\ud" in piece or "\\uD" in piece:
            try:
                orjson.loads(piece)
            except orjson.JSONDecodeError as error:
                raise self._broken("half of a surrogate pair") from error
        self._at = end
        return value

    def _more(self) -> bool:
        """Drop what was read and add a piece; False at the end of the file."""
        if self._ended:
            return False
        data = self._stream.read(_CHUNK)
        self._ended = not data
        try:
            added = self._utf8.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise self._broken("not UTF-8") from error
        self.line()
        self._counted = 0
        self._text = self._text[self._at :] + added
        self._at = 0
        return True

    def _broken(self, why: str) -> Exception:
        return damaged(self._name, why, self.line())
