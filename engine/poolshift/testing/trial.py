"""What a law works with: the live schema, sessions, and operations as the executor would send them."""

import uuid
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self

from poolshift.identity.address import address
from poolshift.identity.kind import ELEMENT_KINDS, SHARED_KINDS, Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import (
    Batch,
    Failed,
    Failure,
    JobHandle,
    Operation,
    Outcome,
    Put,
    Unknown,
    WholeRejected,
)
from poolshift.provider.schema import FieldSchema, Route, Schema
from poolshift.provider.session import Complete, Found, Page, Partial, Reader, RunsJobs, Want
from poolshift.provider.verb import Verb
from poolshift.testing.breakage import Watch
from poolshift.testing.migration import Migration
from poolshift.testing.observed import Observed
from poolshift.testing.referee import Refereed
from poolshift.testing.samples import writable
from poolshift.testing.source import Person
from poolshift.testing.world import World

KINDS: Final[tuple[Kind, ...]] = (*SHARED_KINDS, "user", *ELEMENT_KINDS)
"""Kinds the laws write, parents first."""

POLLS: Final = 200


@dataclass
class Ended:
    """How a send ended: outcomes, and what was raised after them."""

    outcomes: list[Outcome] = field(default_factory=list)
    error: Failed | WholeRejected | Unknown | None = None

    @property
    def failures(self) -> list[Failure]:
        """All refusals: of rows, or of the whole where no row is named."""
        found = [one.failure for one in self.outcomes if one.status == "failed" and one.failure is not None]
        rows = self.error.rows.values() if isinstance(self.error, WholeRejected) else ()
        if isinstance(self.error, (Failed, WholeRejected)):
            found += rows or (self.error.failure,)
        return found

    @property
    def is_done(self) -> bool:
        return self.error is None and all(one.status in ("done", "already") for one in self.outcomes)


