"""The server behind: one connection that is kept open, and opened again when the server ended it."""

import select
import socket
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from poolshift.testing.faults.exchange import Answer, Request
from poolshift.testing.faults.wire import read_answer, request_bytes

PATIENCE: Final = 60.0
"""Seconds an answer may take."""


class Upstream:
    """Used by one thread at a time. No request is ever sent twice."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError("the server behind has to be named as http://host:port")
        self._place = (parts.hostname, parts.port or 80)
        self._host = parts.netloc
        self._socket: socket.socket | None = None
        self._stream: BinaryIO | None = None

    def ask(self, request: Request) -> Answer:
        """Raises OSError where the server does not answer."""
        if self._socket is not None and _has_ended(self._socket):
            self.close()
        if self._socket is None:
            self._socket = socket.create_connection(self._place, PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._stream = self._socket.makefile("rb")
        assert self._stream is not None
        try:
            self._socket.sendall(request_bytes(request, self._host))
            answer, keeps = read_answer(self._stream, request.method)
        except OSError:
            self.close()
            raise
        if not keeps:
            self.close()
        return answer

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
        if self._socket is not None:
            self._socket.close()
        self._socket = self._stream = None


def _has_ended(connection: socket.socket) -> bool:
    """Between two requests a connection has nothing to say but that it is over."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable)
