"""One window under way: packets queued, in flight, waiting; never two on one person or one vendor document."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Protocol

from poolshift.apply.interrupt import StopSignal
from poolshift.apply.journal import DELAY
from poolshift.apply.packing import Packet
from poolshift.apply.sending import Sender
from poolshift.errors import PoolshiftError
from poolshift.provider.operation import Outcome


class Crew(Protocol):
    """Who judges what came back; may queue more packets."""

    def landed(self, packet: Packet, outcomes: Sequence[Outcome], error: BaseException | None) -> None: ...

    def settle_lost(self) -> bool:
        """Settle changes of unknown outcome; False = there are none."""

    def flush_if_due(self) -> None: ...

    def flush(self) -> None: ...


class Flight:
    """Sends packets through a pool, at most `width` of a lane at once. Used by the coordinating thread alone."""

    def __init__(
        self,
        pool: Executor,
        sender: Sender,
        stop: StopSignal,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._pool = pool
        self._sender = sender
        self._stop = stop
        self._clock = clock
        self._sleep = sleep
        self._queue: list[Packet] = []
        self._flying: dict[Future[None], tuple[Packet, list[Outcome]]] = {}
        self._resume_at = 0.0
        self.halted: PoolshiftError | None = None

    @property
    def stopping(self) -> bool:
        """No new batch starts."""
        return self._stop.draining or self.halted is not None

    def queue(self, packets: Iterable[Packet], delay: float = 0.0) -> None:
        """Each waits for its own time only."""
        ready_at = self._clock() + delay
        for packet in packets:
            packet.ready_at = ready_at
            self._queue.append(packet)

    def pause(self, seconds: float) -> bool:
        """A quota is spent: nothing starts until then. True unless there was a pause already."""
        now = self._clock()
        begins = self._resume_at <= now
        self._resume_at = max(self._resume_at, now + seconds)
        return begins

    def halt(self, reason: PoolshiftError) -> None:
        """Stop the run, for the first reason given; what is in flight finishes and is recorded."""
        if self.halted is None:
            self.halted = reason

    def run(self, crew: Crew) -> None:
        """Until everything has ended, or the run is stopping and nothing is in flight."""
        while True:
            if not self.stopping:
                self._start_ready()
            if self._flying:
                self._await(crew)
            elif self.stopping:
                break
            elif self._queue:
                crew.flush()
                self._rest()
            elif not crew.settle_lost():
                break
        self._queue.clear()
        crew.flush()

    def _start_ready(self) -> None:
        now = self._clock()
        if now < self._resume_at:
            return
        busy: set[Hashable] = set()
        lanes: dict[str, int] = {}
        for packet, _ in self._flying.values():
            busy |= packet.locks
            lanes[packet.lane] = lanes.get(packet.lane, 0) + 1
        waiting: list[Packet] = []
        for packet in self._queue:
            full = lanes.get(packet.lane, 0) >= packet.route.width
            if full or packet.ready_at > now or packet.locks & busy:
                waiting.append(packet)
                continue
            busy |= packet.locks
            lanes[packet.lane] = lanes.get(packet.lane, 0) + 1
            outcomes: list[Outcome] = []
            self._flying[self._pool.submit(self._sender.send, packet, outcomes)] = (packet, outcomes)
        self._queue = waiting

    def _await(self, crew: Crew) -> None:
        done, _ = wait(self._flying, timeout=DELAY, return_when=FIRST_COMPLETED)
        for future in done:
            packet, outcomes = self._flying.pop(future)
            error = future.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            crew.landed(packet, outcomes, error)
        crew.flush_if_due()

    def _rest(self) -> None:
        until = max(self._resume_at, min(packet.ready_at for packet in self._queue))
        if (seconds := until - self._clock()) > 0:
            self._sleep(seconds)
