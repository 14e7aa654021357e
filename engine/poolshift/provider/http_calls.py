"""Calls of an HTTP API: a client a thread, a token renewed in time, every answer judged before a provider sees it."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import httpx
import orjson

import poolshift
from poolshift.errors import ProviderDown
from poolshift.provider.attempt import Attempts, Backoff, Trouble
from poolshift.provider.operation import Code, Failure, Unknown
from poolshift.provider.pacing import Pacing
from poolshift.provider.session import HttpConnection, Token

CONNECT_SECONDS: Final = 10.0
EARLY: Final = 0.2
"""The part of a token's life that is not used: a call that begins before its end may arrive after it."""

_DOWN: Final = "HTTP_DOWN"
_DENIED: Final = "HTTP_DENIED"
_CREDENTIALS: Final = "HTTP_CREDENTIALS"
_REMEDIES: Final = {
    _CREDENTIALS: "Check the credentials in the settings, and that the client they belong to is enabled.",
    "": "Grant the permission to the client that runs poolshift; `poolshift doctor SPEC` lists what is missing.",
}
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_LEAVING: Final = frozenset({"http11.send_request_headers.started", "http11.send_request_body.started"})
"""What the client's `trace` extension tells right before it writes. A head without its body is no request."""

_NOT_JSON: Final = "the answer is not JSON: something else answers there"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply whose body is empty or one JSON document, read already."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    _document: Any = field(repr=False)
    _empty: Exception = field(repr=False)

    def json(self) -> Any:
        """The document. Raises Unknown (a write) or ProviderDown (a read) where the body was empty."""
        if not self.content:
            raise self._empty
        return self._document


