"""The directory with one thing broken: each fault is a provider that breaks one law and keeps the others."""

import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
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
    WholeRejected,
)
from poolshift.provider.schema import Cost, FieldSchema, Level, Route, Schema, Support, anything
from poolshift.provider.session import Calls, Complete, Found, Page, Reader, Want, Writer
from poolshift.provider.verb import Verb

NUMBERS = itertools.count()
JOBS: dict[str, tuple[str, list[Outcome]]] = {}
"""What the vendor remembers of jobs: label and results by id."""


class BrokenReader:
    """Delegates everything; a fault overrides what it breaks."""

    def __init__(self, inner: Reader) -> None:
        self.inner = inner

    def fingerprint(self) -> Mapping[str, str]:
        return self.inner.fingerprint()

    def schema(self) -> Schema:
        return self.inner.schema()

    def access(self) -> Mapping[str, bool | None]:
        return self.inner.access()

    def read(self, want: Want) -> Iterator[Page]:
        return self.inner.read(want)

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        return self.inner.lookup(kind, key, values)


class BrokenWriter:
    """The same for writes. ``sent``: how often this session has sent."""

    def __init__(self, inner: Writer, calls: Calls) -> None:
        self.inner = inner
        self.calls = calls
        self.sent = 0

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle:
        return self.outcomes(route, batch)

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        answer = self.inner.send(route, batch)
        assert not isinstance(answer, JobHandle)
        return answer


def one_by_one(writer: BrokenWriter, route: Route, batch: Batch) -> Iterator[Outcome]:
    """Each operation as the API route would."""
    plain = replace(route, name="api", items=1)
    for operation in batch.operations:
        yield from BrokenWriter.outcomes(writer, plain, Batch((operation,)))


def is_update(batch: Batch, kind: Kind) -> bool:
    return batch.operations[0].kind == kind and batch.operations[0].verb == "update"


# -- one fault a law
class HiddenInLists(BrokenReader):
    """1: a listing leaves out what a lookup shows."""

    def read(self, want: Want) -> Iterator[Page]:
        for page in self.inner.read(want):
            yield replace(page, records=tuple(map(_without_nickname, page.records)))


def _without_nickname(record: Record) -> Record:
    return replace(record, values={path: value for path, value in record.values.items() if path != "nickname"})


class Erases(BrokenWriter):
    """2: an update of one field empties another."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        changes = batch.operations[0].changes
        if is_update(batch, "user") and changes.keys() & {"nickname", "middle_name"} and "website" not in changes:
            with_it = replace(batch.operations[0], changes={**changes, "website": Clear()})
            return super().outcomes(route, Batch((with_it,)))
        return super().outcomes(route, batch)


class RefusesASecondDelete(BrokenWriter):
    """3: removing what is gone already is an error."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        gone = Failure(Code.INVALID, "it is not there")
        for outcome in super().outcomes(route, batch):
            again = batch.operations[0].verb == "delete" and outcome.status == "already"
            yield replace(outcome, status="failed", failure=gone) if again else outcome


class Remembers(BrokenWriter):
    """4: a group is known only to the session that made one."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        self.sent += 1
        if is_update(batch, "group") and self.sent == 1:
            raise Failed(Failure(Code.INVALID, "the group is not in the map"))
        return super().outcomes(route, batch)


class Swallows(BrokenWriter):
    """5: a refused call is reported as done."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        try:
            yield from super().outcomes(route, batch)
        except Failed:
            for operation in batch.operations:
                yield Outcome(operation.address, id="invented")


class TellsTwice(BrokenWriter):
    """6: an outcome comes twice."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        for outcome in super().outcomes(route, batch):
            yield outcome
            if is_update(batch, "group"):
                yield outcome


class WritesAPart(BrokenWriter):
    """7: a batch that is refused leaves its first row."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        try:
            return iter(list(super().outcomes(route, batch)))
        except WholeRejected:
            if len(batch.operations) > 1:
                rows = (batch.operations[0], batch.operations[-1])
                list(one_by_one(self, replace(route, whole=False), Batch(rows)))
            raise


