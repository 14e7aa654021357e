"""HTTP/1.1 messages read from and written to sockets: no more of it than stands between a client and a server.

Written out because it has to carry thousands of requests a second, and to break off where no library lets one.
"""

import socket
import struct
from collections.abc import Mapping
from http import HTTPStatus
from typing import BinaryIO, Final

from poolshift.testing.faults.exchange import OWN_LENGTH, Answer, Request

_OF_THE_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", OWN_LENGTH, "host", "expect"})
_BODILESS: Final = frozenset({204, 304})
_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}


class Broken(ConnectionError):
    """The other side ended the connection in the middle of a message."""


def read_request(stream: BinaryIO) -> Request | None:
    """The next request; None where the client is done. Raises Broken, ValueError."""
    line = stream.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers = _headers(stream)
    return Request(method, target, headers, _body(stream, headers, to_the_end=False))


def read_answer(stream: BinaryIO, method: str) -> tuple[Answer, bool]:
    """An answer, and whether the connection may be used again. Raises Broken, ValueError."""
    line = stream.readline()
    if not line:
        raise Broken("no answer")
    status = int(line.split(b" ", 2)[1])
    if status == 100:
        _headers(stream)
        return read_answer(stream, method)
    headers = _headers(stream)
    to_the_end = OWN_LENGTH not in headers and "transfer-encoding" not in headers
    bodiless = method == "HEAD" or status in _BODILESS
    body = b"" if bodiless else _body(stream, headers, to_the_end=to_the_end)
    keeps = headers.get("connection", "").lower() != "close" and (bodiless or not to_the_end)
    return Answer(status, body, passed_on(headers)), keeps


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers without those that are about one connection only."""
    return {name: value for name, value in headers.items() if name not in _OF_THE_HOP}


def request_bytes(request: Request, host: str) -> bytes:
    headers = {"host": host, **passed_on(request.headers), OWN_LENGTH: str(len(request.body))}
    return _message(f"{request.method} {request.target} HTTP/1.1", headers, request.body)


def answer_bytes(answer: Answer) -> bytes:
    own = {} if answer.status in _BODILESS else {OWN_LENGTH: str(len(answer.body))}
    reason = _REASONS.get(answer.status, "Unknown")
    return _message(f"HTTP/1.1 {answer.status} {reason}", {**answer.headers, **own}, answer.body)


def reset(connection: socket.socket) -> None:
    """End a connection so that the other side sees it broken, not ended (RST instead of FIN)."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    except OSError:
        connection.close()


def _message(first: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def _headers(stream: BinaryIO) -> dict[str, str]:
    found: dict[str, str] = {}
    while (line := stream.readline()) not in (b"\r\n", b"\n"):
        if not line:
            raise Broken("the headers are not whole")
        name, _, value = line.decode("latin-1").partition(":")
        found[name.strip().lower()] = value.strip()
    return found


def _body(stream: BinaryIO, headers: Mapping[str, str], *, to_the_end: bool) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _chunks(stream)
    if to_the_end:
        return stream.read()
    return _exactly(stream, int(headers.get(OWN_LENGTH, "0")))


def _chunks(stream: BinaryIO) -> bytes:
    parts: list[bytes] = []
    while size := int(stream.readline().partition(b";")[0], 16):
        parts.append(_exactly(stream, size))
        stream.readline()
    _headers(stream)
    return b"".join(parts)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    body = stream.read(size) if size else b""
    if len(body) < size:
        raise Broken("the body is not whole")
    return body
