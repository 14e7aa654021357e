"""A writer between the engine and the provider's own: what laws 6 and 15 forbid is seen at every send."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from poolshift.apply.packing import lane_of
from poolshift.identity.value import Path
from poolshift.provider.operation import Batch, JobHandle, JobState, Operation, Outcome
from poolshift.provider.schema import Cost, Route
from poolshift.provider.session import RunsJobs, Writer
from poolshift.testing.breakage import Watch


def refereed(writer: Writer, watch: Watch) -> "Refereed":
    """The writer with a referee; it runs jobs if the writer does."""
    return RefereedJobs(writer, watch) if isinstance(writer, RunsJobs) else Refereed(writer, watch)


class Refereed:
    """outcomes: all that were reported, with the operation each belongs to."""

    def __init__(self, writer: Writer, watch: Watch) -> None:
        self.inner = writer
        self.outcomes: list[tuple[Operation, Outcome]] = []
        self._watch = watch
        self._flying: Counter[str] = Counter()
        self._people: Counter[str] = Counter()
        self._lock = threading.Lock()

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle:
        self._bounds(route, batch)
        with self._flight(route, batch):
            answer = self.inner.send(route, batch)
        if isinstance(answer, JobHandle):
            return answer
        return self._told(route, batch, answer)

    def _told(self, route: Route, batch: Batch, answer: Iterator[Outcome]) -> Iterator[Outcome]:
        asked = {operation.address: operation for operation in flat(batch.operations)}
        told: dict[str, set[Path]] = {}
        whole: set[str] = set()
        with self._flight(route, batch):
            for outcome in answer:
                self._names(asked, outcome, told, whole)
                with self._lock:
                    self.outcomes += [(asked[outcome.address], outcome)] if outcome.address in asked else []
                yield outcome
        for address, operation in asked.items():
            if address not in whole and not told.get(address, set()) >= operation.changes.keys():
                self._watch.breach(6, f"{route.kind} {route.name}: an operation ended without outcome or exception")

    def _names(
        self, asked: dict[str, Operation], outcome: Outcome, told: dict[str, set[Path]], whole: set[str]
    ) -> None:
        operation = asked.get(outcome.address)
        if operation is None:
            self._watch.breach(6, "an outcome names an address that is not in the batch")
            return
        kind = operation.kind
        before = told.setdefault(outcome.address, set())
        paths = set(operation.changes) if outcome.paths is None else set(outcome.paths)
        if outcome.address in whole or paths & before:
            self._watch.breach(6, f"{kind}: an outcome covers a path twice")
        if paths - operation.changes.keys():
            self._watch.breach(6, f"{kind}: an outcome covers a path that was not asked for")
        if outcome.status == "failed" and outcome.failure is None:
            self._watch.breach(6, f"{kind}: an outcome failed and tells no failure")
        before |= paths
        if outcome.paths is None or not operation.changes or outcome.status in ("failed", "not_yet"):
            whole.add(outcome.address)

    def _bounds(self, route: Route, batch: Batch) -> None:
        about = f"{route.kind} {route.name}"
        if len(batch.operations) > route.items and not route.document:
            self._watch.breach(15, f"{about}: a batch of more than {route.items}")
        if len({route.group(operation) for operation in batch.operations}) > 1 and not route.document:
            self._watch.breach(15, f"{about}: operations of two groups in one batch")
        if any(route.group(operation) != route.group(operation) for operation in batch.operations):
            self._watch.breach(15, f"{about}: the group of an operation is another each time it is asked for")
        weight = sum(route.weigh(operation) for operation in batch.operations)
        if route.weight and len(batch.operations) > 1 and weight > route.weight:
            self._watch.breach(15, f"{about}: a batch heavier than {route.weight}")

    @contextmanager
    def _flight(self, route: Route, batch: Batch) -> Iterator[None]:
        people = {address for operation in batch.operations for address in _people(operation)}
        with self._lock:
            self._flying[lane_of(route)] += 1
            self._people.update(people)
            if self._flying[lane_of(route)] > route.width:
                self._watch.breach(15, f"more than {route.width} batches of {lane_of(route)} in flight")
            if any(self._people[person] > 1 for person in people):
                self._watch.breach(15, "two operations on one person in flight")
        try:
            yield
        finally:
            with self._lock:
                self._flying[lane_of(route)] -= 1
                self._people.subtract(people)


class RefereedJobs(Refereed):
    """For writers that run jobs."""

    def find(self, label: str) -> JobHandle | None:
        return self._jobs.find(label)

    def poll(self, handle: JobHandle) -> JobState:
        return self._jobs.poll(handle)

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        whole = Route("job", batch.operations[0].kind, frozenset(), cost=_free, width=1 << 30)
        return self._told(whole, batch, self._jobs.collect(handle, batch))

    @property
    def _jobs(self) -> RunsJobs:
        assert isinstance(self.inner, RunsJobs)
        return self.inner


def _free(_shape: object) -> Cost:
    return Cost({})


def flat(operations: tuple[Operation, ...]) -> Iterator[Operation]:
    """Operations with their children behind them."""
    for operation in operations:
        yield operation
        yield from operation.children


def _people(operation: Operation) -> set[str]:
    """The people an operation is about, by id, or by address where there is none yet."""
    if operation.kind == "user":
        return {operation.id or operation.address}
    user = operation.refs.get("user")
    return {user.id} if user is not None and user.id else set()
