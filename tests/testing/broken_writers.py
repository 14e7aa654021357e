"""Writers of the directory with one thing broken: what is sent ends otherwise, or is told otherwise."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from poolshift.identity.kind import Kind
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
from poolshift.provider.schema import Route
from poolshift.provider.session import Calls, Writer
from tests.testing.broken_schemas import NUMBERS, disabled

JOBS: dict[str, tuple[str, list[Outcome]]] = {}
"""What the vendor remembers of jobs: label and results by id."""


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


class MishearsChildren(BrokenWriter):
    """17: a link that comes with its person gets another subject than one sent alone."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        heard = (replace(own, children=tuple(map(_misheard, own.children))) for own in batch.operations)
        return super().outcomes(route, replace(batch, operations=tuple(heard)))


def _misheard(child: Operation) -> Operation:
    subject = child.changes.get("subject")
    wrong = {**child.changes, "subject": Put(f"{subject.value}?")} if isinstance(subject, Put) else child.changes
    return replace(child, changes=wrong)


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


class NeverEmpties(BrokenWriter):
    """9: a field that the schema calls clearable cannot be emptied."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if isinstance(batch.operations[0].changes.get("nickname"), Clear):
            raise Failed(Failure(Code.INVALID, "it cannot be emptied"))
        return super().outcomes(route, batch)


class TakesNobodyDisabled(BrokenWriter):
    """9: a way of creating people refuses whom it says it takes."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if route.name == "people" and (reason := disabled(batch.operations[0])) is not None:
            raise Failed(Failure(Code.INVALID, reason))
        return one_by_one(self, route, batch) if route.name == "people" else super().outcomes(route, batch)


class SpendsElsewhere(BrokenWriter):
    """14: a quota nobody declared."""

    def outcomes(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if is_update(batch, "group"):
            self.calls.spend("somewhere")
        return super().outcomes(route, batch)


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
