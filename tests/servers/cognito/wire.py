"""The AWS JSON 1.1 protocol over HTTP, and the faults that happen on the wire."""

import json
import time
import uuid
from http.server import BaseHTTPRequestHandler
from typing import Final

from tests.servers.cognito.faults import PAGES, Fault
from tests.servers.cognito.log import Entry, Log
from tests.servers.cognito.quotas import Quotas
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.service import Service
from tests.servers.listening import Listening, cut
from tests.servers.programme import Faults

_TARGETS: Final = ("AWSCognitoIdentityProviderService.", "Logs_20140328.")
UPLOAD: Final = "PutUpload"
"""What an upload to a presigned address is called in the log and in faults."""

_JSON: Final = "application/x-amz-json-1.1"
_HTML: Final = b"<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1></body></html>"


class Listener(Listening):
    """Answers for one service on a free port of 127.0.0.1."""

    def __init__(self, service: Service, log: Log, faults: Faults[Fault], quotas: Quotas, port: int = 0) -> None:
        super().__init__(port, _Handler)
        self.service = service
        self.log = log
        self.faults = faults
        self.quotas = quotas


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "")
        for target in _TARGETS:
            operation = operation.removeprefix(target)
        try:
            request = json.loads(body)
        except ValueError:
            request = None
        with self.server.log.of(operation, request) as entry:
            self._answer(operation, request, entry)

    def do_PUT(self) -> None:
        """An upload. Of one that is cut off nothing is kept."""
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            self._drop()
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.log.of(UPLOAD, {}) as entry:
            fault = self.server.faults.next(UPLOAD)
            entry.fault = fault.how if fault else None
            if fault and self._met_before(fault, entry):
                return
            with self.server.service.lock:
                status, error = self.server.service.imports.upload(self.path, headers, body)
            if fault and fault.how == "close_after_commit":
                self._drop()
                return
            answer = f"<Error><Code>{error}</Code></Error>".encode() if error else b""
            self._send(entry, status, answer, {"Content-Type": "application/xml"})

    def _answer(self, operation: str, request: object, entry: Entry) -> None:
        fault = self.server.faults.next(operation)
        entry.fault = fault.how if fault else None
        if fault and self._met_before(fault, entry):
            return
        try:
            if fault and (refusal := fault.refusal()):
                raise refusal
            self.server.quotas.spend(operation)
            page = fault.how if fault and fault.how in PAGES else None
            status, answer, headers = 200, self.server.service.execute(operation, request, page), {}
        except Refusal as refusal:
            status, headers = refusal.status, {"x-amzn-ErrorType": refusal.type, **refusal.headers}
            answer = {"__type": refusal.type, "message": refusal.message}
            entry.error = refusal.type
        if fault and fault.how == "close_after_commit":
            self._drop()
        else:
            self._send(entry, status, json.dumps(answer).encode(), headers)

    def _met_before(self, fault: Fault, entry: Entry) -> bool:
        """Whether the fault ends the request before it is carried out."""
        match fault.how:
            case "close_before":
                self._drop()
            case "html":
                self._send(entry, 200, _HTML, {"Content-Type": "text/html"})
            case "html_error":
                self._send(entry, 502, _HTML, {"Content-Type": "text/html"})
            case "empty_body":
                self._send(entry, 200, b"", {})
            case "slow":
                time.sleep(fault.seconds)
                return False
            case _:
                return False
        return True

    def _send(self, entry: Entry, status: int, body: bytes, headers: dict[str, str]) -> None:
        entry.status = status
        self.send_response(status)
        for name, value in ({"Content-Type": _JSON, "x-amzn-RequestId": str(uuid.uuid4())} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _drop(self) -> None:
        self.close_connection = True
        cut(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed: Listener.log holds what was asked."""
