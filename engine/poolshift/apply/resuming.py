"""An open window's jobs, asked how they ended. Only then a lookup says what became of their rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from poolshift.apply.jobs import Jobs, Unfinished, WaitsForPerson
from poolshift.apply.retry import REPEATED
from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failure, Operation, Unknown, WholeRejected
from poolshift.state.store import Job, Result, Window

LOOKED_UP = frozenset({Code.EXISTS})
"""Failures that say nothing of whose the record is."""


@dataclass(slots=True)
class Resumed:
    """What the jobs said of open rows.

    told: address -> the paths a job said it wrote; a lookup has to find the record all the same. ended: address -> (result, failure). waiting: address -> the job of its that waits for a person.
    instructions: of those jobs, by label.
    """

    told: dict[str, frozenset[Path]] = field(default_factory=dict)
    ended: dict[str, tuple[Result, Failure | None]] = field(default_factory=dict)
    waiting: dict[str, Job] = field(default_factory=dict)
    instructions: dict[str, str] = field(default_factory=dict)


def resume(jobs: Jobs, window: Window) -> Resumed:
    """Waits for the jobs of a window. A row counts in the newest of its jobs.

    Raises PoolshiftError where a job goes on and the run is to stop, or the job cannot be asked.
    """
    resumed = Resumed()
    left = {intent.address for intent in window.open_rows}
    for job in reversed(window.jobs):
        own = left.intersection(address for address, _ in _paths(job.operations))
        left -= own
        if own and (found := jobs.found(job)) is not None:
            _ask(jobs, found, own, resumed)
    return resumed


def _ask(jobs: Jobs, job: Job, own: set[str], resumed: Resumed) -> None:
    sent = dict(_paths(job.operations))
    try:
        for outcome in jobs.follow(job):
            if outcome.address not in own:
                continue
            if outcome.status == "not_yet":
                resumed.ended[outcome.address] = "not_yet", None
            elif outcome.failure is not None and outcome.failure.code not in LOOKED_UP:
                resumed.ended[outcome.address] = _result(outcome.failure), outcome.failure
            elif outcome.failure is None:
                paths = sent[outcome.address] if outcome.paths is None else outcome.paths
                resumed.told[outcome.address] = resumed.told.get(outcome.address, frozenset()) | paths
    except WaitsForPerson as waits:
        resumed.waiting |= dict.fromkeys(own, job)
        resumed.instructions[job.label] = waits.instructions
    except WholeRejected as rejected:
        named: Mapping[str, Failure] = rejected.rows
        resumed.ended |= {address: (_result(why), why) for address, why in named.items() if address in own}
    except Unknown:
        return
    except Unfinished as unfinished:
        raise unfinished.reason from unfinished


def _result(failure: Failure) -> Result:
    """What may be tried again is planned again; the rest has failed."""
    return "not_done" if failure.code in REPEATED or failure.code is Code.SPENT else "failed"


def _paths(operations: tuple[Operation, ...]) -> Iterator[tuple[str, frozenset[Path]]]:
    """Addresses, what rode in others included, with the paths that were sent."""
    for operation in operations:
        yield operation.address, frozenset(operation.changes)
        yield from _paths(operation.children)
