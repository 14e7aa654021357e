"""Jobs of a vendor: written down before they are submitted, found again after a crash, followed to their end."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from poolshift.apply.interrupt import StopSignal
from poolshift.apply.packing import Packet
from poolshift.errors import Interrupted, PoolshiftError, ProviderDown
from poolshift.provider.operation import Batch, Failed, JobHandle, JobState, Operation, Outcome, Unknown
from poolshift.provider.session import RunsJobs, Writer
from poolshift.state.jobs import without_values
from poolshift.state.store import Job, Store


class WaitsForPerson(Exception):
    """Somebody has to do something by hand, an upload for one. The window stays open."""

    def __init__(self, instructions: str) -> None:
        super().__init__(instructions)
        self.instructions = instructions


class Unfinished(Exception):
    """Nobody waits for the job any longer, and it goes on. Its window stays open; the next run asks it again."""

    def __init__(self, reason: PoolshiftError) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Jobs:
    """Used from many threads. What a job is asked later never holds values: it can be asked by another run as well.

    ``now`` is Unix time; ``sleep`` ends early when the run is to stop.
    """

    def __init__(
        self,
        writer: Writer,
        store: Store,
        stop: StopSignal,
        now: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._writer = writer
        self._store = store
        self._stop = stop
        self._now = now
        self._sleep = sleep

    def run(self, packet: Packet, operations: tuple[Operation, ...]) -> Iterator[Outcome]:
        """Submit a packet's operations and wait. Raises as `follow` does, and what the provider's send raises."""
        if packet.works[0].window is None:
            raise ValueError("a job needs an open window")
        bare = tuple(map(without_values, operations))
        job = self._store.begin_job(packet.works[0].window.number, packet.label, bare)
        try:
            answer = self._writer.send(packet.route, Batch(operations, packet.label))
        except Unknown:
            found = self.found(job)
            if found is None:
                raise
            return self.follow(found)
        if not isinstance(answer, JobHandle):
            return answer
        return self.follow(self._kept(job, answer))

    def found(self, job: Job) -> Job | None:
        """The job with its handle: as it was kept, else as the vendor knows its label; None = it cannot be found."""
        if job.handle is not None:
            return job
        handle = self._runner.find(job.label)
        return self._kept(job, handle) if handle is not None else None

    def follow(self, job: Job) -> Iterator[Outcome]:
        """Wait for the end and give the outcomes.

        Raises Unknown where the job is lost, past its time, or does not tell its rows: a lookup settles them;
        WaitsForPerson; Unfinished where the run is to stop, or the job cannot be asked now.
        """
        if job.handle is None:
            raise ValueError("a job that was never found cannot be followed")
        while (state := self._polled(job.handle)).status == "running":
            if self._stop.draining:
                raise Unfinished(_interrupted())
            if job.until is not None and self._now() >= job.until:
                raise Unknown("the job did not end in time")
            self._sleep(state.again_in)
        if state.status == "person":
            raise WaitsForPerson(state.instructions)
        if state.status == "lost":
            raise Unknown("the job is not known any more")
        return self._collected(job.handle, job)

    def _kept(self, job: Job, handle: JobHandle) -> Job:
        own = replace(handle, label=job.label)
        self._store.keep_handle(own)
        return replace(job, handle=own)

    def _polled(self, handle: JobHandle) -> JobState:
        try:
            return self._runner.poll(handle)
        except PoolshiftError as error:
            raise Unfinished(error) from error
        except (Failed, Unknown) as error:
            raise Unfinished(_unreadable(handle, error)) from error

    def _collected(self, handle: JobHandle, job: Job) -> Iterator[Outcome]:
        try:
            yield from self._runner.collect(handle, Batch(job.operations, job.label))
        except PoolshiftError as error:
            raise Unfinished(error) from error
        except Failed as error:
            raise Unknown(f"the job has ended and its rows cannot be read: {error}") from error

    @property
    def _runner(self) -> RunsJobs:
        if not isinstance(self._writer, RunsJobs):
            raise TypeError(f"{type(self._writer).__name__} has routes that are jobs and does not run jobs")
        return self._writer


def _interrupted() -> PoolshiftError:
    return Interrupted.of(
        "INTERRUPTED", "stopped while a job was running; it goes on", "Run the same command again: it waits for it."
    )


def _unreadable(handle: JobHandle, error: Exception) -> PoolshiftError:
    return ProviderDown.of(
        "JOB_UNREADABLE", f"job {handle.id} cannot be asked how far it is: {error}", "Run the same command again later."
    )
