"""A realm, both sessions of the provider on it, and calls that break where a test wants them to."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, Final, Literal

import httpx

from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path
from poolshift.provider.attempt import Backoff, Trouble
from poolshift.provider.calls import SessionCalls
from poolshift.provider.http_calls import HttpCalls
from poolshift.provider.operation import Batch, Clear, Code, Edit, Failure, Operation, Outcome, Put
from poolshift.provider.schema import Route, Schema
from poolshift.provider.session import Complete, HttpConnection, Partial, Want
from poolshift.provider.verb import Verb
from poolshift_providers.keycloak import PROVIDER
from poolshift_providers.keycloak.settings import Settings
from tests.providers.sessions import Sessions
from tests.servers.keycloak import Realm
from tests.servers.keycloak.realm import CLIENT, SECRET

How = Literal["refused", "lost", "500", "429", "401", "403", "413", "empty", "html"]
_NUMBERS: Final = itertools.count()


@dataclass
class Break:
    """The ``at``-th request to the admin API (from 0) goes wrong, and as many after it as ``times`` says.

    refused: no connection. lost: carried out, and the answer never comes. Statuses: nothing was carried out.
    """

    at: int
    how: How
    times: int = 1
    seen: list[str] = field(default_factory=list)

    def strikes(self, request: str) -> bool:
        self.seen.append(request)
        return self.at <= len(self.seen) - 1 < self.at + self.times


class _BreakingCalls(HttpCalls):
    """Repeats at once what it would repeat after a pause."""

    def __init__(self, connection: HttpConnection, pacing: Any, broken: Break | None) -> None:
        super().__init__(connection, pacing, Backoff(attempts=4, first=0.001, longest=0.002))
        self._broken = broken

    def _send(
        self, method: str, path: str, query: Mapping[str, Any] | None, content: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        if self._broken is None or not self._broken.strikes(f"{method} {path}"):
            return super()._send(method, path, query, content, headers)
        how = self._broken.how
        if how == "lost":
            super()._send(method, path, query, content, headers)
        if how in ("refused", "lost"):
            raise Trouble(Failure(Code.DOWN, "broken by the test"), "HTTP_DOWN", lost=how == "lost")
        return _ANSWERS[how]


_ANSWERS: Final[Mapping[How, httpx.Response]] = {
    "500": httpx.Response(500, json={"error": "unknown_error"}),
    "429": httpx.Response(429, json={"error": "busy"}, headers={"Retry-After": "0"}),
    "401": httpx.Response(401, json={"error": "HTTP 401 Unauthorized"}),
    "403": httpx.Response(403, json={"error": "HTTP 403 Forbidden"}),
    "413": httpx.Response(413, content=b"<html>Request Entity Too Large</html>"),
    "empty": httpx.Response(200),
    "html": httpx.Response(502, content=b"<html><body>Bad gateway</body></html>"),
}


class _Calls(SessionCalls):
    broken: Break | None = None

    def _http_calls(self) -> HttpCalls:
        if self._http is None:
            assert self._http_connection is not None
            self._http = _BreakingCalls(self._http_connection, self._pacing, self.broken)
        return self._http


class World(Sessions):
    """One realm. Sessions are made anew for every use: a provider keeps nothing.

    broken: what goes wrong in the writer's sessions from now on; None = nothing.
    """

    provider = PROVIDER

    def __init__(self, realm: Realm, folder: FilePath) -> None:
        self.realm = realm
        self.settings = Settings(url=realm.server, realm=realm.name, client_id=CLIENT, client_secret=SECRET)
        self.broken: Break | None = None
        self._folder = folder

    @contextmanager
    def calls(self, *, writes: bool) -> Iterator[SessionCalls]:
        quotas = PROVIDER.documented(self.settings).quotas
        with _Calls(self._folder, writes=writes, quotas=quotas, http=PROVIDER.http(self.settings)) as calls:
            calls.broken = self.broken if writes else None
            yield calls

    def known(self) -> Schema:
        """Without asking."""
        return PROVIDER.documented(self.settings)

    # -- the world behind the provider's back
    def put(self, username: str, **members: Any) -> str:
        """A user, made by an administrator; answers its id."""
        return self.realm.create(username, **members)

    def get(self, id: str) -> dict[str, Any]:
        """The user as an administrator sees it, with groups and roles. Raises httpx.HTTPStatusError."""
        return self.realm.user(id)

    # -- through the provider
    def read(self, kind: Kind) -> tuple[list[Record], Complete | Partial]:
        """All records of a kind, and how its reading ended."""
        records: list[Record] = []
        ends: list[Complete | Partial] = []
        with self.reader() as reader:
            for page in reader.read(Want(frozenset({kind}))):
                if page.kind == kind:
                    records += page.records
                    ends += [page.end] if page.end is not None else []
        assert len(ends) == 1
        return records, ends[0]

    def named(self, kind: Kind, name: str) -> Record:
        """The one record of a shared kind that goes by this name."""
        key = self.schema().kinds[kind].keys[0].path
        [found] = [record for record in self.read(kind)[0] if record.values[key] == name]
        return found

    def send(self, *operations: Operation, route: str = "api") -> list[Outcome]:
        """One batch; raises what the provider raises. An update gets the current record, as the engine gives it."""
        outcomes: list[Outcome] = []
        self.send_into(outcomes, *operations, route=route)
        return outcomes

    def send_into(self, outcomes: list[Outcome], *operations: Operation, route: str = "api") -> None:
        """The same, and keeps the outcomes that came before an error."""
        first = operations[0]
        chosen = self.route(first.kind, first.verb, route)
        full = tuple(map(self._with_current, operations)) if chosen.needs_current else operations
        with self.writer() as writer:
            answer = writer.send(chosen, Batch(full))
            assert isinstance(answer, Iterator)
            outcomes.extend(answer)

    def route(self, kind: Kind, verb: Verb, name: str = "api") -> Route:
        """The route of this name, or the only one there is."""
        fitting = [own for own in self.schema().routes if own.kind == kind and verb in own.verbs]
        return next((own for own in fitting if own.name == name), fitting[0])

    def _with_current(self, operation: Operation) -> Operation:
        [current] = self.find(operation.kind, "id", operation.id or "")
        return replace(operation, current=current)


def operation(
    kind: Kind,
    verb: Verb,
    values: Mapping[Path, Any] | None = None,
    *,
    id: str | None = None,
    refs: Mapping[Path, Ref] | None = None,
    children: Iterable[Operation] = (),
) -> Operation:
    """One write; values that are not changes are put, None clears."""
    changes = {
        path: value if isinstance(value, (Put, Clear, Edit)) else Clear() if value is None else Put(value)
        for path, value in (values or {}).items()
    }
    return Operation(address(kind, str(next(_NUMBERS))), kind, verb, changes, id, refs or {}, None, tuple(children))
