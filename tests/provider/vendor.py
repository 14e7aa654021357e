"""An HTTP API of nobody's: answers what a test tells it to, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs


@dataclass(slots=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Told:
    """An answer. ``drop``: the connection is closed instead of it, after the request was read."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False


class Vendor:
    """A context manager. ``answers`` are used up in order, the last one stays; tokens are t1, t2, ..."""

    def __init__(self, *answers: Told, token_seconds: float = 3600) -> None:
        self.answers = list(answers) or [Told()]
        self.asked: list[Asked] = []
        self.grants: list[Mapping[str, list[str]]] = []
        self.grant = Told()
        self._token_seconds = token_seconds
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._answer))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _answer(self, asked: Asked) -> Told:
        with self._lock:
            if asked.path == "/token":
                self.grants.append(parse_qs(asked.body.decode()))
                if self.grant.status != 200:
                    return self.grant
                token = {"access_token": f"t{len(self.grants)}", "expires_in": self._token_seconds}
                return Told(body=json.dumps(token).encode())
            self.asked.append(asked)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _handler(answer: Callable[[Asked], Told]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # the client went away in the middle: nothing was asked
                self.close_connection = True
                return
            told = answer(Asked(self.command, self.path, dict(self.headers), body))
            if told.drop:
                self.close_connection = True
                return
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the test's terminal."""

    return Handler