class InRows(BrokenWriter):
    """Nothing is broken: groups by rows of a batch."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        return one_by_one(self, route, batch) if route.name == "rows" else super().outcomes(route, batch)


def members_with_people(schema: Schema) -> Schema:
    """A membership comes with its person, or never."""
    member = replace(schema.kinds["organization_member"], arrives="with_parent")
    return replace(schema, kinds={**schema.kinds, "organization_member": member})


class WithPeople(BrokenWriter):
    """Nothing is broken: a membership that comes by itself is refused."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if route.kind == "organization_member" and batch.operations[0].verb == "create":
            raise Failed(Failure(Code.UNSUPPORTED, "too late"))
        return super().outcomes(route, batch)


class LosesMembers(WithPeople):
    """11: a membership that came with its person is reported, and not there."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        bare = Batch(tuple(replace(own, children=()) for own in batch.operations))
        yield from super().outcomes(route, bare)
        for child in (child for own in batch.operations for child in own.children):
            yield Outcome(child.address, id="invented/invented")


class GivesUpAfterARow(InRows):
    """8: rows behind a bad one are not tried."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        failed = False
        for operation in batch.operations if route.name == "rows" else ():
            if failed:
                yield Outcome(operation.address, "failed", failure=Failure(Code.INVALID, "not tried"))
                continue
            for outcome in super().outcomes(route, Batch((operation,))):
                failed = outcome.status == "failed"
                yield outcome
        if route.name != "rows":
            yield from super().outcomes(route, batch)


def with_rows(schema: Schema) -> Schema:
    route = Route("rows", "group", frozenset({"create"}), _writes, items=10, lane="file", width=1)
    return replace(schema, routes=(*schema.routes, route))


def _writes(shape: Any) -> Cost:
    return Cost({"writes": shape.count})


def a_false_rule(schema: Schema) -> Schema:
    """9: a length the destination does not ask for."""
    return with_field(schema, "user", "nickname", lambda own: replace(own, max_length=12))


class NeverEmpties(BrokenWriter):
    """9: a field that the schema calls clearable cannot be emptied."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if isinstance(batch.operations[0].changes.get("nickname"), Clear):
            raise Failed(Failure(Code.INVALID, "it cannot be emptied"))
        return super().outcomes(route, batch)


def not_clearable(schema: Schema) -> Schema:
    return with_field(schema, "user", "nickname", lambda own: replace(own, clearable=False))


class TakesNobodyDisabled(BrokenWriter):
    """9: a way of creating people refuses whom it says it takes."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if route.name == "people" and (reason := _disabled(batch.operations[0])) is not None:
            raise Failed(Failure(Code.INVALID, reason))
        return one_by_one(self, route, batch) if route.name == "people" else super().outcomes(route, batch)


def _disabled(operation: Operation) -> str | None:
    return "nobody disabled" if operation.changes.get("enabled") == Put(False) else None


def with_people(schema: Schema, takes: Callable[[Operation], str | None] = anything) -> Schema:
    create: frozenset[Verb] = frozenset({"create"})
    route = Route("people", "user", create, _writes, takes=takes, worth=1_000_000, lane="file", width=1, method="file")
    return replace(schema, routes=(*schema.routes, route))


def with_choosy_people(schema: Schema) -> Schema:
    return with_people(schema, _disabled)


def halved(value: Any) -> Any:
    return value[1:] if isinstance(value, str) and len(value) > 1 else value


def not_idempotent(schema: Schema) -> Schema:
    """10: a canonical form that has another one."""
    return with_field(schema, "group", "description", lambda own: replace(own, canonical=halved, on_ascii=None))


