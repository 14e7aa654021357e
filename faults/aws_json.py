"""The AWS JSON protocol over HTTP, as far as the stub speaks it."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Document = dict[str, Any]


class NotThere(Exception):
    """The name of the exception that says so."""


class Listener(ThreadingHTTPServer):
    """Hands an operation and its request to ``answer``, which may raise NotThere."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, answer: Callable[[str, Document], Document]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            status, document = 200, self.server.answer(operation, request)
        except NotThere as error:
            status, document = 400, {"__type": str(error), "message": "It is not there."}
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""
