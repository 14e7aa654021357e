"""A tenant on the server, and both sessions of the provider on it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import UNKNOWN
from poolshift.provider.calls import SessionCalls
from poolshift.provider.operation import Batch, Clear, JobHandle, Operation, Outcome, Put
from poolshift.provider.schema import Route, Schema
from poolshift.provider.session import Complete, Partial, Want
from poolshift.provider.verb import Verb
from poolshift_providers.auth0 import PROVIDER
from poolshift_providers.auth0.connection import connection_of
from poolshift_providers.auth0.quotas import LIMITS
from poolshift_providers.auth0.schema import schema_of
from poolshift_providers.auth0.settings import Settings
from poolshift_providers.auth0.writer import TenantWriter
from tests.providers.sessions import QuickCalls, Sessions
from tests.servers.auth0 import Auth0Server
from tests.servers.auth0.faults import How

FAST: Final = dict.fromkeys(LIMITS, "5000/s")
"""Quotas that no test has to wait for."""


class World(Sessions):
    """One connection. Sessions are made anew for every use: a provider keeps nothing."""

    provider = PROVIDER

    def __init__(self, server: Auth0Server, folder: Path, url: str = "", **settings: Any) -> None:
        self.server = server
        own = {
            "domain": server.domain,
            "client_id": server.service.tokens.client_id,
            "client_secret": SecretStr(server.service.tokens.client_secret),
            "connection": server.database.name,
            "endpoint_url": url or server.url,
            "quotas": FAST,
        }
        self.settings = Settings(**{**own, **settings})
        self._folder = folder

    # -- what is there, by other ways than the provider's
    def put(self, kind: Kind, **values: Any) -> str:
        """A record somebody else made; its id. A user's values as the API takes them."""
        if kind == "user":
            return str(self.server.put(**values)["user_id"])
        made = {"role": "roles", "organization": "organizations"}[kind]
        return self._ask("POST", f"/{made}", values)

    def get(self, user_id: str) -> dict[str, Any] | None:
        """A user as the tenant keeps it; None where there is nobody."""
        user = self.server.tenant.users.get(user_id)
        return None if user is None else dict(user)

    def break_at(self, endpoint: str, nth: int = 1, how: How = "error_500", *, times: int = 1) -> None:
        """The nth call of an endpoint from now on (`*`: of any) meets a fault."""
        self.server.fail(endpoint, nth, how, times=times)

    def _ask(self, method: str, path: str, body: Any) -> str:
        service = self.server.service
        _, at, handler = service.endpoint(method, path)
        return str(service.execute(method, path, {}, body, at, handler).document["id"])

    # -- sessions of the provider
    @contextmanager
    def calls(self, *, writes: bool) -> Iterator[SessionCalls]:
        quotas = PROVIDER.documented(self.settings).quotas
        connection = PROVIDER.http(self.settings)
        with QuickCalls(self._folder, writes=writes, quotas=quotas, http=connection) as calls:
            yield calls

    def known(self) -> Schema:
        """The schema as the connection is, without asking."""
        own = self.server.database
        item = {"id": own.id, "name": own.name, "strategy": own.strategy, "options": own.options}
        return schema_of(self.settings, connection_of(item))

    def read(self, *kinds: Kind) -> tuple[dict[Kind, list[Record]], dict[Kind, Complete | Partial]]:
        """All records by kind, and how the reading of each ended."""
        records: dict[Kind, list[Record]] = {kind: [] for kind in kinds}
        ends: dict[Kind, Complete | Partial] = {}
        with self.reader() as reader:
            for page in reader.read(Want(frozenset(kinds))):
                assert page.kind not in ends
                records[page.kind] += page.records
                if page.end is not None:
                    ends[page.kind] = page.end
        assert ends.keys() == set(kinds)
        return records, ends

    def send(self, *operations: Operation, route: str = "api") -> list[Outcome]:
        """By a route of this name; a job to its end. Raises what the provider raises."""
        outcomes: list[Outcome] = []
        self.send_into(outcomes, *operations, route=route)
        return outcomes

    def send_into(self, outcomes: list[Outcome], *operations: Operation, route: str = "api") -> None:
        """The same, and keeps the outcomes that came before an error."""
        batch = Batch(operations, "label-1")
        with self.writer() as writer:
            answer = writer.send(self.route(operations[0].kind, operations[0].verb, route), batch)
            outcomes.extend(self.finish(answer, batch) if isinstance(answer, JobHandle) else answer)

    def finish(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        """Each step of a job in a session of its own; what is collected holds no values any more."""
        batch = replace(batch, operations=tuple(map(bare, batch.operations)))
        while True:
            with self.writer() as writer:
                assert isinstance(writer, TenantWriter)
                state = writer.poll(handle)
            if state.status != "running":
                break
        assert state.status == "finished"
        with self.writer() as writer:
            assert isinstance(writer, TenantWriter)
            yield from writer.collect(handle, batch)

    def route(self, kind: Kind, verb: Verb, name: str = "api") -> Route:
        routes = self.known().routes
        return next(route for route in routes if (route.kind, route.name) == (kind, name) and verb in route.verbs)


def bare(operation: Operation) -> Operation:
    """As it is kept while a job runs: its address and the names of its fields."""
    return replace(operation, changes=dict.fromkeys(operation.changes, Put(UNKNOWN)), refs={})


def create(number: int = 1, **values: Any) -> Operation:
    """An invented person; None leaves a value out."""
    own = {
        "user_id": f"00000000-0000-4000-8000-{number:012d}",
        "email": f"p{number}@example.com",
        "email_verified": True,
        **values,
    }
    changes = puts({path: value for path, value in own.items() if value is not None})
    return Operation(f'user["{number}"]', "user", "create", changes)


def update(user_id: str, **values: Any) -> Operation:
    return Operation('user["1"]', "user", "update", puts(values), id=user_id)


def puts(values: Mapping[str, Any]) -> dict[str, Put | Clear]:
    """``app_metadata__plan`` stands for app_metadata.plan; None clears."""
    return {path.replace("__", "."): Clear() if value is None else Put(value) for path, value in sorted(values.items())}


def element(kind: Kind, verb: Verb, user: str, parent: str, number: int = 1) -> Operation:
    """A membership in what has this id."""
    refs = {"user": Ref("", user), kind.removesuffix("_member"): Ref("", parent)}
    return Operation(f'{kind}["{number}","x"]', kind, verb, id=f"{parent}\n{user}", refs=refs)


def link(verb: Verb, user: str, subject: str = "100", id: str | None = None) -> Operation:
    changes = puts({"provider": "google-oauth2", "subject": subject}) if verb == "create" else {}
    return Operation('link["1","google-oauth2","0"]', "link", verb, changes, id=id, refs={"user": Ref("", user)})
