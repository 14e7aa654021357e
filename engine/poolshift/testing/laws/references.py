"""Law 17: what records refer to, and children that ride in the create of their person."""

from dataclasses import replace

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Operation, Put
from poolshift.provider.schema import Route, Schema
from poolshift.testing.laws.contract import Contract
from poolshift.testing.laws.reading import furnished, readable
from poolshift.testing.trial import Trial


class ReferenceLaws(Contract):
    """Who belongs to whom."""

    def test_17_references(self, trial: Trial) -> None:
        """Law 17. References have no cycle, and each is filled; a child that was folded in equals one sent alone."""
        kinds = trial.schema.kinds
        assert not _cycle(trial.schema), f"the kinds refer to each other: {_cycle(trial.schema)}"
        for route in trial.schema.routes:
            for kind in route.carries & kinds.keys():
                assert kinds[kind].arrives in ("either", "with_parent"), f"{route.name} carries {kind}"
        furnished(trial)
        for kind, own in trial.read(*readable(trial.schema)).items():
            needed = [path for path, about in kinds[kind].fields.items() if about.ref is not None and about.required]
            for record in own.records:
                for path in needed:
                    ref = record.refs.get(path)
                    filled = ref is not None and bool(ref.id or ref.key)
                    assert filled, f"{kind}: the reference {path} is not filled"
        for route, _ in trial.ways("create"):
            for kind in sorted(route.carries & kinds.keys()):
                if kinds[kind].arrives == "either":
                    _equals_alone(trial, route, kind)


def _cycle(schema: Schema) -> list[Kind]:
    left = {kind: {own.ref for own in about.fields.values() if own.ref} for kind, about in schema.kinds.items()}
    while ready := [kind for kind, refs in left.items() if not refs & left.keys() - {kind}]:
        for kind in ready:
            del left[kind]
    return sorted(left)


def _equals_alone(trial: Trial, route: Route, kind: Kind) -> None:
    """One child in the create of its person, another one sent to a person who is there: both read as sent."""
    about = f"{kind} in a {route.kind} by {route.name}"
    person = trial.with_children(route, {kind})
    alone, id = trial.make(kind) if person.children else (None, None)
    if alone is None or id is None:
        return
    ended = trial.send(route, (person,))
    assert ended.is_done, f"{about}: a sample is refused: {ended.failures or ended.error}"
    (child,) = person.children
    user = Ref(person.address, trial.id_of(person, ended.outcomes))
    child = replace(child, refs={**child.refs, "user": user})
    child_id = trial.id_of(child, ended.outcomes)
    assert child_id is not None, f"{about}: it was reported, and is not found"
    rode, came = trial.record(kind, child_id), trial.record(kind, id)
    assert _differs(trial, child, rode) == [], f"{about}: not as it was sent: {_differs(trial, child, rode)}"
    assert _unsent(child, rode) == _unsent(alone, came), f"{about}: not what it is when it is sent alone"


def _differs(trial: Trial, sent: Operation, read: Record) -> list[Path]:
    """Fields and references that read as something else than was sent."""
    fields = trial.schema.kinds[sent.kind].fields
    values = [
        path
        for path, change in sent.changes.items()
        if isinstance(change, Put) and fields[path].read != "never"
        and trial.canonical(sent.kind, path, change.value) != trial.canonical(sent.kind, path, read.values.get(path))
    ]  # fmt: skip
    return values + [path for path, ref in sent.refs.items() if path in read.refs and read.refs[path].id != ref.id]


def _unsent(sent: Operation, read: Record) -> dict[Path, Value]:
    """What the destination added by itself, but for times."""
    return {path: value for path, value in read.values.items() if path not in sent.changes and path != "created"}
