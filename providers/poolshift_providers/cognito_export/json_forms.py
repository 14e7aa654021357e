"""The JSON forms of an export: responses (one or many), arrays of users, JSON lines; whole or streamed."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import orjson

from poolshift.provider.session import Calls
from poolshift_providers.cognito_export.json_stream import JsonStream
from poolshift_providers.cognito_export.problems import damaged

WHOLE: Final = 8 << 20  # bytes: up to here a file is read in one piece
_BOM: Final = b"\xef\xbb\xbf"
_TOKENS: Final = ("PaginationToken", "NextToken")


class JsonFile:
    """The users of one file.

    After `users` has ended: ``header`` holds what its responses said beside Users, ``open_ended`` whether the last
    response names a next page.
    """

    def __init__(self, calls: Calls, name: str) -> None:
        self._calls = calls
        self._name = name
        self.header: dict[str, Any] = {}
        self.open_ended = False

    def users(self) -> Iterator[tuple[Any, int]]:
        """Every user with its line (0 = not known). Raises InputError EXPORT_DAMAGED."""
        with self._calls.file(self._name, "read") as stream:
            try:
                yield from self._of_stream(stream)
            except OSError as error:
                raise damaged(self._name, f"cannot be read: {error.strerror}") from error

    def _of_stream(self, stream: BinaryIO) -> Iterator[tuple[Any, int]]:
        head = stream.read(WHOLE + 1)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise damaged(self._name, "the file is UTF-16, as PowerShell's > writes it: save it as UTF-8")
        if not head.removeprefix(_BOM).strip():
            raise damaged(self._name, "the file is empty")
        head = head.removeprefix(_BOM)
        if len(head) <= WHOLE and (document := _one_document(head)) is not None:
            yield from self._document(document, 0)
            return
        by_line = _one_document(head.partition(b"\n")[0]) is not None
        del head
        stream.seek(0)
        yield from self._lines(stream) if by_line else self._stream(JsonStream(stream, self._name))

    def _document(self, document: Any, line: int) -> Iterator[tuple[Any, int]]:
        """A response, an array of users, or one user."""
        if isinstance(document, dict) and isinstance(users := document.pop("Users", None), list):
            self._end_response(document)
        else:
            users = document if isinstance(document, list) else [document]
        for user in users:
            yield user, line

    def _lines(self, stream: BinaryIO) -> Iterator[tuple[Any, int]]:
        for number, line in enumerate(iter(lambda: stream.readline(WHOLE), b""), 1):
            if number == 1:
                line = line.removeprefix(_BOM)
            try:
                document = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                if line.isspace():
                    continue
                why = "not JSON" if line.endswith(b"\n") else "the line is cut short"
                raise damaged(self._name, f"{why}: {error.msg}", number) from error
            if type(document) is not dict or "Users" in document:
                yield from self._document(document, number)
            else:
                yield document, number

    def _stream(self, stream: JsonStream) -> Iterator[tuple[Any, int]]:
        while start := stream.peek():
            line = stream.line()
            if start == "[":
                for user in stream.elements():
                    yield user, stream.line()
            elif start == "{":
                yield from self._object(stream, line)
            else:
                raise damaged(self._name, "not JSON: neither an object nor an array", line)

    def _object(self, stream: JsonStream, line: int) -> Iterator[tuple[Any, int]]:
        """A response, its users one at a time; without Users it is itself a user."""
        rest: dict[str, Any] = {}
        is_response = False
        stream.take("{")
        while stream.peek() != "}":
            key = stream.value()
            stream.take(":")
            if key == "Users" and stream.peek() == "[":
                is_response = True
                for user in stream.elements():
                    yield user, stream.line()
            else:
                rest[str(key)] = stream.value()
            if stream.peek() == ",":
                stream.take(",")
        stream.take("}")
        if is_response:
            self._end_response(rest)
        else:
            yield rest, line

    def _end_response(self, rest: dict[str, Any]) -> None:
        self.header |= rest
        self.open_ended = any(rest.get(token) for token in _TOKENS)


def _one_document(data: bytes) -> Any:
    """The object or array ``data`` is; None when it is anything else: several documents, lines, or damaged."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, (dict, list)) else None
