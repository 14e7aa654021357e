"""A small planner for tests: desired population against the world and the base, by the simplest of rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from poolshift import canonical
from poolshift.identity.address import address, parse
from poolshift.identity.record import Record
from poolshift.plan.change import WRITES, Change, Effect, FieldDecision
from poolshift.plan.element_keys import ElementKeys
from poolshift.planning.planned import PlanRows, Row
from poolshift.provider.schema import Schema
from poolshift.provider.session import Reader
from poolshift.state.base import ABSENT_FP, Base, Pair
from poolshift.state.store import Store
from tests.apply.world import World

MIGRATION = "acme"
PATHS = ("email", "name", "plan", "enabled", "secret", "external_id", "owner")
RULES = dict.fromkeys((*PATHS, "description"), "enforce")


@dataclass
class Person:
    values: dict[str, Any]
    groups: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    delete: bool = False


@dataclass
class Population:
    """People by source id; groups by name with the name of their parent."""

    people: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanRow:
    address: str
    person: str
    action: str
    rule: str
    class_id: str
    desired: bytes
    actual: bytes
    records: bool


@dataclass
class PlanFile:
    """Decisions of a plan, in memory."""

    id: str
    digest: str
    by_address: dict[str, PlanRow]
    document: Mapping[str, Any]

    def find(self, address: str) -> Row | None:
        return self.by_address.get(address)

    def rows(self) -> Iterator[Row]:
        yield from self.by_address.values()

    def of_class(self, class_id: str) -> Iterator[Row]:
        yield from (row for row in self.by_address.values() if row.class_id == class_id)


class Planner:
    """Implements `Planned`. ``marker``: records are found by external_id, else by e-mail."""

    def __init__(self, population: Population, world: World, store: Store, partitions: int = 3) -> None:
        self._population = population
        self._world = world
        self._store = store
        self._rules = store.rule_set(RULES)
        self._keys = ElementKeys(store.keys.fingerprints)
        self._partitions = partitions
        self._marker = "external_id" in world.schema.kinds["user"].fields
        self._shared = self._decide_shared()
        self._changes = [self._decide(source_id) for source_id in sorted(population.people)]
        everything = [*self._shared, *(change for changes in self._changes for change in changes)]
        self._plan = _plan_file(everything)

    @property
    def plan(self) -> PlanRows:
        return self._plan

    @property
    def schema(self) -> Schema:
        return self._world.schema

    @property
    def destination(self) -> Reader:
        return _ReaderOnly(self._world)

    @property
    def partitions(self) -> int:
        return self._partitions

    @property
    def writes(self) -> list[Change]:
        everything = [*self._shared, *(change for changes in self._changes for change in changes)]
        return [change for change in everything if change.action in WRITES]

    def shared(self) -> Sequence[Change]:
        return self._shared

    def changes(self, partition: int) -> Iterator[Change]:
        for changes in self._changes[partition :: self._partitions]:
            yield from changes

    def observe(self, record: Record, paths: Sequence[str]) -> Mapping[str, bytes]:
        kind = self._world.schema.kinds[record.kind]
        listed = [path for path in paths if (field := kind.field_at(path)) is not None and field.read == "listed"]
        return {path: self._fp(path, record.values.get(path)) for path in listed}

    def element_fingerprint(self, address: str) -> bytes:
        return self._keys.key_of_address(address)

    def _fp(self, path: str, value: Any) -> bytes:
        return ABSENT_FP if value is None else self._store.keys.fingerprints.of_value(path, value)

    def _digest(self, values: Mapping[str, Any]) -> bytes:
        return self._store.keys.fingerprints.of_bytes(canonical.encode(dict(values)))

    def _decide_shared(self) -> list[Change]:
        there = {values["name"] for values in self._world.groups.values()}
        changes = []
        for name, parent in self._population.groups.items():
            if name in there:
                continue
            own = address("group", name)
            refs = {"parent": address("group", parent)} if parent else {}
            ids = {} if not parent or (id := self._group_id(parent)) is None else {"parent": id}
            effect = Effect({"name": name}, refs, ids, Base(own, "", self._rules))
            changes.append(Change(own, "group", "create", "R1", desired=self._digest({"name": name}), effect=effect))
        return changes

    def _group_id(self, name: str) -> str | None:
        return next((id for id, values in self._world.groups.items() if values["name"] == name), None)

    def _found(self, source_id: str, person: Person, base: Base | None) -> Record | None:
        if base is not None and base.destination_id in self._world.users:
            return self._world.record_of(base.destination_id)
        key, value = ("external_id", source_id) if self._marker else ("email", person.values["email"])
        ids = [id for id, values in self._world.users.items() if values.get(key) == value]
        return self._world.record_of(ids[0]) if ids else None

    def _decide(self, source_id: str) -> list[Change]:
        person = self._population.people[source_id]
        base = self._store.person(source_id)
        record = self._found(source_id, person, base)
        desired = dict(person.values)
        if self._marker:
            desired |= {"external_id": source_id, "owner": MIGRATION}
        if person.delete:
            return self._delete(source_id, record)
        own = self._own(source_id, desired, record, base)
        elements = self._elements(source_id, person, record, base)
        return [*([own] if own is not None else []), *elements]

    def _delete(self, source_id: str, record: Record | None) -> list[Change]:
        if record is None:
            return []
        row = self._row(source_id, "delete", record, {}, {}, Effect(drop=True))
        return [row]

    def _own(self, source_id: str, desired: dict[str, Any], record: Record | None, base: Base | None) -> Change | None:
        pairs: dict[str, Pair] = {path: self._pair(path, value, base) for path, value in desired.items()}
        actual = dict(record.values) if record is not None else {}
        values = {path: value for path, value in desired.items() if self._differs(path, value, actual, base)}
        elements = dict(base.elements) if base is not None else {}
        quiet = (self._digest(desired), self._digest({**actual, **values}))
        after = Base(source_id, record.id if record is not None else "", self._rules, quiet, False, pairs, elements)
        effect = Effect(values=values, base=after)
        if record is None:
            return self._row(source_id, "create", None, desired, actual, effect)
        if base is None:
            return self._row(source_id, "adopt", record, desired, actual, effect)
        if values:
            return self._row(source_id, "update", record, desired, actual, effect)
        settled = base.destination_id == record.id and base.fields == pairs
        return None if settled else self._row(source_id, "noop", record, desired, actual, effect)

    def _pair(self, path: str, value: Any, base: Base | None) -> Pair:
        """A difference that was left on purpose stays while the source says the same."""
        before = base.fields.get(path) if base is not None else None
        own = self._fp(path, value)
        return before if before is not None and before[0] == own else (own, own)

    def _differs(self, path: str, value: Any, actual: Mapping[str, Any], base: Base | None) -> bool:
        if path == "secret":
            return base is None or base.fields.get(path, (b"", b""))[0] != self._fp(path, value)
        if base is not None and path in base.fields and base.fields[path][0] == self._fp(path, value):
            return base.fields[path][1] != self._fp(path, actual.get(path))
        return bool(actual.get(path) != value)

    def _row(
        self,
        source_id: str,
        action: Any,
        record: Record | None,
        desired: Mapping[str, Any],
        actual: Mapping[str, Any],
        effect: Effect,
    ) -> Change:
        return Change(
            address("user", source_id),
            "user",
            action,
            "R",
            source_id,
            record.id if record is not None else None,
            tuple(
                FieldDecision(path, "F", "enforce", "set", self._fp(path, effect.values[path]))
                for path in effect.values
            ),
            self._digest(desired),
            self._digest({path: value for path, value in actual.items() if path != "created"}),
            records=action == "noop",
            effect=effect,
        )

    def _elements(self, source_id: str, person: Person, record: Record | None, base: Base | None) -> list[Change]:
        names = {id: values["name"] for id, values in self._world.groups.items()}
        id = record.id if record is not None else None
        there = {address("group_member", source_id, names[group]) for user, group in self._world.seats if user == id}
        there |= {self._link(source_id, *link) for link, user in self._world.links.items() if user == id}
        wanted = {address("group_member", source_id, name): name for name in person.groups}
        links = {self._link(source_id, *link): link for link in person.links}
        ours = base.elements if base is not None else {}
        changes = []
        for own in sorted({*wanted, *links, *there}):
            key = self._keys.key_of_address(own)
            is_wanted, is_there, was = own in wanted or own in links, own in there, key in ours
            if is_wanted and (not is_there or not was):
                action = "adopt" if is_there else "add"
            elif is_there and was and not is_wanted:
                action = "remove"
            else:
                continue
            changes.append(self._element(source_id, own, action, id, _group_of(own), links.get(own), key, is_there))
        return changes

    def _link(self, source_id: str, provider: str, subject: str) -> str:
        return address("link", source_id, *self._keys.link_parts(provider, subject))

    def _element(
        self,
        source_id: str,
        own: str,
        action: Any,
        user: str | None,
        group: str | None,
        link: tuple[str, str] | None,
        key: bytes,
        is_there: bool,
    ) -> Change:
        refs, ids = {"user": address("user", source_id)}, {}
        if user is not None:
            ids["user"] = user
        if group is not None:
            refs["group"] = address("group", group)
            if (group_id := self._group_id(group)) is not None:
                ids["group"] = group_id
        values = {"provider": link[0], "subject": link[1]} if link else {}
        wanted = action != "remove"
        return Change(
            own,
            "link" if own.startswith("link") else "group_member",
            action,
            "S",
            source_id,
            desired=key if wanted else ABSENT_FP,
            actual=key if is_there else ABSENT_FP,
            effect=Effect(values, refs, ids),
        )


class _ReaderOnly:
    """The reading half of the world, so that nothing can write by accident."""

    def __init__(self, world: World) -> None:
        self.fingerprint = world.fingerprint
        self.access = world.access
        self.read = world.read
        self.lookup = world.lookup
        self._schema = world.schema

    def schema(self) -> Schema:
        return self._schema


def _plan_file(changes: Sequence[Change]) -> PlanFile:
    counts: dict[tuple[str, str], int] = {}
    rows: dict[str, PlanRow] = {}
    for change in changes:
        counts[change.kind, change.action] = counts.get((change.kind, change.action), 0) + 1
        rows[change.address] = PlanRow(
            change.address, change.person, change.action, change.rule, "", change.desired, change.actual, change.records
        )
    summary = [{"kind": kind, "action": action, "count": count} for (kind, action), count in sorted(counts.items())]
    digest = canonical.digest([[row.address, row.action, row.desired.hex(), row.actual.hex()] for row in rows.values()])
    return PlanFile(digest[:12], digest, rows, {"summary": summary})


def _group_of(own: str) -> str | None:
    """The group a membership's address ends in."""
    kind, parts = parse(own)
    return parts[-1] if kind == "group_member" else None
