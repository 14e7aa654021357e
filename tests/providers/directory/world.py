"""A directory to write to and to look into, with a new session whenever one is asked for."""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path
from poolshift.provider.calls import SessionCalls
from poolshift.provider.operation import Batch, Clear, Edit, Operation, Outcome, Put
from poolshift.provider.schema import Route, Schema
from poolshift.provider.session import Complete, Reader, Want
from poolshift.provider.verb import Verb
from poolshift_providers.directory import PROVIDER
from poolshift_providers.directory.database import create
from poolshift_providers.directory.settings import Settings

NUMBERS = itertools.count()
KINDS: tuple[Kind, ...] = (
    "attribute",
    "organization",
    "role",
    "group",
    "user",
    "organization_member",
    "role_member",
    "group_member",
    "link",
)


def operation(
    kind: Kind,
    verb: Verb,
    values: Mapping[Path, Any] | None = None,
    *,
    id: str | None = None,
    refs: Mapping[Path, str] | None = None,
    children: Iterable[Operation] = (),
) -> Operation:
    """One write; values that are not changes are put, refs are ids."""
    changes = {
        path: value if isinstance(value, (Put, Clear, Edit)) else Put(value) for path, value in (values or {}).items()
    }
    named = {path: Ref("", id=ref) for path, ref in (refs or {}).items()}
    return Operation(address(kind, str(next(NUMBERS))), kind, verb, changes, id, named, None, tuple(children))


class World:
    def __init__(self, folder: FilePath, **settings: Any) -> None:
        self.folder = folder
        self.settings = Settings(path="people.db", **settings)
        create(folder / "people.db", self.settings)

    @property
    def schema(self) -> Schema:
        return self.reader().schema()

    def calls(self, *, writes: bool) -> SessionCalls:
        return SessionCalls(self.folder, writes=writes, quotas=PROVIDER.documented(self.settings).quotas)

    def reader(self) -> Reader:
        return PROVIDER.reader(self.settings, self.calls(writes=False))

    def route(self, name: str, kind: Kind) -> Route:
        (found,) = (route for route in self.schema.routes if (route.name, route.kind) == (name, kind))
        return found

    def send(self, *operations: Operation, route: str = "api") -> list[Outcome]:
        """Through a session of its own."""
        with self.calls(writes=True) as calls:
            writer = PROVIDER.writer(self.settings, calls, self.schema)
            outcomes = writer.send(self.route(route, operations[0].kind), Batch(operations))
            assert not hasattr(outcomes, "deadline")
            return list(outcomes)

    def put(self, kind: Kind, values: Mapping[Path, Any] | None = None, **refs: str) -> str:
        """Create one record and return its id."""
        (outcome,) = self.send(operation(kind, "create", values, refs=refs))
        assert outcome.failure is None, outcome.failure
        assert outcome.id is not None
        return outcome.id

    def records(self, *kinds: Kind) -> dict[Kind, list[Record]]:
        found: dict[Kind, list[Record]] = {}
        for page in self.reader().read(Want(frozenset(kinds or KINDS))):
            found.setdefault(page.kind, []).extend(page.records)
            if page.end is not None:
                assert isinstance(page.end, Complete)
                assert page.end.count == len(found[page.kind])
        return found

    def get(self, kind: Kind, id: str) -> Record | None:
        (found,) = self.reader().lookup(kind, "id", [id])
        return found.records[0] if found.records else None
