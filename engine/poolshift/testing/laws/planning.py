"""Laws 1, 2 and 5: whole migrations of invented people, by the engine itself."""

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from poolshift.errors import PoolshiftError
from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Operation, Outcome, Put
from poolshift.testing.faults import FAULTS, Fault
from poolshift.testing.laws.contract import Contract, does_not_apply
from poolshift.testing.migration import Migration, Names, creates
from poolshift.testing.people import Sketch, people_of, sketches
from poolshift.testing.source import Person
from poolshift.testing.trial import Trial

_ROUNDS = 4


class PlanningLaws(Contract):
    """What plans and applies come to."""

    def test_01_empty_plan(self, trial: Trial) -> None:
        """Law 1. Apply any desired records, read, plan: nothing to do. Also after adopting the same records."""

        @settings(
            max_examples=trial.world.examples, deadline=None, database=None, derandomize=True,
            phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(st.lists(sketches(trial), min_size=1, max_size=3))
        def holds(drawn: list[Sketch]) -> None:
            migration = trial.migration("law-1", people_of(trial, drawn))
            report = migration.apply()
            assert not report["failures"], f"refused: {report['failures']}"
            assert not told(migration), "after an apply"

        holds()
        _adopts(trial)

    def test_02_untouched(self, trial: Trial) -> None:
        """Law 2. Fields, elements and children that are not mapped survive every update."""
        users = trial.schema.kinds["user"]
        (person,) = people_of(trial, [Sketch()])
        names = trial.migration("law-2", [person]).names
        changing = _changeable(trial, names)
        if not changing:
            does_not_apply("no user field can be updated")
        ours = frozenset(changing[::2])
        migration = trial.migration("law-2", [person], ours | _needed(trial, names))
        assert not migration.apply()["failures"]
        (record,) = trial.matching(_create_of(trial, person, migration))
        others = _somebody_elses(trial, record, [path for path in changing if path not in ours])
        try:
            trial.world.scribble(record.id)
        except NotImplementedError:
            scribbled = None
        else:
            scribbled = trial.get("user", record.id)["scribble"]
        for path in changing[::2]:
            new = trial.world.value("user", path, users.fields[path], trial.world.number())
            person.values[names.of[path]] = new
            assert not migration.apply()["failures"]
            (after,) = trial.matching(_create_of(trial, person, migration))
            read = trial.canonical("user", path, after.values.get(path))
            assert read == trial.canonical("user", path, new), f"{path} was not updated"
            for other, value in others.items():
                assert after.values.get(other) == value, f"{other} changed with {path}"
            if scribbled is not None:
                assert trial.get("user", record.id)["scribble"] == scribbled, f"somebody else's data went with {path}"
        _elements_survive(trial, person)

    def test_05_broken_anywhere(self, trial: Trial) -> None:
        """Law 5. A call broken anywhere: what was reported is true, and the engine settles the rest."""
        with trial.watch.counting(writer=True):
            _story(trial, None)
            calls = trial.watch.requests
        faults = [fault for wire in sorted(trial.watch.wires) for fault in FAULTS[wire]]
        if not calls:
            does_not_apply("the writer makes no call that can be broken")
        for point, fault in _spread([(point, fault) for point in range(calls) for fault in faults], trial.world.points):
            _story(trial, (point, fault))


def told(migration: Migration) -> list[tuple[str, str, list[Path]]]:
    """What a plan would write, without values."""
    return [(row.address, row.action, [str(one["path"]) for one in row.fields]) for row in migration.plan()]


def _story(trial: Trial, broken: tuple[int, Fault] | None) -> None:
    """Two people are created with all they have; one is changed, one loses it; the call at the point is broken."""
    people = people_of(trial, [Sketch(), Sketch()])
    migration = trial.migration("law-5", people)
    about = f"call {broken[0]} ended in {broken[1].value}" if broken else "unbroken"
    if broken is None:
        _apply(trial, migration, about)
        _change(trial, migration, people)
        _apply(trial, migration, about)
    else:
        with trial.watch.broken(broken[0], broken[1], writer=True):
            _apply(trial, migration, about)
            _change(trial, migration, people)
            _apply(trial, migration, about)
    for _ in range(_ROUNDS):
        report = migration.apply()
        if not (left := told(migration)):
            break
    assert not left, f"{about}: never settled: {left}, {report['failures']}"
    for person in people:
        found = trial.matching(_create_of(trial, person, migration))
        assert len(found) == 1, f"{about}: {len(found)} records of one person"


def _apply(trial: Trial, migration: Migration, about: str) -> None:
    """One apply, which may be stopped by what broke; all it reported must be so."""
    before = len(trial.observed.writers)
    try:
        migration.apply()
    except PoolshiftError as error:
        if error.exit_code == 1:
            raise AssertionError(f"{about}: {error}") from error
    for writer in trial.observed.writers[before:]:
        for operation, outcome in writer.outcomes:
            _is_true(trial, operation, outcome, about)


def _is_true(trial: Trial, operation: Operation, outcome: Outcome, about: str) -> None:
    if outcome.status not in ("done", "already") or operation.verb != "create" or outcome.id is None:
        return
    assert trial.get(operation.kind, outcome.id) is not None, f"{about}: {operation.kind} reported, and not there"


def _change(trial: Trial, migration: Migration, people: list[Person]) -> None:
    users = trial.schema.kinds["user"]
    for path in _changeable(trial, migration.names)[:2]:
        name = migration.names.of[path]
        people[0].values[name] = trial.world.value("user", path, users.fields[path], trial.world.number())
    people[1].groups.clear()
    people[1].links.clear()
    people[1].enabled = False


def _changeable(trial: Trial, names: Names) -> list[Path]:
    """User fields that may change after creation, nobody's login and no flag."""
    users = trial.schema.kinds["user"]
    flags = {own.verified_by for own in users.fields.values()}
    return [
        path
        for path in names.of
        if users.fields[path].write == "always" and "login" not in users.fields[path].roles and path not in flags
        and users.fields[path].read != "never" and not any(path in paths for paths, _ in users.unique)
    ]  # fmt: skip


def _needed(trial: Trial, names: Names) -> frozenset[Path]:
    """Without these nobody can be made: logins, required fields, and their flags."""
    users = trial.schema.kinds["user"]
    needed = {path for path in names.of if users.fields[path].required or "login" in users.fields[path].roles}
    flags = {flag for path in needed if (flag := users.fields[path].verified_by) is not None}
    return frozenset(needed | (flags & names.of.keys()))


def _create_of(trial: Trial, person: Person, migration: Migration) -> Operation:
    """A create that has the person's keys, to look the record up by."""
    users = trial.schema.kinds["user"]
    sent: dict[Path, Any] = {path: person.values.get(name) for path, name in migration.names.of.items()}
    sent[migration.names.source_id] = person.id
    keys = {key.path for key in users.keys}
    changes = {path: Put(value) for path, value in sent.items() if path in keys and value is not None}
    return Operation("", "user", "create", changes)


def _adopts(trial: Trial) -> None:
    """People who are there already, put by nobody of ours, are taken over and then quiet."""
    users = trial.schema.kinds["user"]
    person = people_of(trial, [Sketch()], belongings=False)[0]
    migration = trial.migration("law-1-adopt", [person])
    mail = next((path for path in users.with_role("email") if path in migration.names.of), None)
    flag = users.fields[mail].verified_by if mail is not None else None
    if mail is None or flag is None or flag not in migration.names.of:
        return
    values = {path: person.values[name] for path, name in migration.names.of.items() if name in person.values}
    for path in users.with_role("enabled"):
        values[path] = True
    try:
        id = trial.world.put("user", values, {})
    except NotImplementedError:
        return
    rows = migration.plan()
    assert {row.action for row in rows if row.kind == "user"} <= {"adopt"}, "somebody who is there is made again"
    report = migration.apply()
    assert not report["failures"], f"adopting was refused: {report['failures']}"
    assert not told(migration), "after adopting"
    assert trial.get("user", id) is not None, "after adopting"


def _somebody_elses(trial: Trial, record: Record, paths: list[Path]) -> dict[Path, Value]:
    """Values of fields we do not map, set by somebody else, as they read."""
    users, number = trial.schema.kinds["user"], trial.world.number()
    changes = {path: Put(trial.world.value("user", path, users.fields[path], number)) for path in paths}
    operation = Operation('user["somebody"]', "user", "update", changes, record.id)
    route = next((route for route, _ in trial.ways("update") if route.kind == "user"), None)
    if not changes or route is None or route.takes(operation) is not None:
        return {}
    ended = trial.send(route, (operation,))
    assert ended.is_done, f"update user: {ended.failures or ended.error}"
    values = trial.record("user", record.id).values
    return {path: values.get(path) for path in paths}


def _elements_survive(trial: Trial, person: Person) -> None:
    """A membership nobody mapped stays when the mapped ones go."""
    if not creates(trial.schema, "group_member", "group"):
        return
    migration = trial.migration("law-2-members", [person])
    migration.apply()
    (record,) = trial.matching(_create_of(trial, person, migration))
    _, group_id = trial.make("group")
    try:
        other = trial.world.put("group_member", {}, {"user": record.id, "group": str(group_id)})
    except NotImplementedError:
        return
    person.groups.clear()
    migration.apply()
    assert trial.get("group_member", other) is not None, "a membership of somebody else's went with ours"


def _spread(points: list[tuple[int, Fault]], most: int) -> Iterator[tuple[int, Fault]]:
    """At most so many, over all of them evenly."""
    if len(points) <= most:
        yield from points
    else:
        yield from (points[index * len(points) // most] for index in range(most))
