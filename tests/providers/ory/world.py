"""A Kratos of our own, and both sessions of the provider on it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.provider.calls import SessionCalls
from poolshift.provider.operation import Batch, Clear, Operation, Outcome, Put
from poolshift.provider.schema import Route, Schema
from poolshift.provider.session import Complete, Found, Partial, Reader, Want, Writer
from poolshift.provider.verb import Verb
from poolshift_providers.ory import PROVIDER
from poolshift_providers.ory.settings import Settings
from tests.providers.sessions import QuickCalls
from tests.servers.ory import KratosServer
from tests.servers.ory.faults import How
from tests.servers.ory.identities import Identity

KEY: Final = "ory_pat_invented"


class World:
    """One Kratos. Readers and writers are made anew for every use: a provider keeps nothing.

    put, get, break_at: what is there without the provider, and what goes wrong between it and its server.
    """

    def __init__(self, server: KratosServer, folder: Path, **settings: Any) -> None:
        self.server = server
        self.settings = Settings(**{"url": server.url, "schema_id": "customer", **settings})
        self.folder = folder
        self._calls: dict[bool, SessionCalls] = {}
        self._opening = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for calls in self._calls.values():
            calls.close()

    # -- without the provider
    def put(self, **body: Any) -> str:
        """Somebody else creates an identity; its id."""
        return str(self.server.ask("POST", "/admin/identities", {"schema_id": "customer", **body}).document["id"])

    def get(self, id: str) -> Identity:
        """The identity whole, credentials included. Raises StopIteration where there is none."""
        return next(own for own in self.server.identities if own["id"] == id)

    def break_at(self, call: str, nth: int, how: How | int, *, times: int = 1) -> None:
        """The nth call of ``METHOD /path`` from now on goes wrong."""
        self.server.fail(call, nth, how, times=times)

    # -- sessions
    def calls(self, *, writes: bool) -> SessionCalls:
        """Kept as long as the world: opening a client takes longer than most calls."""
        with self._opening:
            if writes not in self._calls:
                quotas, http = PROVIDER.documented(self.settings).quotas, PROVIDER.http(self.settings)
                self._calls[writes] = QuickCalls(self.folder, writes=writes, quotas=quotas, http=http)
            return self._calls[writes]

    def reader(self) -> Reader:
        return PROVIDER.reader(self.settings, self.calls(writes=False))

    def writer(self) -> Writer:
        return PROVIDER.writer(self.settings, self.calls(writes=True), self.schema())

    def schema(self) -> Schema:
        return self.reader().schema()

    # -- by the provider
    def read(self, kind: Kind) -> tuple[list[Record], Complete | Partial]:
        """All records of a kind, and how its reading ended."""
        records: list[Record] = []
        ends: list[Complete | Partial] = []
        for page in self.reader().read(Want(frozenset({kind}))):
            if page.kind == kind:
                records += page.records
                ends += [page.end] if page.end is not None else []
        assert len(ends) == 1
        return records, ends[0]

    def find(self, kind: Kind, key: str, *values: str) -> list[Found]:
        return list(self.reader().lookup(kind, key, values))

    def send(self, *operations: Operation, route: str = "api") -> list[Outcome]:
        outcomes: list[Outcome] = []
        self.send_into(outcomes, *operations, route=route)
        return outcomes

    def send_into(self, outcomes: list[Outcome], *operations: Operation, route: str = "api") -> None:
        """Keeps the outcomes that came before an error."""
        own = self.route(operations[0].kind, operations[0].verb, route)
        answer = self.writer().send(own, Batch(operations))
        assert isinstance(answer, Iterator)
        outcomes.extend(answer)

    def route(self, kind: Kind, verb: Verb, name: str = "api") -> Route:
        routes = PROVIDER.documented(self.settings).routes
        return next(own for own in routes if own.kind == kind and verb in own.verbs and own.name == name)

    def update(self, id: str, values: Mapping[str, Any]) -> list[Outcome]:
        """With the identity as it is now, which the engine looks up for this route."""
        (found,) = self.find("user", "id", id)
        return self.send(Operation('user["s"]', "user", "update", puts(values), id=id, current=found.records[0]))


def create(number: int, values: Mapping[str, Any] | None = None, links: Mapping[str, str] | None = None) -> Operation:
    """Of an invented person; ``values`` win, None leaves one out; links: subject by provider."""
    own = {"external_id": f"s{number}", "traits.email": f"p{number}@example.com", **(values or {})}
    changes = puts({path: value for path, value in own.items() if value is not None})
    children = tuple(link(provider, subject, person=f"s{number}") for provider, subject in (links or {}).items())
    return Operation(f'user["s{number}"]', "user", "create", changes, children=children)


def link(
    provider: str, subject: str, *, user: str = "", verb: Verb = "create", id: str | None = None, person: str = "s"
) -> Operation:
    changes = puts({"provider": provider, "subject": subject}) if verb == "create" else {}
    return Operation(f'link["{person}","{provider}","0"]', "link", verb, changes, id, {"user": Ref("", user)})


def puts(values: Mapping[str, Any]) -> dict[str, Put | Clear]:
    """None clears."""
    return {path: Clear() if value is None else Put(value) for path, value in values.items()}
