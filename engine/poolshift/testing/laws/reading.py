"""Laws 11, 12, 19 and 25: what readers tell."""

from itertools import chain

from poolshift.errors import PoolshiftError
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.plan.canaries import canaries
from poolshift.provider.operation import Failed, Put
from poolshift.provider.schema import Schema
from poolshift.provider.session import Complete
from poolshift.provider.verb import Verb
from poolshift.testing.breakage import BREAKAGES
from poolshift.testing.laws.contract import Contract
from poolshift.testing.trial import KINDS, Listed, Trial, listed

_UNKNOWN = "no-such-value"


class ReadingLaws(Contract):
    """Readings and lookups. Both ends keep these; a source is tried on what its world put into it."""

    def test_11_a_reading_ends_once(self, trial: Trial) -> None:
        """Law 11. Every kind ends once; Complete only with the world's count, also if a call breaks or people move."""
        there = furnished(trial, trial.world.page + 1)
        kinds = readable(trial.schema)
        found = trial.read(*kinds)
        for kind in kinds:
            own = found.get(kind, Listed())
            assert len(own.ends) == 1, f"{kind}: ended {len(own.ends)} times"
            assert not own.late, f"{kind}: a page came after the end"
            (end,) = own.ends
            if isinstance(end, Complete):
                assert end.count == len(own.ids), f"{kind}: {end.count} told, {len(own.ids)} read"
                assert there.get(kind, set()) <= own.ids, f"{kind}: complete, and a record of the world is missing"
        _cut(trial, kinds, {kind: own.ids for kind, own in found.items()})
        _moved(trial)

    def test_12_lookup(self, trial: Trial) -> None:
        """Law 12. Every value is answered once, none is sure and wrong, also of what was just made; every key finds."""
        furnished(trial)
        found = trial.read(*readable(trial.schema))
        for kind, own in found.items():
            for key in trial.schema.kinds[kind].keys:
                values = [value for record in own.records[-3:] if (value := key_of(record, key.path)) is not None]
                asked = [*dict.fromkeys(values), *(f"{_UNKNOWN}-{number}" for number in range(key.at_once + 1))]
                answers = list(trial.reader().lookup(kind, key.path, asked))
                about = f"{kind} by {key.path}"
                assert sorted(one.value for one in answers) == sorted(asked), f"{about}: not every value once"
                by_value = {one.value: one for one in answers}
                for record in own.records[-3:]:
                    value = key_of(record, key.path)
                    if value is None:
                        continue
                    ids = {one.id for one in by_value[value].records}
                    assert record.id in ids or not by_value[value].sure, f"{about}: sure, and wrong"
                    assert record.id in ids or key.lag > trial.world.unlisted, f"{about}: not found"
                for value in asked:
                    if value.startswith(_UNKNOWN):
                        assert not by_value[value].records, f"{about}: somebody is found by nothing"
        _just_made(trial)

    def test_19_ids(self, trial: Trial) -> None:
        """Law 19. Ids are the same from reading, lookup and outcome; an id that was chosen is kept."""
        told = {}
        for route, _ in trial.ways("create"):
            if operations := trial.operations(route, "create"):
                ended = trial.send(route, operations)
                assert ended.is_done, f"{route.kind} {route.name}: {ended.failures or ended.error}"
                told[route.kind, route.name] = operations[0], ended.outcomes
        found = trial.read(*readable(trial.schema))
        for (kind, name), (operation, outcomes) in told.items():
            about = f"{kind} {name}"
            id = trial.id_of(operation, outcomes)
            assert id is not None, f"{about}: nobody knows its id"
            listed_ids = found[kind].ids if kind in found and isinstance(found[kind].ends[0], Complete) else None
            assert listed_ids is None or id in listed_ids, f"{about}: read under another id"
            if any(key.path == "id" for key in trial.schema.kinds[kind].keys):
                ids = [record.id for record in trial.find(kind, "id", id).records]
                assert ids == [id], f"{about}: looked up under another id"
            echoes = {one.echo.id for one in outcomes if one.echo is not None and one.address == operation.address}
            assert echoes <= {id}, f"{about}: echoed under another id"
            chosen = operation.changes.get("id")
            assert not isinstance(chosen, Put) or chosen.value == id, f"{about}: the chosen id was not kept"
        for own in found.values():
            assert len(own.ids) == len({record.id for record in own.records if record.id}), "a record without an id"

    def test_25_documented_covers_live(self, trial: Trial) -> None:
        """Law 25. documented() and schema() agree on kinds and paths; what is only assumed can be read back."""
        documented, live = trial.observed.documented(trial.settings), trial.schema
        blind = _blind(documented) + _blind(live)
        assert not blind, f"assumed to work, and a lookup by id cannot show whether it does: {blind}"
        assert live.kinds.keys() <= documented.kinds.keys(), "a kind is nowhere documented"
        for kind, about in live.kinds.items():
            missing = [path for path in about.fields if documented.kinds[kind].field_at(path) is None]
            assert not missing, f"{kind}: not documented: {missing}"
        both = live.kinds.keys() & documented.absent.keys()
        assert not both, f"documented as absent, and there: {sorted(both)}"
        lost = documented.kinds.keys() - live.kinds.keys() - live.absent.keys()
        assert not lost, f"documented, not there, and not told why: {sorted(lost)}"


