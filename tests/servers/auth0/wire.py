"""HTTP: the token endpoint, the Management API, addresses of exports, and the faults that happen on the wire."""

import json
import re
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.servers.auth0.faults import Fault
from tests.servers.auth0.jobs import LARGEST
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer
from tests.servers.auth0.service import Service
from tests.servers.listening import Listening, cut

_API: Final = "/api/v2"
_HTML: Final = b"<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>"


class Listener(Listening):
    """Answers for one service on a free port of 127.0.0.1."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port, _Handler)
        self.service: Service


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Listener

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PATCH = do_DELETE = do_GET

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = urlsplit(self.path)
        query = dict(parse_qsl(target.query, keep_blank_values=True))
        service = self.server.service
        if target.path == "/oauth/token" and self.command == "POST":
            self._plain(lambda: service.tokens.grant(_form(content, self.headers.get("Content-Type", ""))))
        elif target.path == "/log":
            self._plain(lambda: {**service.log.document, "people": len(service.tenant.users)})
        elif target.path.startswith("/exports/"):
            self._export(target.path.rpartition("/")[2], query.get("signature", ""))
        elif target.path.startswith(f"{_API}/"):
            self._api(target.path.removeprefix(_API), query, content)
        else:
            self._send(404, b"", {})

    def _plain(self, make: Any) -> None:
        try:
            status, document = 200, make()
        except Refusal as refusal:
            status, document = refusal.status, {"error": refusal.code, "error_description": refusal.message}
        self._send(status, json.dumps(document).encode(), {})

    def _export(self, job: str, signature: str) -> None:
        service = self.server.service
        if "Authorization" in self.headers:
            service.log.credentials_elsewhere += 1
        try:
            with service.tenant.lock:
                content = service.jobs.download(job, signature)
        except Refusal:
            self._send(403, b"<Error><Code>AccessDenied</Code></Error>", {"Content-Type": "application/xml"})
            return
        self._send(200, content, {"Content-Type": "application/gzip"})

    def _api(self, path: str, query: dict[str, str], content: bytes) -> None:
        service = self.server.service
        name, at, handler = service.endpoint(self.command, path)
        service.log.asked(name)
        fault = service.faults.next(name)
        if fault is not None and self._met_before(name, fault):
            return
        headers: dict[str, str] = {}
        try:
            headers = service.admit(name, self.headers.get("Authorization"))
            body = _body(content, self.headers.get("Content-Type", ""))
            answer = service.execute(self.command, path, query, body, at, handler)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.document, refusal.headers)
        if fault is not None and fault.how == "close_after_commit":
            self._drop()
            return
        document = b"" if answer.document is None else json.dumps(answer.document).encode()
        if fault is not None and fault.how in ("empty_body", "html"):
            document = _HTML if fault.how == "html" else b""
        service.log.told(name, answer.status)
        self._send(answer.status, document, {**headers, **answer.headers})

    def _met_before(self, name: str, fault: Fault) -> bool:
        """Whether the fault ends the request before it is carried out."""
        match fault.how:
            case "close_before":
                self._drop()
            case "error_500":
                self._refuse(name, Refusal(500, "An internal server error occurred"))
            case "throttle":
                headers = {"X-RateLimit-Reset": str(int(time.time())), "X-RateLimit-Remaining": "0"}
                self._refuse(name, Refusal(429, "Too many requests.", "too_many_requests", headers))
            case "revoked_token":
                self._refuse(name, Refusal(401, "Invalid token", "invalid_token"))
            case "slow":
                time.sleep(fault.seconds)
                return False
            case _:
                return False
        return True

    def _refuse(self, name: str, refusal: Refusal) -> None:
        self.server.service.log.told(name, refusal.status)
        self._send(refusal.status, json.dumps(refusal.document).encode(), refusal.headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        own = {"Content-Type": "application/json; charset=utf-8"} if body else {}
        for name, value in {**own, **headers}.items():
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
        """Nothing is printed: the log holds what was asked."""


def _form(content: bytes, type_: str) -> dict[str, Any]:
    if "json" in type_:
        document = json.loads(content)
        return document if isinstance(document, dict) else {}
    return dict(parse_qsl(content.decode()))


def _body(content: bytes, type_: str) -> Any:
    """A document, or the parts of a form. Raises Refusal (400, 413)."""
    if not content:
        return None
    if type_.startswith("multipart/form-data"):
        if len(content) > LARGEST:
            raise Refusal(413, f"Payload content length greater than maximum allowed: {LARGEST}")
        return _multipart(content, type_)
    try:
        return json.loads(content)
    except ValueError as error:
        raise Refusal(400, "Invalid request payload JSON format", "invalid_body") from error


def _multipart(content: bytes, type_: str) -> dict[str, bytes]:
    boundary = re.search(r'boundary="?([^";]+)', type_)
    if boundary is None or not content.rstrip().endswith(b"--" + boundary[1].encode() + b"--"):
        raise Refusal(400, "Payload validation error: 'Invalid multipart payload format'.", "invalid_body")
    parts: dict[str, bytes] = {}
    for part in content.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if (name := re.search(rb'name="([^"]*)"', head)) is not None:
            parts[name[1].decode()] = value.removesuffix(b"\r\n")
    return parts
