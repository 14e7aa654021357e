"""One send, in a worker thread: the record as it is now where the route needs it, the call, the job to its end."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Lock

from poolshift.apply.jobs import Jobs
from poolshift.apply.packing import Packet
from poolshift.identity.record import Record
from poolshift.provider.operation import Batch, Code, Failure, JobHandle, Operation, Outcome
from poolshift.provider.schema import ID, Route
from poolshift.provider.session import Reader, Writer


class Sender:
    """Sends batches; called from many threads. Reads of the destination take turns."""

    def __init__(self, writer: Writer, reader: Reader, jobs: Jobs) -> None:
        self._writer = writer
        self._reader = reader
        self._jobs = jobs
        self._reading = Lock()

    def send(self, packet: Packet, outcomes: list[Outcome]) -> None:
        """Appends outcomes as they come, so that those before an exception are kept.

        Raises what the provider raises: Failed, WholeRejected, Unknown; WaitsForPerson and Unfinished for jobs.
        """
        operations = packet.operations
        if packet.route.needs_current:
            operations = self._with_current(packet.route, operations, outcomes)
        if not operations:
            return
        for outcome in self._answer(packet, operations):
            outcomes.append(outcome)

    def _answer(self, packet: Packet, operations: tuple[Operation, ...]) -> Iterator[Outcome]:
        if packet.route.delivery != "now":
            return self._jobs.run(packet, operations)
        answer = self._writer.send(packet.route, Batch(operations, packet.label))
        if isinstance(answer, JobHandle):
            raise TypeError(f"route {packet.route.name} answered with a job and is not declared as one")
        return answer

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
