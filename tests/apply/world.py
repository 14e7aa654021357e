"""An invented vendor in memory, strict where vendors are: several shapes, and faults at chosen calls."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import UNKNOWN
from poolshift.provider.operation import (
    Batch,
    Clear,
    Code,
    Failed,
    Failure,
    JobHandle,
    JobState,
    Operation,
    Outcome,
    Put,
    Unknown,
    WholeRejected,
)
from poolshift.provider.schema import (
    Cost,
    FieldSchema,
    Key,
    KindSchema,
    Level,
    Reading,
    Route,
    Schema,
    Shape,
    Support,
)
from poolshift.provider.session import Complete, Found, Page, Want
from poolshift.provider.verb import Verb

ALL: frozenset[Verb] = frozenset[Verb](("create", "update", "delete"))
CREATE: frozenset[Verb] = frozenset[Verb](("create",))
REST: frozenset[Verb] = frozenset[Verb](("update", "delete"))
FIRST_CALL = frozenset({"email", "external_id", "owner"})
FULL = {verb: Support(Level.FULL) for verb in ALL}


def free(_shape: Shape) -> Cost:
    return Cost({})


def text(*roles: str, **more: Any) -> FieldSchema:
    return FieldSchema("text", roles=frozenset(roles), **more)


def kinds(
    *,
    marker: bool = True,
    lag: float = 0.0,
    arrives: Any = "either",
    by_user: bool = True,
    evidence: Any = "documented",
) -> dict[Kind, KindSchema]:
    """marker: the vendor keeps our source id and owner, and finds by it. evidence: that users can be written."""
    fields = {
        "email": text("login", "email"),
        "name": text(),
        "plan": text(),
        "enabled": FieldSchema("bool", roles=frozenset({"enabled"})),
        "secret": text(read="never", tier="secret"),
        "created": FieldSchema("time", roles=frozenset({"created"}), write="never"),
    }
    keys = [Key("id", 10), Key("email", 10, lag)]
    if marker:
        fields |= {"external_id": text("source_id"), "owner": text("owner")}
        keys.insert(1, Key("external_id", 10, lag))
    group = {"name": text(), "description": text(), "parent": FieldSchema("ref", ref="group")}
    user_ref, group_ref = FieldSchema("ref", ref="user"), FieldSchema("ref", ref="group")
    link = {"user": user_ref, "provider": text(), "subject": text()}
    listed = Reading("list")
    element_keys = (Key("id"), Key("user", 10)) if by_user else (Key("id"),)
    return {
        "link": KindSchema("link", link, listed, element_keys, FULL, arrives=arrives),
        "group_member": KindSchema(
            "seat", {"user": user_ref, "group": group_ref}, listed, element_keys, FULL, arrives=arrives
        ),
        "user": KindSchema("user", fields, listed, tuple(keys), dict.fromkeys(ALL, Support(Level.FULL, "", evidence))),
        "group": KindSchema("group", group, listed, (Key("name", 10), Key("id", 10)), FULL),
    }


API = tuple(Route("api", kind, ALL, free, width=4) for kind in kinds())
BATCH = Route(
    "batch", "user", CREATE, free, worth=2, items=8, whole=True, lane="import", width=2,
    carries=frozenset[Kind](("group_member", "link")), method="job",
)  # fmt: skip
DOCUMENT = Route("document", "group_member", ALL, free, items=1_000, document=("group",), width=2)
BULK = Route("bulk", "group_member", CREATE, free, worth=2, items=5, group=lambda operation: operation.refs["group"].id)
PATHWISE = Route("pathwise", "user", frozenset[Verb](("create", "update")), free, width=4)
JOB = Route("import_job", "user", CREATE, free, worth=2, items=50, lane="job", width=1, delivery="job", method="job")


@dataclass
class World:
    """``faults``: number of a write call (from 1) -> what happens there. ``refuse``: addresses a row of which fails.

    polls: looks at a job that find it running; it writes its rows with the last of them. forgets: a job cannot be found
    by its label. vanishes: nor by its handle. deadline: seconds of a job. submitted: labels of jobs; most_running: of
    them at once.
    named: a rejected batch names its rows. silent: ids are not told. deaf: lookups say no, unsurely.
    drops: fields that are taken and not kept; pretends: writes that are reported and not carried out.
    """

    schema: Schema
    clock: Callable[[], float] = time.time
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    seats: set[tuple[str, str]] = field(default_factory=set)
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    refuse: dict[str, Code] = field(default_factory=dict)
    named: bool = False
    silent: bool = False
    deaf: bool = False
    drops: frozenset[str] = frozenset()
    pretends: frozenset[Verb] = frozenset()
    echoes: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    outcomes: Callable[[list[Outcome]], list[Outcome]] | None = None
    pause: float = 0.0
    on_call: Callable[[int], None] | None = None
    on_send: Callable[[Batch], object] | None = None
    by_hand: bool = False
    polls: int = 0
    forgets: bool = False
    vanishes: bool = False
    deadline: float | None = None
    on_poll: Callable[[JobHandle], object] | None = None
    on_collect: Callable[[JobHandle], object] | None = None
    submitted: list[str] = field(default_factory=list)
    running: set[str] = field(default_factory=set)
    most_running: int = 0
    calls: int = 0
    widest: int = 0
    overlaps: list[str] = field(default_factory=list)
    jobs: dict[str, list[Failure | None]] = field(default_factory=dict)
    _batches: dict[str, Batch] = field(default_factory=dict)
    _looks: dict[str, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _flying: dict[str, int] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _made: int = 0
    _forces: Mapping[str, Any] = field(default_factory=dict)

    # -- reading
    def fingerprint(self) -> Mapping[str, str]:
        return {"tenant": "invented"}

    def access(self) -> Mapping[str, bool | None]:
        return {}

    def read(self, want: Want) -> Iterator[Page]:
        for kind in self.schema.kinds:
            if kind in want.kinds:
                records = tuple(self.records(kind))
                yield Page(kind, records, Complete(len(records), 0.0))

    def lookup(self, kind: Kind, key: str, values: Sequence[str]) -> Iterator[Found]:
        assert len(values) <= next(one.at_once for one in self.schema.kinds[kind].keys if one.path == key)
        for value in values:
            found = [record for record in self.records(kind) if _named(record, key) == value]
            yield Found(value, () if self.deaf else tuple(found), sure=not self.deaf)

    def records(self, kind: Kind) -> list[Record]:
        with self._lock:
            if kind == "user":
                return [self.record_of(id) for id in self.users]
            if kind == "group":
                return [Record("group", id, dict(values)) for id, values in self.groups.items()]
            if kind == "group_member":
                return [self._seat(user, group) for user, group in sorted(self.seats)]
            return [
                Record(
                    "link", f"{provider}/{subject}", {"provider": provider, "subject": subject}, {"user": Ref("", user)}
                )
                for (provider, subject), user in sorted(self.links.items())
            ]

    def record_of(self, id: str) -> Record:
        shown = {path: value for path, value in self.users[id].items() if path != "secret"}
        return Record("user", id, shown)

    def _link(self, link: tuple[str, str], user: str) -> Record:
        return Record("link", "/".join(link), {"provider": link[0], "subject": link[1]}, {"user": Ref("", user)})

    def _seat(self, user: str, group: str) -> Record:
        refs = {"user": Ref("", user), "group": Ref("", group, self.groups[group]["name"])}
        return Record("group_member", f"{user}/{group}", {}, refs)

    # -- writing
    def send(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle:
        if self.on_send is not None:
            self.on_send(batch)
        people = [operation.refs["user"].id or "" for operation in batch.operations if "user" in operation.refs]
        people += [operation.address for operation in batch.operations if operation.kind == "user"]
        people += [
            f"document {ref}"
            for ref in {operation.refs["group"].id for operation in batch.operations if route.document}
        ]
        self._enter(route, people)
        if route.delivery == "job":
            self._forces = route.forces
            try:
                return self._submit(batch)
            finally:
                self._leave(route, people)
        return self._sending(route, batch, people)

    def _sending(self, route: Route, batch: Batch, people: list[str]) -> Iterator[Outcome]:
        try:
            time.sleep(self.pause)
            if route.name == "pathwise":
                outcomes = self._pathwise(batch.operations[0])
            elif route.whole:
                outcomes = iter(self._whole(batch))
            else:
                outcomes = self._rows(batch)
            yield from outcomes if self.outcomes is None else self.outcomes(list(outcomes))
        finally:
            self._leave(route, people)

    def _rows(self, batch: Batch) -> Iterator[Outcome]:
        for operation in batch.operations:
            after = self._call()
            outcome = self._attempt(operation)
            self._lose(after)
            yield outcome

    def _attempt(self, operation: Operation) -> Outcome:
        try:
            return self._write(operation)
        except Failed as error:
            return Outcome(operation.address, "failed", failure=error.failure)

    def _whole(self, batch: Batch) -> list[Outcome]:
        after = self._call()
        with self._lock:
            before = {id: dict(values) for id, values in self.users.items()}, set(self.seats), dict(self.links)
            outcomes: list[Outcome] = []
            for operation in batch.operations:
                try:
                    made = self._write(operation)
                    outcomes.append(made)
                    for child in operation.children:
                        outcomes.append(self._write(child, self._id(operation)))
                except Failed as error:
                    self.users, self.seats, self.links = before
                    rows = {operation.address: error.failure} if self.named else {}
                    raise WholeRejected(error.failure, rows) from error
        self._lose(after)
        return outcomes

    def _pathwise(self, operation: Operation) -> Iterator[Outcome]:
        """Two calls: what identifies a user, then the rest."""
        for some in (FIRST_CALL, frozenset(operation.changes) - FIRST_CALL):
            paths = frozenset(operation.changes) & some
            if not paths:
                continue
            after = self._call()
            changes = {path: operation.changes[path] for path in paths}
            id = operation.id
            if operation.verb == "create" and some is not FIRST_CALL:
                id = self._id(operation)
            verb: Verb = "create" if operation.verb == "create" and some is FIRST_CALL else "update"
            made = self._write(Operation(operation.address, "user", verb, changes, id, operation.refs))
            self._lose(after)
            yield Outcome(operation.address, paths=paths, id=made.id, echo=made.echo)

    # -- jobs
    def _submit(self, batch: Batch) -> JobHandle:
        after = self._call()
        with self._lock:
            self.submitted.append(batch.label)
            self.running.add(batch.label)
            self.most_running = max(self.most_running, len(self.running))
        self._batches[batch.label] = batch
        self._looks[batch.label] = self.polls
        if not self.polls:
            self._carry_out(batch.label)
        self._lose(after)
        return JobHandle(f"job of {batch.label}", batch.label, deadline=self.deadline)

    def _carry_out(self, label: str) -> None:
        """Results by row number, as vendors keep them."""
        results: list[Failure | None] = []
        for operation in self._batches[label].operations:
            outcome = self._attempt(operation)
            results.append(outcome.failure)
        self.jobs[label] = results

    def find(self, label: str) -> JobHandle | None:
        if label not in self._batches or self.forgets:
            return None
        return JobHandle(f"job of {label}", label, deadline=self.deadline)

    def poll(self, handle: JobHandle) -> JobState:
        if self.on_poll is not None:
            self.on_poll(handle)
        if self.by_hand:
            return JobState("person", instructions="upload the file")
        if self.vanishes:
            return JobState("lost")
        if self._looks[handle.label] > 0:
            self._looks[handle.label] -= 1
            if not self._looks[handle.label]:
                self._carry_out(handle.label)
            return JobState("running", 7.0)
        return JobState("finished" if handle.label in self.jobs else "lost")

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        """In any order; ``batch`` has no values, whoever asks."""
        assert all(change == Put(UNKNOWN) for one in batch.operations for change in one.changes.values())
        rows = list(zip(batch.operations, self.jobs[handle.label], strict=True))
        Random(handle.label).shuffle(rows)
        for number, (operation, failure) in enumerate(rows):
            if self.on_collect is not None and number == len(rows) // 2:
                self.on_collect(handle)
            yield Outcome(operation.address, "failed" if failure else "done", failure=failure)
        self.running.discard(handle.label)

    # -- one write, atomic
    def _write(self, operation: Operation, owner: str | None = None) -> Outcome:
        with self._lock:
            if (code := self.refuse.get(operation.address)) is not None:
                raise Failed(Failure(code, "refused for the test"))
            if operation.kind == "user":
                return self._user(operation)
            if operation.kind == "group":
                return self._group(operation)
            return self._element(operation, owner)

    def _user(self, operation: Operation) -> Outcome:
        if operation.verb == "delete":
            if "delete" in self.pretends:
                return Outcome(operation.address)
            gone = self.users.pop(operation.id or "", None)
            self.seats = {seat for seat in self.seats if seat[0] != operation.id}
            return Outcome(operation.address, "done" if gone else "already")
        puts = {path: change.value for path, change in operation.changes.items() if isinstance(change, Put)}
        values = {path: value for path, value in puts.items() if path not in self.drops}
        self._unique(operation, values)
        if operation.verb == "create":
            self._made += 1
            id = f"u{self._made}"
            if "create" in self.pretends:
                return Outcome(operation.address, id=id)
            self.users[id] = {"created": self.clock()}
        elif operation.id in self.users:
            id = operation.id or ""
        else:
            raise Failed(Failure(Code.GONE, "no such user"))
        stored = self.users[id]
        stored.update(values)
        stored.update(self._forces if operation.verb == "create" else {})
        for path, change in operation.changes.items():
            if isinstance(change, Clear):
                stored.pop(path, None)
        echo = None
        if self.echoes is not None:
            stored.update(self.echoes(stored))
            echo = self.record_of(id)
        return Outcome(operation.address, id=None if self.silent else id, echo=echo)

    def _unique(self, operation: Operation, values: Mapping[str, Any]) -> None:
        for id, stored in self.users.items():
            marked = operation.verb == "create" and "external_id" in values
            if marked and stored.get("external_id") == values["external_id"]:
                raise Failed(Failure(Code.EXISTS, "external_id exists"))
            if id != operation.id and "email" in values and stored.get("email") == values["email"]:
                code = Code.TAKEN if "external_id" in values or operation.verb == "update" else Code.EXISTS
                raise Failed(Failure(code, "email is in use", "email"))

    def _group(self, operation: Operation) -> Outcome:
        values = {path: change.value for path, change in operation.changes.items() if isinstance(change, Put)}
        if operation.verb == "delete":
            if any(group == operation.id for _, group in self.seats):
                raise Failed(Failure(Code.INVALID, "the group is not empty"))
            self.groups.pop(operation.id or "", None)
            return Outcome(operation.address)
        if operation.verb == "update":
            self.groups[operation.id or ""].update(values)
            return Outcome(operation.address, id=operation.id)
        if any(stored["name"] == values["name"] for stored in self.groups.values()):
            raise Failed(Failure(Code.EXISTS, "name exists"))
        if (parent := operation.refs.get("parent")) is not None and parent.id not in self.groups:
            raise Failed(Failure(Code.PARENT_GONE, "no such parent"))
        id = f"g{len(self.groups) + 1}"
        self.groups[id] = dict(values)
        return Outcome(operation.address, id=id)

    def _element(self, operation: Operation, owner: str | None) -> Outcome:
        user = owner or operation.refs["user"].id or ""
        if user not in self.users and operation.verb == "create":
            raise Failed(Failure(Code.PARENT_GONE, "no such user"))
        if operation.kind == "link":
            place = tuple(change.value for _, change in sorted(operation.changes.items()) if isinstance(change, Put))
            there = self.links.get((place[0], place[1])) == user
            self.links[place[0], place[1]] = user
            return Outcome(operation.address, "already" if there else "done")
        ref = operation.refs["group"]
        group = ref.id or next((id for id, values in self.groups.items() if values["name"] == ref.key), "")
        if group not in self.groups:
            raise Failed(Failure(Code.PARENT_GONE, "no such group"))
        there = (user, group) in self.seats
        if operation.verb == "delete":
            self.seats.discard((user, group))
            return Outcome(operation.address, "done" if there else "already")
        self.seats.add((user, group))
        return Outcome(operation.address, "already" if there else "done")

    def _id(self, operation: Operation) -> str:
        wanted = {path: change.value for path, change in operation.changes.items() if isinstance(change, Put)}
        return next(id for id, stored in self.users.items() if stored.get("email") == wanted.get("email"))

    # -- faults and bounds
    def _call(self) -> str:
        """Number the call; raise what is planned before it, and give what is planned after it."""
        with self._lock:
            self.calls += 1
            number = self.calls
        if self.on_call is not None:
            self.on_call(number)
        fault = self.faults.get(number, "")
        if fault in ("busy", "down", "spent", "denied", "invalid"):
            raise Failed(Failure(Code(fault), "a planned fault"))
        if fault == "lost before":
            raise Unknown("the connection broke")
        if fault == "html":
            raise ValueError("not JSON")
        return fault

    def _lose(self, fault: str) -> None:
        if fault == "lost after":
            raise Unknown("the answer did not come")

    def _enter(self, route: Route, people: Sequence[str]) -> None:
        lane = route.lane or f"{route.kind} {route.name}"
        with self._lock:
            self._flying[lane] = self._flying.get(lane, 0) + 1
            self.widest = max(self.widest, self._flying[lane])
            if self._flying[lane] > route.width:
                self.overlaps.append(f"{lane} is wider than {route.width}")
            self.overlaps += [person for person in set(people) if person in self._busy]
            self._busy |= set(people)

    def _leave(self, route: Route, people: Sequence[str]) -> None:
        with self._lock:
            self._flying[route.lane or f"{route.kind} {route.name}"] -= 1
            self._busy -= set(people)


def _named(record: Record, key: str) -> Any:
    if key == "id":
        return record.id
    return record.refs[key].id if key in record.refs else record.values.get(key)
