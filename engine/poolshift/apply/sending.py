"""One send, in a worker thread: the record as it is now where the route needs it, the call, the job to its end."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Lock

from poolshift.apply.interrupt import StopSignal
from poolshift.apply.packing import Packet
from poolshift.identity.record import Record
from poolshift.provider.operation import Batch, Code, Failure, JobHandle, Operation, Outcome, Unknown
from poolshift.provider.schema import Route
from poolshift.provider.session import Reader, RunsJobs, Writer

ID = "id"
"""The key path under which a destination is asked for a record by its own id."""


class WaitsForPerson(Exception):
    """The route's file is written; somebody has to upload it. The window stays open."""


class Abandoned(Exception):
    """The run is to stop while a job is running. The window stays open; the next run settles it."""


class Sender:
    """Sends batches; called from many threads. Reads of the destination take turns."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        stop: StopSignal,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._reading = Lock()
        self._stop = stop
        self._clock = clock
        self._sleep = sleep

    def send(self, packet: Packet, outcomes: list[Outcome]) -> None:
        """Appends outcomes as they come, so that those before an exception are kept.

        Raises what the provider raises: Failed, WholeRejected, Unknown; WaitsForPerson and Abandoned for jobs.
        """
        operations = packet.operations
        if packet.route.needs_current:
            operations = self._with_current(packet.route, operations, outcomes)
        if not operations:
            return
        batch = Batch(operations, packet.label)
        answer = self._submit(packet.route, batch)
        for outcome in self._finished(answer, batch) if isinstance(answer, JobHandle) else answer:
            outcomes.append(outcome)

    def _submit(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle:
        try:
            return self._writer.send(route, batch)
        except Unknown:
            # A job whose submission was lost may be found again by its label, which is durable since before.
            handle = self._writer.find(batch.label) if isinstance(self._writer, RunsJobs) else None
            if route.delivery != "job" or handle is None:
                raise
            return handle

    def _with_current(
        self, route: Route, operations: tuple[Operation, ...], outcomes: list[Outcome]
    ) -> tuple[Operation, ...]:
        asked = [operation.id for operation in operations if operation.id is not None]
        found: dict[str, Record] = {}
        with self._reading:
            for answer in self._reader.lookup(route.kind, ID, asked):
                if answer.records:
                    found[answer.value] = answer.records[0]
        full: list[Operation] = []
        for operation in operations:
            if operation.id is None:
                full.append(operation)
            elif (current := found.get(operation.id)) is not None:
                full.append(replace(operation, current=current))
            else:
                gone = Failure(Code.GONE, "the record is no longer there")
                outcomes.append(Outcome(operation.address, "failed", failure=gone))
        return tuple(full)

    def _finished(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        jobs = self._writer
        if not isinstance(jobs, RunsJobs):
            raise TypeError(f"{type(jobs).__name__} answered with a job and does not run jobs")
        began = self._clock()
        while (state := jobs.poll(handle)).status == "running":
            if self._stop.draining:
                raise Abandoned
            if handle.deadline is not None and self._clock() - began > handle.deadline:
                raise Unknown("the job did not end in time")
            self._sleep(state.again_in)
        if state.status == "person":
            raise WaitsForPerson(state.instructions)
        if state.status == "lost":
            raise Unknown("the job is not known any more")
        return jobs.collect(handle, batch)
