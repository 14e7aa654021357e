"""A world whose end is a fake of an HTTP API, written as one function: the kit listens, reads and writes."""

import json
import threading
import traceback
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from poolshift.testing.world import World


@dataclass(frozen=True, slots=True)
class Request:
    """path: as it was sent, percent-encoded. query: the last of a name that is repeated. headers: names in lower case.
    document: the JSON body, None where there is none."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    document: Any


class Refused(Exception):
    """Raised by a fake to answer so: a status, and a document that says why."""

    def __init__(self, status: int, document: Any = None) -> None:
        super().__init__(status)
        self.status = status
        self.document = document


class HttpWorld(World):
    """Serves a fake of the vendor's API at `url`, on a free port of 127.0.0.1, until `close`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"world": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def answer(self, request: Request) -> tuple[int, Any]:
        """(status, document) for a request; a document of None is an empty body. May raise `Refused`.

        Asked for one request at a time, so that it needs no locks. Whatever else it raises is a fault of the fake: it
        is answered with a 500, and shown on stderr.
        """

    def answer_in_turn(self, request: Request) -> tuple[int, Any]:
        with self._turn:
            try:
                return self.answer(request)
            except Refused as refused:
                return refused.status, refused.document

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    world: HttpWorld

    def handle_one_request(self) -> None:
        """Clients that go away, between requests or in one, are no event."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _respond(self) -> None:
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        try:
            document = json.loads(body) if body else None
            status, told = self.world.answer_in_turn(Request(self.command, address.path, query, headers, document))
        except Exception:  # noqa: BLE001 - whatever it is, the author of the fake has to see it
            traceback.print_exc()
            status, told = 500, None
        self._write(status, told)

    def _write(self, status: int, document: Any) -> None:
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _respond

    def log_message(self, *_: Any) -> None:
        """Addresses hold people's values."""