def _just_made(trial: Trial) -> None:
    """A record a moment old, which an index may not know yet: no key may be sure that it is not there."""
    for route, _ in trial.ways("create"):
        operations = trial.operations(route, "create") if route.delivery == "now" else ()
        ended = trial.send(route, operations[:1]) if operations else None
        id = next((own.id for own in ended.outcomes if own.id is not None), None) if ended is not None else None
        if id is None:
            continue
        for key in trial.schema.kinds[route.kind].keys:
            sent = operations[0].changes.get(key.path)
            value = id if key.path == "id" else sent.value if isinstance(sent, Put) else None
            if isinstance(value, str) and value:
                found = trial.find(route.kind, key.path, value)
                known = id in {record.id for record in found.records}
                assert known or not found.sure, f"{route.kind} by {key.path}: just made, and sure that it is not there"


def _blind(schema: Schema) -> list[tuple[Kind, Verb]]:
    """What is only assumed to work, and apply could not read canary rows of it back."""
    return [
        (kind, verb)
        for kind, about in schema.kinds.items()
        for verb, support in about.verbs.items()
        if support.evidence == "assumed" and not canaries(schema, kind, verb)
    ]


def readable(schema: Schema) -> tuple[Kind, ...]:
    """Kinds a reading gives, parents first."""
    return tuple(kind for kind in KINDS if kind in schema.kinds and schema.kinds[kind].reading.how != "never")


def key_of(record: Record, path: Path) -> str | None:
    """The value of a record a key finds it by."""
    if path == "id":
        return record.id
    ref = record.refs.get(path)
    value = ref.id if ref is not None else record.values.get(path)
    return value if isinstance(value, str) and value else None


def furnished(trial: Trial, people: int = 3) -> dict[Kind, set[str]]:
    """Records of every kind that can be made, put by the world where it can, else by the provider; their ids.

    With them all that was there from the beginning.
    """
    there: dict[Kind, set[str]] = {kind: set(ids) for kind, ids in trial.world.there().items()}
    for kind in KINDS:
        if kind not in trial.schema.kinds:
            continue
        for _ in range(max(people, 3) if kind == "user" else 1):
            if (id := _put(trial, kind)) is not None:
                there.setdefault(kind, set()).add(id)
    trial.world.wait(trial.world.unlisted)
    return there


def _put(trial: Trial, kind: Kind) -> str | None:
    if not any(kind in {route.kind, *route.carries} for route, _ in trial.ways("create")):
        return None
    if trial.schema.kinds[kind].arrives == "with_parent":
        return trial.make(kind)[1]
    operation = trial.create(kind)
    values = {
        path: trial.canonical(kind, path, change.value)
        for path, change in operation.changes.items()
        if isinstance(change, Put)
    }
    refs = {path: str(ref.id) for path, ref in operation.refs.items()}
    try:
        return trial.world.put(kind, values, refs)
    except NotImplementedError:
        return trial.make(kind)[1]


def _moved(trial: Trial) -> None:
    """Somebody of the first page is deleted before the second is read: nobody else is passed over."""
    route = next((route for route, _ in trial.ways("delete") if route.kind == "user" and route.delivery == "now"), None)
    if route is None or "user" not in readable(trial.schema):
        return
    before = trial.read("user")["user"].ids
    pages = trial.reader().read(trial.want("user"))
    first = next(pages)
    gone: set[str] = set()
    if first.end is None and first.records:
        gone = {first.records[0].id}
        ended = trial.send(route, [trial.delete(trial.create("user"), first.records[0].id)])
        assert ended.is_done, f"user: a person cannot be deleted while a reading goes on: {ended.failures}"
    own = listed(chain([first], pages))["user"]
    passed_over = before - gone - own.ids
    whole = all(isinstance(end, Complete) for end in own.ends)
    assert not (whole and passed_over), "user: complete, and somebody was passed over while another one went"


def _cut(trial: Trial, kinds: tuple[Kind, ...], there: dict[Kind, set[str]]) -> None:
    """From some request on nothing answers any more: the reading is not complete, or ends the command."""
    with trial.as_reader():
        trial.read(*kinds)
        requests = trial.watch.requests
    for wire in sorted(trial.watch.wires):
        faults = BREAKAGES[wire]
        for point in range(min(requests, trial.world.points)):
            fault = faults[point % len(faults)]
            with trial.watch.broken(point, fault, writer=False, lasting=True):
                try:
                    found = listed(trial.reader().read(trial.want(*kinds)))
                except (PoolshiftError, Failed):
                    continue
            for kind in kinds:
                own = found.get(kind, Listed())
                whole = own.ends and all(isinstance(end, Complete) for end in own.ends)
                missing = there.get(kind, set()) - own.ids
                assert not (whole and missing), f"{kind}: {fault.value} at request {point}, and the reading is complete"
