"""The JSON forms of an export: responses (one or many), arrays of users, JSON lines; whole or streamed."""

from collections.abc import Iterator, Sequence
from itertools import islice, repeat
from typing import Any, BinaryIO, Final

import orjson

from poolshift.provider.session import Calls
from poolshift_providers.cognito_export.json_stream import JsonStream
from poolshift_providers.cognito_export.problems import damaged

WHOLE: Final = 8 << 20  # bytes: up to here a file is read in one piece
Batch = tuple[Sequence[Any], Sequence[int]]
"""Users, and the line of each: a list at a time, for a generator's step a user would cost as much as its record."""

_AT_ONCE: Final = 40
"""More would leave the processor's cache before their records are made: 500 take a quarter more time."""

_CHUNK: Final = 1 << 20
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

    def users(self) -> Iterator[Batch]:
        """Every user, some at a time, each with its line (0 = not known). Raises InputError EXPORT_DAMAGED."""
        with self._calls.file(self._name, "read") as stream:
            try:
                yield from self._of_stream(stream)
            except OSError as error:
                raise damaged(self._name, f"cannot be read: {error.strerror}") from error

    def _of_stream(self, stream: BinaryIO) -> Iterator[Batch]:
        head = stream.read(WHOLE + 1)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise damaged(self._name, "the file is UTF-16, as PowerShell's > writes it: save it as UTF-8")
        head = head.removeprefix(_BOM)
        if not head or head.isspace():
            raise damaged(self._name, "the file is empty")
        end = head.find(b"\n")
        first = head if end < 0 else head[:end]
        whole, document = len(head) <= WHOLE, _one_document(first)
        if document is not None and (not whole or not (end < 0 or head[end:].isspace())):
            del document, first
            yield from self._lines(head, stream)
            return
        if document is None and whole:
            document = _one_document(head)
        if document is not None:
            yield from self._document(document, 0)
            return
        del head, first
        stream.seek(0)
        yield from in_batches(self._stream(JsonStream(stream, self._name)))

    def _document(self, document: Any, line: int) -> Iterator[Batch]:
        """A response, an array of users, or one user."""
        if isinstance(document, dict) and isinstance(users := document.pop("Users", None), list):
            self._end_response(document)
        else:
            users = document if isinstance(document, list) else [document]
        for start in range(0, len(users), _AT_ONCE):
            some = users[start : start + _AT_ONCE]
            yield some, [line] * len(some)

    def _lines(self, head: bytes, stream: BinaryIO) -> Iterator[Batch]:
        """A document a line: users one by one, or responses. ``head``: what was read already."""
        users: list[Any] = []
        numbers: list[int] = []
        for number, (line, ended) in enumerate(_split(head, stream), 1):
            try:
                document = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                if not line.strip():
                    continue
                why = "not JSON" if ended else "the line is cut short"
                raise damaged(self._name, f"{why}: {error.msg}", number) from error
            if type(document) is dict and "Users" not in document:
                users.append(document)
                numbers.append(number)
                if len(users) == _AT_ONCE:
                    yield users, numbers
                    users, numbers = [], []
            else:
                if users:
                    yield users, numbers
                    users, numbers = [], []
                yield from self._document(document, number)
        if users:
            yield users, numbers

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


def in_batches(users: Iterator[tuple[Any, int]]) -> Iterator[Batch]:
    """Users that come one by one, each with its line."""
    while some := list(islice(users, _AT_ONCE)):
        yield [user for user, _ in some], [line for _, line in some]


def _split(head: bytes, stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """The lines of what was read and of the rest, each with whether a newline ended it; none is longer than WHOLE."""
    open_line = b""
    while head:
        lines = (open_line + head).split(b"\n")
        open_line = lines.pop()
        yield from zip(lines, repeat(True))
        if len(open_line) > WHOLE:
            break
        head = stream.read(_CHUNK)
    if open_line:
        yield open_line, False


def _one_document(data: bytes) -> Any:
    """The object or array ``data`` is; None when it is anything else: several documents, lines, or damaged."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, (dict, list)) else None