class HttpCalls:
    """Used from many threads; each has a client of its own."""

    def __init__(
        self,
        connection: HttpConnection,
        pacing: Pacing,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._attempts = Attempts(pacing, backoff or Backoff(), _REMEDIES)
        self._clock = clock
        self._local = threading.local()
        self._clients: list[httpx.Client] = []
        self._opening = threading.Lock()
        self._renewing = threading.Lock()
        self._token = ""
        self._token_until = float("-inf")

    def close(self) -> None:
        with self._opening:
            while self._clients:
                self._clients.pop().close()

    def call(
        self,
        method: str,
        path: str,
        *,
        quota: str,
        writes: bool,
        again: bool,
        weight: float = 1,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        ok: Mapping[int, str] | None = None,
    ) -> Answer:
        """One request; ``ok``: statuses from 300 that are answers too, and what they mean. Ends as `Attempts.make`.

        ``path`` stands in errors, ``query``, bodies and headers never do. An address of another host (a file to
        fetch, an upload) is asked without our credentials.
        """
        content = orjson.dumps(json) if json is not None else body
        own = dict(headers or {})
        if json is not None:
            own.setdefault("Content-Type", "application/json")
        name = f"{method} {_shown(path)}"

        def attempt() -> Answer:
            response = self._authorized(method, path, query, content, own)
            return self._judged(response, ok or {}, name, writes=writes)

        return self._attempts.make(attempt, name, quota=quota, writes=writes, again=again, weight=weight)

    def fetch(self, path: str, into: BinaryIO, *, quota: str, headers: Mapping[str, str] | None = None) -> None:
        """The body of a GET, whatever it is, streamed to a file. Raises as a read does."""

        def attempt() -> None:
            into.seek(0)
            into.truncate()
            own = {**self._credentials(path), **(headers or {})}
            try:
                with self._client().stream("GET", path, headers=own) as response:
                    if response.status_code >= 300:
                        response.read()
                        raise self._refused(response)
                    for block in response.iter_bytes():
                        into.write(block)
            except httpx.HTTPError as error:
                raise _trouble(error) from error
            into.seek(0)

        self._attempts.make(attempt, f"GET {_shown(path)}", quota=quota, writes=False, again=True)

    def _authorized(
        self, method: str, path: str, query: Mapping[str, Any] | None, content: bytes | None, own: Mapping[str, str]
    ) -> httpx.Response:
        """A 401 with a token of ours: it was revoked or came too late, nothing was done. Once more with a new one."""
        credentials = self._credentials(path)
        response = self._send(method, path, query, content, {**credentials, **own})
        if response.status_code == 401 and credentials and self._connection.token is not None:
            self._forget(credentials)
            response = self._send(method, path, query, content, {**self._credentials(path), **own})
        return response

    def _send(
        self, method: str, path: str, query: Mapping[str, Any] | None, content: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        try:
            return self._client().request(method, path, params=query, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _trouble(error) from error

    def _judged(self, response: httpx.Response, ok: Mapping[int, str], name: str, *, writes: bool) -> Answer:
        if response.status_code >= 300 and response.status_code not in ok:
            raise self._refused(response)
        document = None
        if response.content:
            try:
                document = orjson.loads(response.content)
            except orjson.JSONDecodeError as error:
                raise Trouble(Failure(Code.DOWN, _NOT_JSON), _DOWN, lost=True) from error
        why = f"{name}: the answer is empty"
        empty = Unknown(why) if writes else ProviderDown.of(_DOWN, why, "Try again later.")
        return Answer(response.status_code, response.headers, response.content, document, empty)

    def _refused(self, response: httpx.Response) -> Trouble:
        failure = self._connection.failure(response.status_code, response.content, response.headers)
        code = _DENIED if failure.code is Code.DENIED else _DOWN
        return Trouble(failure, code, lost=response.status_code >= 500)

    def _credentials(self, path: str) -> Mapping[str, str]:
        """What our own API is sent with every request; nothing for another host."""
        if not self._is_ours(path):
            return {}
        token = self._connection.token
        if token is None:
            return self._connection.headers
        with self._renewing:
            if self._clock() >= self._token_until:
                self._renew(token)
            return {**self._connection.headers, "Authorization": f"Bearer {self._token}"}

    def _forget(self, used: Mapping[str, str]) -> None:
        with self._renewing:
            if used.get("Authorization") == f"Bearer {self._token}":
                self._token_until = float("-inf")

    def _renew(self, token: Token) -> None:
        began = self._clock()
        response = self._grant(token)
        if response.status_code in (400, 401, 403, 404):
            refused = (
                "nobody gives one at that address" if response.status_code == 404 else "the credentials are refused"
            )
            why = f"no token: {refused} (status {response.status_code})"
            raise Trouble(Failure(Code.DENIED, why), _CREDENTIALS)
        try:
            document = response.json() if response.status_code < 300 else {}
            self._token = str(document["access_token"])
            self._token_until = began + float(document.get("expires_in", 60)) * (1 - EARLY)
        except (ValueError, KeyError, TypeError) as error:
            why = f"no token: an unexpected answer (status {response.status_code})"
            raise Trouble(Failure(Code.DOWN, why), _DOWN) from error

    def _grant(self, token: Token) -> httpx.Response:
        try:
            return self._client().post(token.url, data=dict(token.form))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            trouble = _trouble(error)
            raise Trouble(trouble.failure, trouble.code) from error

    def _is_ours(self, path: str) -> bool:
        return "://" not in path or httpx.URL(path).netloc == httpx.URL(self._connection.base_url).netloc

    def _client(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = httpx.Client(
                base_url=self._connection.base_url,
                headers={"User-Agent": f"poolshift/{poolshift.__version__}", "Accept": "application/json"},
                timeout=httpx.Timeout(self._connection.seconds, connect=CONNECT_SECONDS),
                follow_redirects=False,
                transport=self._transport(),
                event_hooks={"request": [self._watch_leaving]},
            )
            self._local.client = client
            with self._opening:
                self._clients.append(client)
        return client

    def _watch_leaving(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._leaving

    def _leaving(self, event: str, _about: Mapping[str, Any]) -> None:
        """Connected and about to write: while that took its time, or we were suspended, a lease may have ended."""
        if event in _LEAVING:
            self._attempts.pacing.may_start()

    def _transport(self) -> httpx.BaseTransport | None:
        """None = the client's own; the laws of a provider are tried over another."""
        return None


def _trouble(error: Exception) -> Trouble:
    """What an error of the client means. Its own text may hold an address with values: only its class is told."""
    name = type(error).__name__
    if isinstance(error, httpx.InvalidURL):
        return Trouble(Failure(Code.INVALID, "a value cannot stand in an address"), _DOWN)
    if isinstance(error, _UNSENT):
        return Trouble(Failure(Code.DOWN, f"no connection ({name})"), _DOWN)
    return Trouble(Failure(Code.DOWN, f"the connection broke before the answer was whole ({name})"), _DOWN, lost=True)


def _shown(path: str) -> str:
    """A path as errors show it: without query, and of another host's address only the host."""
    return httpx.URL(path).host if "://" in path else path.partition("?")[0]
