"""`apply`: shared kinds first, then people a chunk at a time, then what was taken once more; counts and closes."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

from poolshift.apply.admission import CHUNK, JOB_CHUNK, Admission, Load
from poolshift.apply.approval import Approved
from poolshift.apply.canary import Canaries
from poolshift.apply.claim import Claims
from poolshift.apply.coverage import Coverage
from poolshift.apply.endings import Endings
from poolshift.apply.executor import Executor
from poolshift.apply.flight import Flight
from poolshift.apply.folding import Folding, by_person
from poolshift.apply.interrupt import StopSignal
from poolshift.apply.jobs import Jobs
from poolshift.apply.journal import Journal
from poolshift.apply.listing import Listing
from poolshift.apply.lookup import Lookups
from poolshift.apply.lost import LostAnswers
from poolshift.apply.ordering import Step, person_steps, record_levels, shared_deletes, shared_steps
from poolshift.apply.references import References
from poolshift.apply.report import Progress, Report, Tally, exit_code
from poolshift.apply.retry import Patience
from poolshift.apply.routing import Routing, counts_of
from poolshift.apply.sending import Sender
from poolshift.apply.settlement import Settlement
from poolshift.apply.verdicts import Verdicts
from poolshift.apply.work import BLOCKED, Work
from poolshift.errors import NeedsPerson, PlanUnusable
from poolshift.identity.kind import Kind
from poolshift.plan.change import WRITES, Change
from poolshift.planning.planned import Planned
from poolshift.provider.session import Writer
from poolshift.state.store import Settled, Store

WORKERS = 32
"""Threads at most, whatever the widths of the lanes."""

PROGRESS = 0.2
"""Seconds between two words of progress."""

RECORDS = 1_000
"""State-only rows in one transaction."""


def apply(
    planned: Planned,
    approved: Approved,
    store: Store,
    writer: Writer,
    *,
    migration: str,
    method: str,
    stop: StopSignal,
    progress: Callable[[Progress], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
    now: Callable[[], float] = time.time,
    patience: Patience | None = None,
) -> Report:
    """Carry out what is approved of a fresh plan, and record it.

    ``method``: the spec's users.method. ``sleep`` defaults to the interruptible wait of ``stop``; ``now`` is Unix time.
    What stops the run early (credentials, a destination that is down, an interrupt) is in the report, with its exit
    code. Raises PlanUnusable (the plan was applied before), NeedsPerson (windows are open: settle them first), and
    PoolshiftError where the provider breaks a law of its contract.
    """
    plan_id = _plan_id(approved, store)
    if store.open_windows():
        raise NeedsPerson.of("WINDOWS_OPEN", "windows of an earlier run are open", "Run `poolshift recover SPEC`.")
    run = store.begin_run("apply", plan_id)
    store.open_plan(plan_id, approved.digest)
    widths = [route.width for route in planned.schema.routes]
    with ThreadPoolExecutor(min(max(widths, default=1), WORKERS), thread_name_prefix="apply") as pool:
        application = Application(
            planned, approved, plan_id, store, writer, pool, run, migration, method, stop, progress, clock,
            sleep or stop.wait, now, patience or Patience(),
        )  # fmt: skip
        report = application.run()
    store.end_run(run, report.exit_code, report.document())
    if report.exit_code == 1 and application.flight.halted is not None:
        raise application.flight.halted
    return report


class Application:
    """One apply: wires the parts together and walks through the plan."""

    def __init__(
        self,
        planned: Planned,
        approved: Approved,
        plan_id: str,
        store: Store,
        writer: Writer,
        pool: ThreadPoolExecutor,
        run: str,
        migration: str,
        method: str,
        stop: StopSignal,
        progress: Callable[[Progress], None],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        now: Callable[[], float],
        patience: Patience,
    ) -> None:
        schema, reader, observe = planned.schema, planned.destination, planned.observe
        self._planned = planned
        self._approved = approved
        self._plan_id = plan_id
        self._store = store
        self._run = run
        self._stop = stop
        self._progress = progress
        self._clock = clock
        self._began = self._told = clock()
        self._total = _total(planned)
        self._tally = Tally()
        self._finished_before = len(store.finished(plan_id))
        self._references = References()
        self._journal = Journal(store, run, plan_id, clock)
        settlement = Settlement(planned.element_fingerprint, store.person)
        folding = Folding(schema, self._references)
        routing = Routing(schema, counts_of(planned.plan), method, folding)
        coverage = Coverage(observe)
        lookups = Lookups(reader, schema, sleep, patience.late)
        self.flight = Flight(pool, Sender(writer, reader, Jobs(writer, store, stop, now, sleep)), stop, clock, sleep)
        listing, claims = Listing(reader, schema, observe), Claims(schema, observe, migration)
        lost = LostAnswers(lookups, listing, claims, coverage, now, _records(planned))
        canaries = Canaries(schema, lookups, claims, coverage)
        endings = Endings(self._journal, settlement, self._tally, self._ended)
        verdicts = Verdicts(
            flight=self.flight,
            routing=routing,
            journal=self._journal,
            references=self._references,
            coverage=coverage,
            lost=lost,
            canaries=canaries,
            tally=self._tally,
            patience=patience,
            random=Random(),
            endings=endings,
        )
        self._executor = Executor(self._journal, routing, self.flight, verdicts, endings, canaries)
        chunk = JOB_CHUNK if routing.are_jobs("user", "create") else CHUNK
        # A change is asked for once a run: where nothing was finished before it began, nobody has to look.
        finished = store.finished(plan_id) if self._finished_before else ()
        self._admission = Admission(approved, finished, settlement, observe, self._tally, chunk)

    def run(self) -> Report:
        """Everything that is approved, in order; then the count."""
        schema = self._planned.schema
        shared = self._shared_load()
        self._carry_out(shared, shared_steps(schema))
        steps = person_steps(schema)
        for load in self._admission.loads(self._people()):
            if self.flight.stopping:
                break
            self._carry_out(load, steps)
            self._references.forget_people()
        self._once_more(steps)
        self._steps(shared.works, shared_deletes(schema))
        self._tell()
        return self._report()

    def _people(self) -> Iterator[Change]:
        for partition in range(self._planned.partitions):
            if self.flight.stopping:
                return
            yield from self._planned.changes(partition)

    def _shared_load(self) -> Load:
        whole = Load()
        for load in self._admission.loads(self._planned.shared()):
            whole.works += load.works
            whole.silent += load.silent
            whole.stale += load.stale
            whole.records += load.records
        return whole

    def _carry_out(self, load: Load, steps: Iterable[Step]) -> None:
        """Rows that write state about people come before their elements' outcomes, which are merged into them."""
        self._record(load.records)
        self._executor.settle(load.stale, "stale", "STALE")
        self._tally.stale += len(load.stale)
        self._executor.settle(load.silent, "done")
        self._executor.settle(load.blocked, "not_done", BLOCKED)
        self._steps(load.works, steps)
        if not self.flight.stopping:
            self._executor.carry_over(load.elements)
            self._record([settled for user, settled in load.late if user is None or user.leaves_row])

    def _steps(self, works: Sequence[Work], steps: Iterable[Step]) -> None:
        by_step: dict[Step, list[Work]] = {}
        for work in works:
            by_step.setdefault((work.change.kind, work.verb), []).append(work)
        belongings = by_person(works)
        for step in steps:
            pairs = [(work.change, work) for work in by_step.get(step, ())]
            for level in record_levels(pairs, backwards=step[1] == "delete"):
                if self.flight.stopping:
                    return
                self._executor.carry_out(level, belongings)

    def _once_more(self, steps: Iterable[Step]) -> None:
        waited = self._executor.finish()
        self._references.settle_deferred()
        self._steps(waited, steps)
        if not self.flight.stopping:
            self._executor.carry_over(self._executor.silent)

    def _record(self, rows: Sequence[Settled]) -> None:
        for start in range(0, len(rows), RECORDS):
            self._store.record(rows[start : start + RECORDS])

    def _ended(self) -> None:
        """A change has ended: say so, but not for every single one of millions."""
        if self._clock() - self._told >= PROGRESS:
            self._tell()

    def _tell(self) -> None:
        self._told = self._clock()
        ended, failed = self._tally.ended(), self._tally.ended("failed")
        self._progress(Progress(ended, failed, self._total, self._told - self._began))

    def _report(self) -> Report:
        tally, halted = self._tally, self.flight.halted
        complete = not self.flight.stopping
        left_open = self._journal.left_open
        if complete:
            tally.stale += self._approved.vanished(self._finished_before)
        closed = complete and not left_open
        if closed:
            self._store.close_plan(self._plan_id)
        code = exit_code(
            tally,
            interrupted=self._stop.draining and not complete,
            halted=None if halted is None else halted.exit_code,
            left_open=left_open,
        )
        return Report(
            run=self._run,
            plan_id=self._plan_id,
            counts=tally.lines,
            failures=tally.failures,
            stale=tally.stale,
            waits=tally.waits,
            conflicts=tally.conflicts,
            holds=tally.holds,
            recorded=tally.recorded,
            left_open=left_open,
            seconds=self._clock() - self._began,
            exit_code=code,
            closed=closed,
            stopped_by=() if halted is None else halted.diagnostics,
        )


def _plan_id(approved: Approved, store: Store) -> str:
    """The id under which the state keeps this plan. Raises PlanUnusable for a plan file that was carried out.

    A plan that is made anew for each apply may well be the same as an earlier one: nothing to do, twice, or the same
    drift again. Such a one is numbered.
    """
    if store.plan_status(approved.id) != "closed":
        return approved.id
    if not approved.repeatable:
        raise PlanUnusable.of("PLAN_USED", f"plan {approved.id} was applied before", "Make a new plan.")
    number = 2
    while store.plan_status(f"{approved.id}.{number}") == "closed":
        number += 1
    return f"{approved.id}.{number}"


def _records(planned: Planned) -> Mapping[Kind, int]:
    """What the destination held when it was read."""
    read = planned.plan.document.get("destination", {}).get("read", {})
    return {kind: int(own["count"]) for kind, own in read.items()}


def _total(planned: Planned) -> int:
    return sum(int(line["count"]) for line in planned.plan.document["summary"] if line["action"] in WRITES)
