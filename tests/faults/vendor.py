"""An invented vendor over HTTP: people under /users, twenty of them a page by token, unique by e-mail."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from poolshift.testing.faults import Answer, PageOf, Request, Terms


class VendorTerms(Terms):
    """Lists are ``{"users": […], "next": TOKEN}``; all the rest is as usual."""

    def page(self, request: Request, answer: Answer) -> PageOf | None:
        document = answer.document
        if not isinstance(document, dict) or "users" not in document:
            return None
        return PageOf(document["users"], document.get("next"))

    def with_page(self, request: Request, answer: Answer, page: PageOf) -> Answer:
        return answer.with_document({"users": page.records} | ({"next": page.token} if page.token else {}))

    def token(self, request: Request) -> str | None:
        return parse_qs(urlsplit(request.target).query).get("token", [None])[0]

    def with_token(self, request: Request, token: str) -> Request:
        return Request(request.method, f"{request.path}?token={token}", request.headers, request.body)


class Vendor(ThreadingHTTPServer):
    """people: everybody by e-mail; asked: what reached it."""

    daemon_threads = True
    page: ClassVar[int] = 3

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.people: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor

    def do_GET(self) -> None:
        self.server.asked.append(f"GET {self.path}")
        start = int(parse_qs(urlsplit(self.path).query).get("token", ["0"])[0])
        people = list(self.server.people.values())
        document: dict[str, Any] = {"users": people[start : start + self.server.page]}
        if start + self.server.page < len(people):
            document["next"] = str(start + self.server.page)
        self._send(200, document)

    def do_POST(self) -> None:
        person = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.asked.append(f"POST {self.path}")
            if person["email"] in self.server.people:
                self._send(409, {"error": "exists"})
                return
            made = self.server.people[person["email"]] = {"id": f"u{len(self.server.people)}", **person}
        self._send(201, made)

    def _send(self, status: int, document: Any) -> None:
        """In chunks, as some servers answer."""
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (body[:10], body[10:]):
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n" if part else b"")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@contextmanager
def vendor() -> Iterator[Vendor]:
    with Vendor() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