class Trial:
    """One law's run on a world. Sends go through one writer unless a law asks for a new one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.watch = Watch()
        self.observed = Observed(world, self.watch)
        self.settings: Any = world.provider.settings.model_validate(dict(world.settings))
        self.looking = False
        self.created: dict[str, Operation] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.observed.close()

    @cached_property
    def schema(self) -> Schema:
        """Of this very tenant."""
        return self.reader().schema()

    @cached_property
    def writer(self) -> Refereed:
        return self.new_writer()

    @cached_property
    def looker(self) -> Reader:
        """One session for all the looking between sends: making one may cost more than a law."""
        return self.reader()

    def reader(self) -> Reader:
        """A new session that reads."""
        return self.observed.reader(self.settings)

    def new_writer(self) -> Refereed:
        return self.observed.writer(self.settings, None, self.schema)

    # -- what can be written
    def ways(self, *verbs: Verb) -> Iterator[tuple[Route, Verb]]:
        """Every route with every verb of it that nobody has to carry out by hand; parents before children.

        What comes with its person only is not created by itself: `make` does it, and law 6."""
        for kind in KINDS:
            for route in self.schema.routes:
                if route.kind != kind or route.delivery == "person" or not self._possible(kind):
                    continue
                for verb in ("create", "update", "delete"):
                    alone = verb != "create" or self.schema.kinds[kind].arrives != "with_parent"
                    if alone and verb in route.verbs and (not verbs or verb in verbs):
                        yield route, verb

    def _possible(self, kind: Kind) -> bool:
        return kind in self.schema.kinds and (kind != "link" or self.world.identity_provider is not None)

    def operations(self, route: Route, verb: Verb, count: int = 1) -> tuple[Operation, ...]:
        """Operations this route takes, with all that has to be there first; none where it takes none of ours."""
        if verb == "create":
            shared = self.parents(route.kind, but="user")
            found = tuple(self.create(route.kind, shared) for _ in range(count))
        else:
            there = [self.make(route.kind) for _ in range(count)]
            if any(one is None for one in there):
                return ()
            change = self.update if verb == "update" else self.delete
            found = tuple(change(made, id) for made, id in there if made is not None and id is not None)
        found = tuple(one for one in found if route.group(one) == route.group(found[0]))
        return found if all(route.takes(one) is None for one in found) and all(map(_says, found)) else ()

    def create(self, kind: Kind, refs: Mapping[Path, Ref] | None = None, **changed: Value) -> Operation:
        """A create with a sample in every field; refs that are not given are made."""
        number = self.world.number()
        given = {**self.parents(kind, given=refs or {}), **(refs or {})}
        values = {**self.values(kind, number), **changed}
        changes = {path: Put(value) for path, value in values.items()}
        return Operation(_address(kind, number, given, values), kind, "create", changes, refs=given)

    def with_children(self, route: Route, kinds: Set[Kind]) -> Operation:
        """A create of a person with one child of each of these kinds, or without where the route takes none."""
        alone = self.create(route.kind)
        children = tuple(
            self.create(kind, {"user": Ref(alone.address), **self.parents(kind, but="user")})
            for kind in sorted(kinds)
            if self._possible(kind)
        )
        full = replace(alone, children=children)
        return full if route.takes(full) is None else alone

    def update(self, made: Operation, id: str) -> Operation:
        """Another sample in every field that may change and is nobody's login."""
        fields, number = self.schema.kinds[made.kind].fields, self.world.number()
        fixed = {"login", "source_id", "owner", "credential", "enabled"}
        new = {
            path: Put(self.world.value(made.kind, path, fields[path], number))
            for path in made.changes
            if path in fields and fields[path].write == "always" and not fields[path].roles & fixed
            and not self.is_key(made.kind, path)
        }  # fmt: skip
        new = {path: put for path, put in new.items() if put != made.changes[path]}
        along = {flag for path in new for flag in fields[path].companions if flag in made.changes}
        changes = {**{flag: made.changes[flag] for flag in along}, **new}
        return replace(made, verb="update", changes=changes, id=id, children=())

    def delete(self, made: Operation, id: str) -> Operation:
        return replace(made, verb="delete", changes={}, id=id, children=())

    def values(self, kind: Kind, number: int) -> dict[Path, Value]:
        """A sample for every field that can be sent."""
        fields = self.schema.kinds[kind].fields
        found = {
            path: self.world.value(kind, path, own, number)
            for path, own in fields.items()
            if writable(own) and not self._left_out(kind, path, own) and (kind, path) != ("link", "provider")
        }
        if kind == "link":
            found["provider"] = self.world.identity_provider
        return found

    def _left_out(self, kind: Kind, path: Path, own: FieldSchema) -> bool:
        if kind == "user":
            return path.endswith("*") or path in self.world.left_out or bool(own.roles & {"owner"})
        return path.endswith("*") or path == "scope"

    def is_key(self, kind: Kind, path: Path) -> bool:
        """Whether records are found by it, or no two may share it."""
        about = self.schema.kinds[kind]
        return any(key.path == path for key in about.keys) or any(path in paths for paths, _ in about.unique)

    def parents(self, kind: Kind, given: Mapping[Path, Ref] | None = None, but: str = "") -> dict[Path, Ref]:
        """New records for the references that must be filled, each under its path."""
        found: dict[Path, Ref] = {}
        for path, own in self.schema.kinds[kind].fields.items():
            if own.ref is None or not own.required or path in (given or {}) or own.ref == but:
                continue
            made, id = self.make(own.ref)
            if made is None:
                continue
            name = self.schema.kinds[own.ref].keys[0].path
            key = made.changes.get(name)
            found[path] = Ref(made.address, id, str(key.value) if isinstance(key, Put) else id)
        return found

    def make(self, kind: Kind) -> tuple[Operation | None, str | None]:
        """A record made by the provider, and its id; None where no route makes one."""
        if self.schema.kinds[kind].arrives == "with_parent":
            return self._made_with_parent(kind)
        for route, _ in self.ways("create"):
            if route.kind != kind or route.delivery != "now":
                continue
            operation = self.create(kind)
            if route.takes(operation) is None:
                ended = self.send(route, (operation,))
                assert ended.is_done, f"{kind} {route.name}: a sample is refused: {ended.failures or ended.error}"
                id = self.id_of(operation, ended.outcomes)
                self.created[str(id)] = operation
                return operation, id
        return None, None

    def _made_with_parent(self, kind: Kind) -> tuple[Operation | None, str | None]:
        for route, _ in self.ways("create"):
            if kind not in route.carries or route.delivery != "now":
                continue
            operation = self.with_children(route, {kind})
            if operation.children:
                (child,) = operation.children
                ended = self.send(route, (operation,))
                assert ended.is_done, f"{kind} in a {route.kind}: a sample is refused: {ended.failures or ended.error}"
                user = Ref(operation.address, self.id_of(operation, ended.outcomes))
                child = replace(child, refs={**child.refs, "user": user})
                id = self.id_of(child, ended.outcomes)
                self.created[str(id)] = child
                return child, id
        return None, None

    # -- sending
    def send(self, route: Route, operations: Sequence[Operation], writer: Refereed | None = None) -> Ended:
        """Send one batch as the executor does; what the provider raises by contract is kept."""
        operations = [self.current(route, operation) for operation in operations]
        batch = Batch(tuple(operations), f"kit-{uuid.uuid4().hex}")
        ended = Ended()
        try:
            answer = (writer or self.writer).send(route, batch)
            told = self._finished(answer, batch, writer) if isinstance(answer, JobHandle) else answer
            for outcome in told:
                ended.outcomes.append(outcome)
        except (Failed, WholeRejected, Unknown) as error:
            ended.error = error
        self.world.wait(self.world.unlisted)
        return ended

    def current(self, route: Route, operation: Operation) -> Operation:
        """With the record as it is now, where the route needs it and it was not looked up before."""
        if not route.needs_current or operation.id is None or operation.current is not None:
            return operation
        return replace(operation, current=self.find(operation.kind, "id", operation.id).records[0])

    def _finished(self, handle: JobHandle, batch: Batch, writer: Refereed | None) -> Iterator[Outcome]:
        jobs = writer or self.writer
        assert isinstance(jobs, RunsJobs), "a writer that answers with a job has find, poll and collect"
        for _ in range(POLLS):
            state = jobs.poll(handle)
            if state.status != "running":
                break
            self.world.wait(state.again_in)
        assert state.status == "finished", f"a job ended as {state.status}"
        return jobs.collect(handle, batch)

    # -- looking
    def record(self, kind: Kind, id: str) -> Record:
        """A record as it reads: looked up where it can be, else listed."""
        if any(key.path == "id" for key in self.schema.kinds[kind].keys):
            records = self.find(kind, "id", id).records
        else:
            records = tuple(one for one in self.read(kind)[kind].records if one.id == id)
        assert records, f"{kind}: not found by the id it was told under"
        return records[0]

    def find(self, kind: Kind, key: Path, value: str) -> Found:
        (found,) = self.looker.lookup(kind, key, [value])
        return found

    def id_of(self, operation: Operation, outcomes: Sequence[Outcome]) -> str | None:
        """The id a create was told, else looked up by a key that was sent."""
        told = next((one.id for one in outcomes if one.address == operation.address and one.id is not None), None)
        if told is not None:
            return told
        records = self.matching(operation)
        return records[0].id if records else None

    def matching(self, operation: Operation) -> list[Record]:
        """Records that have what a create sent in some key, or its references; no two of the same id."""
        found: dict[str, Record] = {}
        for key in self.schema.kinds[operation.kind].keys:
            change, ref = operation.changes.get(key.path), operation.refs.get(key.path)
            value = change.value if isinstance(change, Put) else ref.id if ref is not None else None
            for record in self.find(operation.kind, key.path, value).records if isinstance(value, str) else ():
                if _refers(record, operation) and self._same_name(record, operation):
                    found[record.id] = record
        return list(found.values())

    def _same_name(self, record: Record, operation: Operation) -> bool:
        """A link, a role: equal in all that makes them unique."""
        if operation.kind == "user":
            return True
        paths = {path for own, _ in self.schema.kinds[operation.kind].unique for path in own}
        fields = self.schema.kinds[operation.kind].fields
        sent = {path: operation.changes.get(path) for path in paths if path in fields and fields[path].ref is None}
        return all(
            (self.canonical(operation.kind, path, record.values.get(path)) or None)
            == (self.canonical(operation.kind, path, change.value) or None if isinstance(change, Put) else None)
            for path, change in sent.items()
        )

    def canonical(self, kind: Kind, path: Path, value: Value) -> Value:
        own = self.schema.kinds[kind].field_at(path)
        return value if own is None or value is None else own.canonical(value)

    def get(self, kind: Kind, id: str | None) -> Any:
        """What the world shows of a record, None where it is not there."""
        if id is None:
            return None
        self.looking = True
        try:
            return self.world.get(kind, id)
        finally:
            self.looking = False

    def read(self, *kinds: Kind) -> dict[Kind, "Listed"]:
        """What is listed of these kinds, with how each ended."""
        return listed(self.looker.read(self.want(*kinds)))

    def want(self, *kinds: Kind) -> Want:
        fields = {path for kind in kinds for path in self.schema.kinds[kind].fields if not path.endswith("*")}
        return Want(frozenset(kinds), frozenset(fields) if "user" in kinds else frozenset())

    # -- whole migrations
    def migration(
        self,
        name: str,
        people: Sequence[Person],
        paths: frozenset[Path] | None = None,
        *,
        unmapped: str = "release",
        method: str = "auto",
    ) -> Migration:
        """A migration under a name nobody used before."""
        own = f"{name}-{self.world.number()}"
        return Migration(self.world, self.observed, self.schema, own, people, paths, unmapped=unmapped, method=method)

    @contextmanager
    def as_reader(self) -> Iterator[None]:
        with self.watch.counting(writer=False):
            yield


