"""The kit's hand on each wire: HTTP, an AWS client, an SQLite file, a file. A watch says how a request ends."""

import io
import sqlite3
from collections.abc import Mapping
from typing import Any, BinaryIO, Final, NoReturn

import httpx

from poolshift.provider.aws_calls import AwsCalls
from poolshift.provider.http_calls import HttpCalls
from poolshift.testing.faults import PAGE, Fault, Watch

_STATUS: Final = {Fault.ERROR: 500, Fault.BUSY: 429, Fault.DENIED: 401}
_REFUSAL: Final = b'{"message": "invented"}'


class WatchedHttp(HttpCalls):
    """HTTP calls over a transport of the kit's."""

    def __init__(self, watch: Watch, writer: bool, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._watch = watch
        self._writer = writer

    def _transport(self) -> httpx.BaseTransport:
        return _Transport(self._watch, self._writer)


class _Transport(httpx.HTTPTransport):
    def __init__(self, watch: Watch, writer: bool) -> None:
        super().__init__(limits=httpx.Limits(max_connections=8))
        self._watch = watch
        self._writer = writer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        fault = self._watch.request("http", writer=self._writer)
        if fault is None:
            return super().handle_request(request)
        if fault is Fault.REFUSED:
            raise httpx.ConnectError("broken by a law", request=request)
        if (status := _STATUS.get(fault)) is not None:
            headers = {"Content-Type": "application/json"}
            return httpx.Response(status, headers=headers, content=_REFUSAL, request=request)
        if fault is Fault.HTML:
            return httpx.Response(200, headers={"Content-Type": "text/html"}, content=PAGE, request=request)
        response = super().handle_request(request)
        response.read()
        if fault is Fault.LOST:
            raise httpx.ReadError("broken by a law", request=request)
        return httpx.Response(response.status_code, content=b"", request=request)


class WatchedAws(AwsCalls):
    """AWS calls with a handler before every request."""

    def __init__(self, watch: Watch, writer: bool, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._watch = watch
        self._writer = writer
        service = self._client.meta.service_model.service_id.hyphenize()
        self._client.meta.events.register(f"before-send.{service}", self._before_send)

    def _before_send(self, request: Any, **_: Any) -> Any:
        fault = self._watch.request("aws", writer=self._writer)
        if fault is None:
            return None
        if fault is Fault.REFUSED:
            self._raise("EndpointConnectionError", request.url)
        if (status := _STATUS.get(fault)) is not None:
            return _answer(request.url, status, {"Content-Type": "application/x-amz-json-1.1"}, _REFUSAL)
        if fault is Fault.HTML:
            return _answer(request.url, 200, {"Content-Type": "text/html"}, PAGE)
        response = self._client._endpoint.http_session.send(request)
        if fault is Fault.LOST:
            self._raise("ConnectionClosedError", request.url)
        return _answer(request.url, response.status_code, {}, b"")

    def _raise(self, name: str, url: str) -> NoReturn:
        import botocore.exceptions  # type: ignore[import-untyped]

        raise getattr(botocore.exceptions, name)(endpoint_url=url)


def _answer(url: str, status: int, headers: Mapping[str, str], body: bytes) -> Any:
    from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]

    return AWSResponse(url, status, headers, _Raw(body))


class _Raw:
    """What the SDK reads a body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> list[bytes]:
        return [self._body]


class WatchedConnection:
    """An SQLite connection whose transactions count as requests: begun, and committed."""

    def __init__(self, connection: sqlite3.Connection, watch: Watch) -> None:
        self._connection = connection
        self._watch = watch
        self._fault: Fault | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, parameters: Any = ()) -> sqlite3.Cursor:
        word = statement.split(None, 1)[0].upper() if statement.strip() else ""
        if word == "BEGIN":
            self._fault = self._watch.request("database", writer=True)
            if self._fault is Fault.REFUSED:
                raise _error("SQLITE_BUSY")
        cursor = self._connection.execute(statement, parameters)
        if word == "COMMIT" and self._fault is Fault.LOST:
            self._fault = None
            raise _error("SQLITE_IOERR_FSYNC")
        return cursor


def _error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("broken by a law")
    error.sqlite_errorname = name
    return error


def broken_file(stream: BinaryIO, fault: Fault) -> BinaryIO:
    """A file as it is after the fault: cut in the middle, empty, or a page of somebody else's."""
    with stream:
        content = stream.read()
    if fault is Fault.HTML:
        return io.BytesIO(PAGE)
    return io.BytesIO(b"" if fault is Fault.EMPTY else content[: len(content) // 2])
