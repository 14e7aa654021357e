"""Laws 9, 10, 18, 20 and 21: what a schema promises about values."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Code, Operation, Put
from poolshift.provider.schema import FieldSchema, KindSchema, Route
from poolshift.testing.laws.contract import Contract, does_not_apply
from poolshift.testing.people import Sketch, people_of
from poolshift.testing.samples import HOSTILE, fits
from poolshift.testing.trial import Trial

_TOO_MANY = 20  # records one may have at most, where a law still tries one more


class RuleLaws(Contract):
    """Every rule is the destination's own, and no rule of the destination's is missing."""

    def test_09_refused_early(self, trial: Trial) -> None:
        """Law 9. What the destination would refuse by rule is found by the plan; and the destination does refuse it."""
        tried = False
        for kind, route in _creating(trial, alone=True):
            for broken, why in _violations(trial, kind):
                if route.takes(broken) is not None:
                    continue
                tried = True
                ended = trial.send(route, (broken,))
                assert not ended.is_done, f"{kind}: {why}, and the destination takes it: a false rule"
        _found_by_the_plan(trial)
        _cleared_or_held(trial)
        _refused_by_the_plan(trial)
        if not tried:
            does_not_apply("the schema states no rule")

    def test_10_canonical(self, trial: Trial) -> None:
        """Law 10. The canonical form is idempotent; what was sent, echoed and read agree in it."""

        @settings(
            max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(HOSTILE)
        def is_idempotent(value: str) -> None:
            for kind, about in trial.schema.kinds.items():
                for path, own in about.fields.items():
                    once = own.canonical(value)
                    assert own.canonical(once) == once, f"{kind} {path}: the canonical form has another one"
                    if own.on_ascii is not None and value.isascii():
                        simple = value.lower() if own.on_ascii == "lower" else value
                        assert once == simple, f"{kind} {path}: on_ascii is not what canonical does"

        is_idempotent()
        for kind, route in _creating(trial):
            if kind == "user" or route.delivery == "now":
                _agrees(trial, kind, route)

    def test_18_forces(self, trial: Trial) -> None:
        """Law 18. What a route forces is what is read afterwards."""
        tried = False
        for route, verb in trial.ways("create", "update"):
            if not route.forces:
                continue
            operations = trial.operations(route, verb)
            assert operations or verb == "update", (
                f"{route.name}: no sample can be tried: {route.takes(trial.create(route.kind))}"
            )
            if not operations:
                continue
            tried = True
            ended = trial.send(route, operations)
            assert ended.is_done, f"{route.kind} {route.name}: {ended.failures or ended.error}"
            record = trial.record(route.kind, str(operations[0].id or trial.id_of(operations[0], ended.outcomes)))
            for path, value in route.forces.items():
                read = trial.canonical(route.kind, path, record.values.get(path))
                assert read == trial.canonical(route.kind, path, value), f"{route.name}: {path} is not what it forces"
        if not tried:
            does_not_apply("no route forces anything")

    def test_20_companions(self, trial: Trial) -> None:
        """Law 20. Changing one field leaves its companions at the desired value."""
        tried = False
        for route, _ in trial.ways("update"):
            fields = trial.schema.kinds[route.kind].fields
            for path, own in fields.items():
                along = {flag for flag in own.companions if flag in fields and fields[flag].write == "always"}
                made, id = trial.make(route.kind) if along and own.write == "always" else (None, None)
                if made is None or id is None or path not in made.changes:
                    continue
                new = trial.world.value(route.kind, path, own, trial.world.number())
                sent = {path: Put(new), **{flag: made.changes[flag] for flag in along if flag in made.changes}}
                operation = replace(made, verb="update", changes=sent, id=id)
                if route.takes(operation) is not None:
                    continue
                tried = True
                ended = trial.send(route, (operation,))
                assert ended.is_done, f"{route.kind} {path}: {ended.failures or ended.error}"
                values = trial.record(route.kind, id).values
                for other, put in sent.items():
                    wanted = trial.canonical(route.kind, other, put.value) if isinstance(put, Put) else None
                    read = trial.canonical(route.kind, other, values.get(other))
                    assert read == wanted, f"{route.kind}: {other} is not as desired after {path} changed"
        if not tried:
            does_not_apply("no field has companions")

    def test_21_delete(self, trial: Trial) -> None:
        """Law 21. Delete is what delete_is says; creating again is done or held, never "exists"."""
        tried = False
        for route, verb in trial.ways("delete"):
            operations = trial.operations(route, verb)
            if not operations:
                continue
            tried = True
            kind, id = route.kind, operations[0].id
            created = trial.created[str(id)]
            ended = trial.send(route, operations)
            assert ended.is_done, f"{kind}: {ended.failures or ended.error}"
            how = trial.schema.kinds[kind].delete_is
            if how == "hard":
                assert trial.get(kind, id) is None, f"{kind}: deleted, and in the world"
            elif how == "disable":
                values = trial.record(kind, str(id)).values
                paths = trial.schema.kinds[kind].with_role("enabled")
                assert all(values.get(path) is False for path in paths), f"{kind}: deleted, and enabled"
                continue
            again = next((one for own, one in _creating(trial) if own == kind), None)
            if again is None:  # it comes with its person
                continue
            ended = trial.send(again, (created,))
            codes = {failure.code for failure in ended.failures}
            assert codes <= {Code.HELD_BY_DELETED}, f"{kind}, made again after its delete: {codes}"
        if not tried:
            does_not_apply("nothing can be deleted")


def _creating(trial: Trial, *, alone: bool = False) -> Iterator[tuple[Kind, Route]]:
    """For each kind the first route that creates one at once; alone: the one the engine takes for a single record.

    A route for many may leave rules to the plan that the other enforces.
    """
    seen: set[Kind] = set()
    ways = list(trial.ways("create"))
    for route, _ in sorted(ways, key=lambda way: way[0].worth) if alone else ways:
        if route.kind not in seen and route.delivery == "now" and route.takes(trial.create(route.kind)) is None:
            seen.add(route.kind)
            yield route.kind, route


def _violations(trial: Trial, kind: Kind) -> Iterator[tuple[Operation, str]]:
    """Creates that break one rule each, and which."""
    about = trial.schema.kinds[kind]
    for path, own in about.fields.items():
        good = trial.create(kind)
        if path not in good.changes:
            continue
        for value, why in _wrong(own, good.changes[path]):
            yield _with(trial.create(kind), path, value), f"{path} {why}"
        if own.required:
            rest = {name: change for name, change in good.changes.items() if name != path}
            yield replace(good, changes=rest), f"{path} is missing"
    for paths in about.any_of:
        good = trial.create(kind)
        rest = {name: change for name, change in good.changes.items() if name not in paths}
        yield replace(good, changes=rest), f"none of {', '.join(sorted(paths))}"
    for refs, most in about.at_most:
        if most < _TOO_MANY and refs == {"user"}:
            first = trial.create(kind)
            for _ in range(most):
                _make_like(trial, kind, first)
            yield trial.create(kind, first.refs), f"more than {most} a {', '.join(sorted(refs))}"


def _make_like(trial: Trial, kind: Kind, first: Operation) -> None:
    route = next(route for route, _ in trial.ways("create") if route.kind == kind and route.delivery == "now")
    ended = trial.send(route, (trial.create(kind, first.refs),))
    assert ended.is_done, f"{kind}: {ended.failures or ended.error}"


def _wrong(own: FieldSchema, change: object) -> Iterator[tuple[Value, str]]:
    if own.type != "text" or not isinstance(change, Put) or not isinstance(change.value, str):
        return
    if own.max_length is not None and own.max_length < 5000:
        long = change.value + change.value[-1] * (own.max_length + 1 - len(change.value))
        yield long, f"has more than {own.max_length} characters"
    if own.pattern is not None:
        wrong = next((value for value in (" ", "§", "x" * 3, "") if not fits(own, value)), None)
        if wrong is not None:
            yield wrong, f"is {wrong!r}, which does not fit its pattern"


def _with(operation: Operation, path: Path, value: Value) -> Operation:
    return replace(operation, changes={**operation.changes, path: Put(value)})


def _found_by_the_plan(trial: Trial) -> None:
    """People who break one rule each are held or left without the field: the destination refuses nobody."""
    users = trial.schema.kinds["user"]
    probe = trial.migration("law-9", [])
    people = []
    for path, name in probe.names.of.items():
        (sample,) = people_of(trial, [Sketch()], belongings=False)
        for value, _ in _wrong(users.fields[path], Put(sample.values.get(name))):
            (person,) = people_of(trial, [Sketch()], belongings=False)
            person.values[name] = value
            people.append(person)
        if users.fields[path].required:
            del sample.values[name]
            people.append(sample)
    if not people:
        return
    migration = trial.migration("law-9", people)
    report = migration.apply()
    assert not report["failures"], f"the plan found nothing, the destination refused: {report['failures']}"
    assert migration.findings(), "rules are broken, and the plan has nothing to say"


def _cleared_or_held(trial: Trial) -> None:
    """Values the source has no more: each is cleared or held by the plan; the destination refuses none."""
    users = trial.schema.kinds["user"]
    people = people_of(trial, [Sketch()], belongings=False)
    migration = trial.migration("law-9-cleared", people, unmapped="clear")
    assert not migration.apply()["failures"]
    mapped = migration.names.of.items()
    lost = [(path, name) for path, name in mapped if name in people[0].values and _may_be_lost(users, path)]
    for _, name in lost:
        del people[0].values[name]
    report = migration.apply()
    assert not report["failures"], f"a value is gone, and the destination refused to clear it: {report['failures']}"
    assert not [row for row in migration.plan() if row.kind == "user"], "what cannot be cleared is sent again"
    if any(not users.fields[path].clearable for path, _ in lost):
        assert "FIELD_NOT_CLEARABLE" in migration.findings(), "a value that stays is not spoken of"


def _may_be_lost(users: KindSchema, path: Path) -> bool:
    own = users.fields[path]
    return (
        not own.required
        and not own.roles
        and own.read == "listed"
        and own.only_with is None
        and not (
            own.verified_by
            or any(other.verified_by == path for other in users.fields.values())
            or any(path in paths for paths in users.any_of)
        )
    )


def _refused_by_the_plan(trial: Trial) -> None:
    """Whom a pinned way of creating people does not take is held by the plan, and nobody fails for it."""
    for method in sorted({route.method for route, _ in trial.ways("create") if route.kind == "user"}):
        people = people_of(trial, [Sketch(enabled=enabled) for enabled in (True, False)], belongings=False)
        report = trial.migration("law-9-route", people, method=method).apply()
        assert not report["failures"], f"`method: {method}` refused what was planned: {report['failures']}"


def _agrees(trial: Trial, kind: Kind, route: Route) -> None:
    """Hostile texts: refused, or read and echoed as they were sent, in the canonical form."""
    about = trial.schema.kinds[kind]

    @settings(
        max_examples=trial.world.examples, deadline=None, database=None, derandomize=True,
        phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(HOSTILE)
    def agrees(value: str) -> None:
        operation = trial.create(kind)
        free = [
            path for path, own in about.fields.items()
            if path in operation.changes and own.type == "text" and fits(own, value) and not own.roles
            and own.read != "never" and not trial.is_key(kind, path)
        ]  # fmt: skip
        sent = replace(operation, changes={**operation.changes, **{path: Put(value) for path in free}})
        if route.takes(sent) is not None:
            return
        ended = trial.send(route, (sent,))
        if ended.failures:
            assert {failure.code for failure in ended.failures} <= {Code.INVALID, Code.TAKEN, Code.EXISTS}, (
                ended.failures
            )
            return
        echoes = [one.echo for one in ended.outcomes if one.echo is not None and one.address == sent.address]
        for record in (trial.record(kind, str(trial.id_of(sent, ended.outcomes))), *echoes):
            for path in free:
                if path in record.values or record not in echoes:
                    read = trial.canonical(kind, path, record.values.get(path))
                    assert read == trial.canonical(kind, path, value), f"{kind} {path}: reads back as something else"

    if kind not in ("attribute",):
        agrees()