class Miscounts(BrokenReader):
    """11: a reading is complete with a number that is not the world's."""

    def read(self, want: Want) -> Iterator[Page]:
        for page in self.inner.read(want):
            ends = page.kind == "group" and isinstance(page.end, Complete)
            yield replace(page, end=Complete(page.end.count + 1, 0.0)) if ends and page.end else page  # type: ignore[union-attr]


class FindsNobody(BrokenReader):
    """12: a declared key finds nobody, and is sure of it."""

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        if (kind, key) == ("user", "username"):
            return iter([Found(value, ()) for value in values])
        return self.inner.lookup(kind, key, values)


class PagesByPosition(BrokenReader):
    """11: pages are cut by position, so that one person fewer moves the next out of sight."""

    def read(self, want: Want) -> Iterator[Page]:
        others = want.kinds - {"user"}
        if others:
            yield from self.inner.read(replace(want, kinds=others))
        position, shown = 0, 0
        while "user" in want.kinds:
            pages = list(self.inner.read(replace(want, kinds=frozenset({"user"}))))
            now = [record for page in pages for record in page.records]
            records = tuple(now[position : position + 2])
            position, shown = position + 2, shown + len(records)
            if len(records) < 2:
                yield Page("user", records, Complete(shown, 0.0))
                return
            yield Page("user", records)


LISTED: set[str] = set()
"""E-mails an index knows: those a listing has shown."""


class LagsBehind(BrokenReader):
    """12: an index that is behind says "no" of somebody who was just made, and is sure."""

    def read(self, want: Want) -> Iterator[Page]:
        for page in self.inner.read(want):
            LISTED.update(str(record.values.get("email")) for record in page.records)
            yield page

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        for found in self.inner.lookup(kind, key, values):
            late = (kind, key) == ("user", "email") and found.value not in LISTED
            yield Found(found.value, ()) if late else found


def dear(schema: Schema) -> Schema:
    """13: a route that says it costs more than it does."""
    return with_route(schema, "group", cost=lambda shape: Cost({"writes": shape.count * 3}))


class SpendsElsewhere(BrokenWriter):
    """14: a quota nobody declared."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if is_update(batch, "group"):
            self.calls.spend("somewhere")
        return super().outcomes(route, batch)


def unsteady(schema: Schema) -> Schema:
    """15: a route that cannot say which operations belong together: its answer changes."""
    routes = tuple(
        replace(route, group=lambda _operation: next(NUMBERS)) if route.whole else route for route in schema.routes
    )
    return replace(schema, routes=routes)


class ByJob(BrokenWriter):
    """Nothing is broken: groups by a job."""

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle:
        if route.delivery != "job":
            return super().send(route, batch)
        handle = JobHandle(f"job-{next(NUMBERS)}", batch.label)
        JOBS[handle.id] = batch.label, list(one_by_one(self, route, batch))
        return handle

    def find(self, label: str) -> JobHandle | None:
        return next((JobHandle(id, label) for id, (own, _) in JOBS.items() if own == label), None)

    def poll(self, handle: JobHandle) -> JobState:
        return JobState("finished" if handle.id in JOBS else "lost")

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        return iter(JOBS[handle.id][1])


class NeverLost(ByJob):
    """16: a job nobody knows is finished."""

    def poll(self, handle: JobHandle) -> JobState:
        return JobState("finished")


def with_job(schema: Schema) -> Schema:
    route = Route("job", "group", frozenset({"create"}), _writes, items=10, worth=50, delivery="job", method="job")
    return replace(schema, routes=(*schema.routes, route))


def with_a_job_for_nobody(schema: Schema) -> Schema:
    """A job that takes no sample, and says that it forces something."""
    whole = with_job(schema)
    job = replace(whole.routes[-1], takes=lambda _: "only on Sundays", forces={"description": "forced"})
    return replace(whole, routes=(*schema.routes, job))


def carries_too_much(schema: Schema) -> Schema:
    """17: a route carries what only arrives by itself."""
    member = replace(schema.kinds["organization_member"], arrives="own_call")
    return replace(schema, kinds={**schema.kinds, "organization_member": member})


def forces_nothing(schema: Schema) -> Schema:
    """18: a route says it forces a value, and does not."""
    return with_route(schema, "group", forces={"description": "forced"})


class EchoesAnother(BrokenWriter):
    """19: what is echoed has another id."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        for outcome in super().outcomes(route, batch):
            echo = outcome.echo
            wrong = echo is not None and batch.operations[0].kind == "group"
            yield replace(outcome, echo=replace(echo, id="another")) if wrong and echo else outcome