@dataclass
class Listed:
    """What a reading gave of one kind."""

    records: list[Record] = field(default_factory=list)
    ends: list[Complete | Partial] = field(default_factory=list)
    late: bool = False

    @property
    def ids(self) -> set[str]:
        return {record.id for record in self.records}


def listed(pages: Iterator[Page]) -> dict[Kind, Listed]:
    """Records and ends by kind; late: something came after an end."""
    found: dict[Kind, Listed] = {}
    for page in pages:
        own = found.setdefault(page.kind, Listed())
        own.late = own.late or bool(own.ends)
        own.records += page.records
        own.ends += [page.end] if page.end is not None else []
    return found


def _address(kind: Kind, number: int, refs: Mapping[Path, Ref], values: Mapping[Path, Value]) -> str:
    """As the engine's: of a role its scope and its name, as in the page of concepts."""
    if kind == "role":
        return address(kind, str(values.get("scope") or ""), str(values.get("name")))
    user = refs.get("user")
    return address(kind, user.address if user is not None else f"s{number}", *((f"e{number}",) if user else ()))


def _refers(record: Record, operation: Operation) -> bool:
    return all(record.refs[path].id == ref.id for path, ref in operation.refs.items() if path in record.refs)


def _says(operation: Operation) -> bool:
    return operation.verb != "update" or bool(operation.changes)
