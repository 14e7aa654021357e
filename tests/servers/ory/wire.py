"""HTTP, and the faults that happen on it."""

import json
import re
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.servers.cognito.log import Entry, Log
from tests.servers.listening import Listening, cut
from tests.servers.ory.faults import Fault
from tests.servers.ory.rates import Rates
from tests.servers.ory.refusal import Refusal, malformed
from tests.servers.ory.service import Answer, Service
from tests.servers.programme import Faults

_HTML: Final = b"<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1></body></html>"
_ID: Final = re.compile(r"(/admin/identities(?:/by/external)?/)(?!by/)[^/]+")


class Listener(Listening):
    """Answers for one service on 127.0.0.1.

    key: what a project of the Ory Network asks for, "" = nothing. workspace_key: what its console asks for.
    seconds: how long a write takes, so that two may overlap.
    """

    def __init__(self, service: Service, log: Log, faults: Faults[Fault], rates: Rates, key: str, port: int) -> None:
        super().__init__(port, _Handler)
        self.service = service
        self.log = log
        self.faults = faults
        self.rates = rates
        self.key = key
        self.workspace_key = f"{key}_of_the_workspace" if key else ""
        self.seconds = 0.0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        address = urlsplit(self.path)
        kind = _ID.sub(r"\g<1>{id}", address.path)
        operation = f"{self.command} {kind}"
        with self.server.log.of(operation, None) as entry:
            met = self.server.faults.next(operation)
            fault = met.how if met is not None else None
            entry.fault = str(fault) if fault is not None else None
            match fault:
                case "close_before":
                    self._drop()
                case "html":
                    self._send(entry, 200, _HTML, {"Content-Type": "text/html"})
                case "html_error":
                    self._send(entry, 502, _HTML, {"Content-Type": "text/html"})
                case _:
                    answer = self._answer(address.path, address.query, body, fault)
                    self._reply(entry, answer, fault)

    def _reply(self, entry: Entry, answer: Answer, fault: object) -> None:
        if fault == "close_after":
            self._drop()
            return
        empty = answer.document is None or fault == "empty_body"
        content = b"" if empty else json.dumps(answer.document).encode()
        self._send(entry, answer.status, content, {"Content-Type": "application/json", **answer.headers})

    def _answer(self, path: str, query: str, body: bytes, fault: object) -> Answer:
        try:
            key = self.server.workspace_key if path.startswith("/projects/") else self.server.key
            if key and self.headers.get("Authorization") != f"Bearer {key}":
                raise Refusal(401, "Access credentials are invalid")
            if isinstance(fault, int):
                raise Refusal(fault, "On purpose.", headers={"Retry-After": "0"} if fault == 429 else {})
            with self.server.rates.admitted(self.command, path) as headers:
                if self.command != "GET" and self.server.seconds:
                    time.sleep(self.server.seconds)
                if fault == "expired_page_token":
                    raise malformed("The page token is invalid, do not craft your own page tokens")
                answer = self.server.service.execute(
                    self.command, path, parse_qs(query), _decoded(body), repeats=fault == "repeated_page"
                )
            return Answer(answer.status, answer.document, {**answer.headers, **headers})
        except Refusal as refusal:
            return Answer(refusal.status, {"error": refusal.document()}, refusal.headers)

    def _send(self, entry: Entry, status: int, body: bytes, headers: dict[str, str]) -> None:
        entry.status = status
        self.send_response(status)
        for name, value in headers.items():
            if body or name != "Content-Type":
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _drop(self) -> None:
        self.close_connection = True
        cut(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed: Listener.log holds what was asked."""


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError as error:
        raise malformed("unable to decode the body: it is not JSON") from error