class ForgetsTheFlag(BrokenWriter):
    """20: a new address loses the flag that came with it."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        changes = batch.operations[0].changes
        if is_update(batch, "user") and {"email", "email_verified"} <= changes.keys():
            without = replace(batch.operations[0], changes={**changes, "email_verified": Put(False)})
            return super().outcomes(route, Batch((without,)))
        return super().outcomes(route, batch)


class KeepsTheDeleted(BrokenWriter):
    """21: a delete is reported and not made."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        first = batch.operations[0]
        if (first.kind, first.verb) == ("user", "delete"):
            return iter([Outcome(first.address, id=first.id)])
        return super().outcomes(route, batch)


def quoting(status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
    """22: the vendor's own words are passed on."""
    return Failure(Code.INVALID, f"refused: {body!r}")


class Logs(BrokenWriter):
    """23: what is sent is logged."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        logging.getLogger("careless").warning("sending %s", batch)
        return super().outcomes(route, batch)


@dataclass
class UnsteadyHook:
    name = "sign-in"

    def artefacts(self, settings: Mapping[str, str]) -> Mapping[str, bytes]:
        return {"hook.js": str(next(NUMBERS)).encode()}


@dataclass
class BrokenHook:
    file: str
    name = "sign-in"

    def artefacts(self, settings: Mapping[str, str]) -> Mapping[str, bytes]:
        return {self.file: b"{ this is: not \n"}


class HookedBadly(BrokenWriter):
    """24: files that their readers would refuse."""

    def hooks(self) -> tuple[BrokenHook, ...]:
        return (BrokenHook("hook.json"),)


class HookedInPython(BrokenWriter):
    """24: the same, in Python."""

    def hooks(self) -> tuple[BrokenHook, ...]:
        return (BrokenHook("hook.py"),)


class Hooked(BrokenWriter):
    """24: a hook's file is another one each time."""

    def hooks(self) -> tuple[UnsteadyHook, ...]:
        return (UnsteadyHook(),)


def undocumented(schema: Schema) -> Schema:
    """25: a field nobody documented."""
    group = schema.kinds["group"]
    fields = {**group.fields, "colour": FieldSchema("text", tier="plain", write="never")}
    return replace(schema, kinds={**schema.kinds, "group": replace(group, fields=fields)})


def only_assumed(schema: Schema) -> Schema:
    """25: deleting is only assumed to work, and a record that is switched off can still be looked up."""
    users = schema.kinds["user"]
    verbs = {**users.verbs, "delete": Support(Level.FULL, evidence="assumed")}
    return replace(schema, kinds={**schema.kinds, "user": replace(users, verbs=verbs, delete_is="disable")})


def with_field(schema: Schema, kind: Kind, path: Path, change: Callable[[FieldSchema], FieldSchema]) -> Schema:
    about = schema.kinds[kind]
    fields = {**about.fields, path: change(about.fields[path])}
    return replace(schema, kinds={**schema.kinds, kind: replace(about, fields=fields)})


def with_route(schema: Schema, kind: Kind, **changed: Any) -> Schema:
    routes = tuple(replace(route, **changed) if route.kind == kind else route for route in schema.routes)
    return replace(schema, routes=routes)
