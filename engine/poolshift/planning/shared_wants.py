"""Which shared records a migration needs at the destination, and what they should hold."""

from collections.abc import Iterable, Mapping

from poolshift.gather.gathered import Gathered
from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Value
from poolshift.mapping.mapper import Mapper
from poolshift.mapping.shared import desired_attributes
from poolshift.plan.shared import SharedWant
from poolshift.plan.tally import Tally
from poolshift.planning.session import Session
from poolshift.spec.model import Attributes

Parent = tuple[Kind, tuple[str, ...]]


def shared_wants(session: Session, mapper: Mapper, gathered: Gathered, tally: Tally) -> list[SharedWant]:
    """Attributes, organizations, roles, groups; a parent before its children, then by name."""
    kinds = session.destination.schema.kinds
    wants = _attributes(session, gathered, tally)
    groups = _source_groups(mapper, gathered.source_parents.get("group", []), tally)
    parents = {*tally.parents, *groups}
    organizations = _organizations(session, gathered, parents)
    for key in sorted(organizations) if "organization" in kinds else ():
        own = mapper.organizations.desired(key)
        fields: dict[str, Value] = {"key": key, "name": own.name, "domains": frozenset(own.domains), **own.settings}
        wants.append(SharedWant("organization", (key,), {p: v for p, v in fields.items() if v}, own.create))
    for finding in mapper.organizations.twice(organizations):
        tally.find(finding.code, finding.address)
    for kind, parts in sorted(parents):
        if kind in ("role", "group") and kind in kinds:
            wants.append(
                _member_parent(kind, parts, groups.get((kind, parts)), create=_may_create(mapper, kind, parts, groups))
            )
    return wants


def _attributes(session: Session, gathered: Gathered, tally: Tally) -> list[SharedWant]:
    """What the fields need declared; where the spec declares nothing, what is missing stops the plan.

    The documented schema tells which fields need declaring: in the live one those declared before are fields.
    """
    spec = session.spec
    declares_nothing = spec.attributes.mode == "none"
    asked = spec.model_copy(update={"attributes": Attributes(mode="auto")}) if declares_nothing else spec
    wanted = desired_attributes(asked, session.destination.documented, session.source.schema)
    if not declares_nothing:
        return [SharedWant("attribute", (str(own["name"]),), own) for own in wanted]
    there = gathered.shared.records.get("attribute", {})
    for own in wanted:
        if (str(own["name"]),) not in there:
            tally.find("ATTRIBUTE_UNDECLARED", address("attribute", str(own["name"])))
    return []


def _organizations(session: Session, gathered: Gathered, parents: Iterable[Parent]) -> set[str]:
    named = {parts[0] for kind, parts in parents if kind == "organization"}
    scoped = {
        parts[0].removeprefix("organization:")
        for kind, parts in parents
        if kind == "role" and parts[0].startswith("organization:")
    }
    items = session.spec.organizations.items if session.spec.organizations is not None else {}
    used = gathered.organizations if session.spec.organizations is not None else frozenset()
    return {*named, *scoped, *items, *used}


def _source_groups(mapper: Mapper, records: list[Record], tally: Tally) -> dict[Parent, Record]:
    """Destination parents of every source group, also of those without members; the smallest group name describes."""
    found: dict[Parent, Record] = {}
    for record in sorted(records, key=lambda record: record.id):
        name = str(record.values.get("name", record.id))
        for code, message in mapper.groups.codes(name, ()):
            if code == "GROUP_UNMAPPED":
                tally.find(code, address("group", name), message=message)
        for element in mapper.groups.elements(name, ()):
            found.setdefault((element.parent_kind, element.parent_parts), record)
        if record.values.get("role_arn"):
            tally.find("GROUP_ROLE_ARN", address("group", name))
    return found


def _may_create(mapper: Mapper, kind: Kind, parts: tuple[str, ...], groups: Mapping[Parent, Record]) -> bool:
    record = groups.get((kind, parts))
    if record is None:
        return True
    name = str(record.values.get("name", record.id))
    return all(element.create for element in mapper.groups.elements(name, ()))


def _member_parent(kind: Kind, parts: tuple[str, ...], record: Record | None, *, create: bool) -> SharedWant:
    fields: dict[str, Value] = {"name": parts[-1]}
    refs = {}
    if kind == "role":
        if parts[0]:
            fields["scope"] = parts[0]
        if parts[0].startswith("organization:"):
            refs["organization"] = address("organization", parts[0].removeprefix("organization:"))
    if record is not None:
        for path in ("description", "precedence"):
            if record.values.get(path) is not None:
                fields[path] = record.values[path]
    return SharedWant(kind, parts, fields, create, refs, whole=record is not None)
