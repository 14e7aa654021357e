"""Laws 3, 4, 6, 7 and 8: batches sent to the writer."""

import pickle
from dataclasses import replace

from poolshift.identity.kind import SHARED_KINDS
from poolshift.identity.record import Ref
from poolshift.provider.operation import Code, Operation, Put, WholeRejected
from poolshift.provider.schema import Route
from poolshift.testing.laws.contract import Contract, does_not_apply
from poolshift.testing.trial import Trial

_FIRST = 2  # operations in a batch, where a route takes as many


class SendingLaws(Contract):
    """What a send does to the world."""

    def test_03_twice_is_once(self, trial: Trial) -> None:
        """Law 3. Sending a batch again changes nothing and makes no second record."""
        for route, verb in trial.ways():
            operations = trial.operations(route, verb, min(_FIRST, route.items))
            if not operations:
                continue
            about = f"{verb} {route.kind} by {route.name}"
            first = trial.send(route, operations)
            assert first.is_done, f"{about}: {first.failures or first.error}"
            ids = [one.id or trial.id_of(one, first.outcomes) for one in operations]
            before = [trial.get(route.kind, id) for id in ids]
            again = trial.send(route, operations)
            allowed = {"create": {Code.EXISTS}, "update": set(), "delete": {Code.GONE}}[verb]
            refused = {failure.code for failure in again.failures}
            assert refused <= allowed, f"{about}, again: {refused}"
            assert [trial.get(route.kind, id) for id in ids] == before, f"{about}, again: the world has changed"
            if verb == "create":
                for operation in operations:
                    assert len(trial.matching(operation)) == 1, f"{about}, again: a second record"

    def test_04_no_memory(self, trial: Trial) -> None:
        """Law 4. A new session before every send gives the same result; the schema's kinds can be pickled."""
        for route, verb in trial.ways():
            if operations := trial.operations(route, verb, min(_FIRST, route.items)):
                ended = trial.send(route, operations, trial.new_writer())
                assert ended.is_done, f"{verb} {route.kind} by {route.name}: {ended.failures or ended.error}"
                outcomes = ended.outcomes
                ids = [one.id or trial.id_of(one, outcomes) for one in operations]
                there = [trial.get(route.kind, id) is not None for id in ids]
                assert verb == "delete" or all(there), f"{verb} {route.kind} by {route.name}: not in the world"
        kinds = pickle.loads(pickle.dumps(dict(trial.schema.kinds)))
        assert kinds.keys() == trial.schema.kinds.keys()

    def test_06_covers_exactly(self, trial: Trial) -> None:
        """Law 6. Outcomes name only addresses and paths of the batch, none twice, children included."""
        for route, verb in trial.ways():
            operations = trial.operations(route, verb, min(_FIRST, route.items))
            for carried in (False, True):
                sent = tuple(trial.with_children(route, route.carries) for _ in operations) if carried else operations
                if operations and sent and (not carried or (verb == "create" and sent[0].children)):
                    trial.send(route, sent)
        assert not trial.watch.breaches(6), trial.watch.breaches(6)

    def test_07_whole_means_whole(self, trial: Trial) -> None:
        """Law 7. One bad row in a batch that fails whole: nothing of it is written."""
        routes = [route for route, _ in trial.ways("create") if route.whole and route.items > 1]
        tried = False
        for route in routes:
            for place in range(3):
                good = list(trial.operations(route, "create", 2))
                bad = bad_row(trial, route, good)
                if not good or bad is None:
                    continue
                tried = True
                rows = [*good[:place], bad, *good[place:]][: route.items]
                ended = trial.send(route, rows)
                assert isinstance(ended.error, WholeRejected), f"{route.kind} {route.name}: a bad row was no refusal"
                assert not ended.outcomes, f"{route.kind} {route.name}: outcomes of a batch that was refused"
                named = ended.error.rows
                assert set(named) <= {bad.address}, f"{route.kind} {route.name}: a good row is named"
                for one in good:
                    assert not trial.matching(one), f"{route.kind} {route.name}: a part of the batch was written"
        if not tried:
            does_not_apply("no route fails as a whole")

    def test_08_row_means_row(self, trial: Trial) -> None:
        """Law 8. One bad row in any other batch: all the others are written and reported done."""
        tried = False
        for route, _ in trial.ways("create"):
            if route.whole or route.items < 2:
                continue
            good = list(trial.operations(route, "create", 2))
            bad = bad_row(trial, route, good)
            if not good or bad is None:
                continue
            tried = True
            ended = trial.send(route, [good[0], bad, *good[1:]][: route.items])
            told = {one.address: one for one in ended.outcomes}
            about = f"{route.kind} {route.name}"
            assert ended.error is None, f"{about}: {ended.error}"
            assert told[bad.address].status == "failed", f"{about}: the bad row was {told[bad.address].status}"
            for one in good[: route.items - 1]:
                assert told[one.address].status == "done", f"{about}: a good row was {told[one.address].status}"
                assert trial.matching(one), f"{about}: a good row was not written"
        if not tried:
            does_not_apply("no route takes a batch row by row")


def bad_row(trial: Trial, route: Route, like: list[Operation]) -> Operation | None:
    """A create the world must refuse: a unique value of another record, or a parent that is not there."""
    kind = route.kind
    if kind == "user" or kind in SHARED_KINDS:
        there, _ = trial.make(kind)
        logins = trial.schema.kinds[kind].with_role("login") if kind == "user" else ()
        unique = [path for paths, _ in trial.schema.kinds[kind].unique for path in paths if len(paths) == 1]
        taken = [path for path in unique if (not logins or path in logins)]
        if there is None or not taken:
            return None
        change = there.changes.get(taken[-1])
        bad = trial.create(kind, like[0].refs if like else None)
        return _changed(bad, taken[-1], change) if isinstance(change, Put) and route.takes(bad) is None else None
    if not like:
        return None
    refs = {
        path: Ref("", "no-such-record", "no-such-record") if path == "user" else ref
        for path, ref in like[0].refs.items()
    }
    return trial.create(kind, refs) if "user" in refs else None


def _changed(operation: Operation, path: str, change: Put) -> Operation:
    return replace(operation, changes={**operation.changes, path: change})
