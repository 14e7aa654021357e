"""Laws 13 to 16: calls, their cost, their bounds, and jobs."""

import math
import pickle
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from poolshift.errors import PoolshiftError
from poolshift.provider.operation import Batch, Failed, JobHandle, Operation, Put, Unknown
from poolshift.provider.schema import Route, Shape
from poolshift.provider.session import RunsJobs
from poolshift.testing.laws.contract import Contract, does_not_apply
from poolshift.testing.laws.reading import furnished, readable
from poolshift.testing.people import Sketch, people_of
from poolshift.testing.trial import POLLS, Trial

_MANY = 5  # people of a migration whose batches are watched


class EveryCall(Contract):
    """Law 14, which both ends keep."""

    def test_14_every_call(self, trial: Trial) -> None:
        """Law 14. Every call names a declared quota and says truly what it is; there is no I/O outside `Calls`."""
        there = furnished(trial)
        with _no_other_io(trial):
            before = {(kind, id): trial.get(kind, id) for kind, ids in there.items() for id in ids}
            reader = trial.reader()
            reader.schema(), reader.access(), reader.fingerprint()
            listing = trial.read(*readable(trial.schema))
            for kind, ids in there.items():
                for key in trial.schema.kinds[kind].keys:
                    if key.path == "id":
                        list(reader.lookup(kind, "id", sorted(ids)))
            after = {(kind, id): trial.get(kind, id) for kind, ids in there.items() for id in ids}
            assert after == before, "reading has changed the world"
            again = trial.read(*readable(trial.schema))
            grown = {kind for kind, own in again.items() if own.ids != listing[kind].ids}
            assert not grown, f"reading has made or removed records: {sorted(grown)}"
            claimed = [call.name for call in trial.watch.calls if call.writes and not call.by_writer]
            assert not claimed, f"a reader calls what it says writes: {claimed}"
            _repeats(trial)
        assert not trial.watch.breaches(14), trial.watch.breaches(14)


class CallingLaws(EveryCall):
    """What a provider asks of `Calls`."""

    def test_13_cost(self, trial: Trial) -> None:
        """Law 13. Calls of each quota are as declared, within a tenth; messages too."""
        for route, verb in trial.ways():
            operations = trial.operations(route, verb, min(_MANY, route.items))
            if not operations:
                continue
            about = f"{verb} {route.kind} by {route.name}"
            trial.send(route, trial.operations(route, verb))  # a session's first look at its tenant is not counted
            current = tuple(trial.current(route, one) for one in operations)
            sent = trial.world.messages()
            before = Counter(trial.watch.spent)
            ended = trial.send(route, current)
            assert ended.is_done, f"{about}: {ended.failures or ended.error}"
            spent = trial.watch.spent - before
            fields = frozenset(path for one in operations for path in one.changes)
            cost = route.cost(Shape(route.kind, verb, fields, frozenset(), len(operations)))
            for quota in spent.keys() | cost.calls.keys():
                told, made = cost.calls.get(quota, 0.0), spent[quota]
                assert math.floor(told * 0.9) <= made <= math.ceil(told * 1.1), (
                    f"{about}: {quota}: {told} told, {made} made"
                )
            if sent is not None:
                assert trial.world.messages() == sent + cost.messages, f"{about}: other messages than it says"

    def test_15_bounds(self, trial: Trial) -> None:
        """Law 15. Batches stay in bounds, never more in flight than width, never two calls at once on one person."""
        trial.migration("law-15", people_of(trial, [Sketch()] * _MANY)).apply()
        for route, verb in trial.ways():
            if operations := trial.operations(route, verb, min(_MANY, route.items)):
                trial.send(route, operations)
        assert not trial.watch.breaches(15), trial.watch.breaches(15)

    def test_16_jobs(self, trial: Trial) -> None:
        """Law 16. Killed at any point, a job is found again; a lost one is never done; rows find their people."""
        routes = [route for route, _ in trial.ways("create") if route.delivery == "job"]
        if not routes:
            does_not_apply("no route is a job")
        for route in routes:
            operations = trial.operations(route, "create", min(_MANY, route.items))
            assert operations, f"{route.name}: no sample can be tried: {route.takes(trial.create(route.kind))}"
            _survives(trial, route, operations)
            _is_lost(trial, route)


def _survives(trial: Trial, route: Route, operations: tuple[Operation, ...]) -> None:
    """A new session for every step, and the handle itself found again by its label."""
    batch = Batch(operations, f"kit-{uuid.uuid4().hex}")
    handle = trial.new_writer().send(route, batch)
    assert isinstance(handle, JobHandle), f"{route.name}: a job's route gave no handle"
    handle = pickle.loads(pickle.dumps(handle))
    for _ in range(POLLS):
        jobs = trial.new_writer()
        assert isinstance(jobs, RunsJobs), "a writer that answers with a job has find, poll and collect"
        found = jobs.find(batch.label)
        assert found is None or found.id == handle.id, f"{route.name}: another job is found by the label"
        if (state := jobs.poll(handle)).status != "running":
            break
        trial.world.wait(state.again_in)
    assert state.status == "finished", f"{route.name}: a job ended as {state.status}"
    last = trial.new_writer()
    assert isinstance(last, RunsJobs)
    outcomes = list(last.collect(handle, batch))
    assert all(one.status in ("done", "already") for one in outcomes), f"{route.name}: samples are refused"
    trial.world.wait(trial.world.unlisted)
    for operation in operations:
        (record,) = trial.matching(operation)
        own = next((one for one in outcomes if one.address == operation.address), None)
        assert own is None or own.id in (None, record.id), f"{route.name}: a row has somebody else's id"
        for path, change in operation.changes.items():
            if isinstance(change, Put) and path in record.values:
                read = trial.canonical(route.kind, path, record.values[path])
                assert read == trial.canonical(route.kind, path, change.value), f"{route.name}: {path} of another row"


def _is_lost(trial: Trial, route: Route) -> None:
    jobs = trial.new_writer()
    assert isinstance(jobs, RunsJobs)
    try:
        status = jobs.poll(JobHandle("no-such-job", "no-such-label")).status
    except (Failed, Unknown, PoolshiftError):
        return
    assert status in ("lost", "running"), f"{route.name}: a job nobody knows is {status}"
    assert jobs.find("no-such-label") is None, f"{route.name}: a job is found by a label nobody used"


def _repeats(trial: Trial) -> None:
    """Every call that says it may be repeated is made twice: the send ends as if it had been made once."""
    trial.watch.doubled = True
    try:
        for route, verb in trial.ways():
            if operations := trial.operations(route, verb):
                ended = trial.send(route, operations)
                about = f"{verb} {route.kind} by {route.name}"
                assert ended.is_done, f"{about}: a call says `again` and may not be repeated: {ended.failures}"
    finally:
        trial.watch.doubled = False


@contextmanager
def _no_other_io(trial: Trial) -> Iterator[None]:
    """Sockets this thread opens outside a call are a breach."""
    connect = socket.socket.connect
    mine = threading.get_ident()

    def watched(self: socket.socket, address: Any) -> None:
        if threading.get_ident() == mine and not trial.observed.inside and not trial.looking:
            trial.watch.breach(14, "a connection outside `Calls`")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", watched)
        yield
