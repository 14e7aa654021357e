"""Stage 0, the source: page -> select -> map -> canonical -> wide rows by person, key rows by value."""

from collections.abc import Callable, Iterable, Mapping
from zlib import crc32

import orjson

from poolshift import canonical
from poolshift.gather.key_types import KeyTypes
from poolshift.gather.rows import IDENTITY, LEFT, MARKER, SELECTED, identifier, safe
from poolshift.gather.spill import Spill
from poolshift.gather.work import Work
from poolshift.identity.address import hash64
from poolshift.identity.finding import Finding
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import UNKNOWN, Value
from poolshift.mapping.desired import Desired, Left
from poolshift.mapping.mapper import Mapper
from poolshift.provider.session import Complete, Page, Partial

Watch = Callable[[Record], bool]


def _tagged(value: object) -> object:
    if value is UNKNOWN:
        return {"$unknown": True}
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _more(desired: Desired) -> bytes:
    """What nearly nobody has, beside fields."""
    if not (desired.organizations or desired.links or desired.findings or desired.unknown):
        return b""
    links = [[link.provider, link.subject, link.trusted] for link in desired.links]
    return orjson.dumps([desired.organizations, links, _told(desired.findings), desired.unknown])


def _told(findings: Iterable[Finding]) -> list[list[str | None]]:
    return [[finding.code, finding.path, finding.message] for finding in findings]


class SourceStage:
    """Takes the source's pages. ``wide``, ``keys`` and ``groups`` are spills; ``parents`` are shared records.

    watch: a person somebody asks about (`explain`); its records are kept in ``watched``.
    """

    def __init__(self, work: Work, mapper: Mapper, types: KeyTypes, watch: Watch | None = None) -> None:
        self.wide = work.spill("source")
        self.keys = work.spill("keys")
        self.groups = work.spill("source-groups")
        self.ends: dict[Kind, Complete | Partial] = {}
        self.parents: dict[Kind, list[Record]] = {}
        self.organizations: set[str] = set()
        self.records = 0
        self.watched: list[Record] = []
        self._shift = work.shift
        self._mask = work.partitions - 1
        self._mapper = mapper
        self._types = types
        self._logins = frozenset(types.login)
        self._watch = watch
        self._raw: Spill | None = work.spill("source-raw") if mapper.needs_groups else None

    def take(self, pages: Iterable[Page], progress: Callable[[str, int], None]) -> None:
        """Read everything. Every wanted kind ends once."""
        for page in pages:
            if page.kind == "user":
                self._take_people(page.records)
                progress("source", self.records)
            elif page.kind == "group_member":
                self._take_members(page.records)
            else:
                self.parents.setdefault(page.kind, []).extend(page.records)
            if page.end is not None:
                self.ends[page.kind] = page.end

    def close(self) -> None:
        """Map what had to wait for its groups, then make the spills immutable."""
        self.groups.close()
        if self._raw is not None:
            self._raw.close()
            for partition in range(self._mask + 1):
                self._map_waiting(partition, self._raw)
        self.wide.close()

    def _take_people(self, records: tuple[Record, ...]) -> None:
        self.records += len(records)
        for record in records:
            if self._watch is not None and self._watch(record):
                self.watched.append(record)
            if self._raw is None:
                self._map(record.id, record.values, ())
            else:
                row = orjson.dumps([record.id, record.values], default=_tagged)
                self._raw.add(hash64(identifier(record.id)) >> self._shift, row)

    def _take_members(self, records: tuple[Record, ...]) -> None:
        last, column = "", b""
        for record in records:
            refs = record.refs
            person, group = refs["user"].id, refs["group"].id
            if person is None or group is None:
                raise ValueError("a source's group_member names the ids of its user and group")
            if group != last or not column:  # members are listed by group
                last, column = group, b"\t" + identifier(group)
            who = identifier(person)
            self.groups.add(hash64(who) >> self._shift, who + column)

    def _map_waiting(self, partition: int, raw: Spill) -> None:
        groups: dict[str, set[str]] = {}
        for row in self.groups.read(partition):
            who, _, group = row.decode().partition("\t")
            groups.setdefault(who, set()).add(group)
        for row in raw.read(partition):
            person, values = orjson.loads(row)
            for name, value in values.items():
                if isinstance(value, dict) and value == {"$unknown": True}:
                    values[name] = UNKNOWN
            self._map(person, values, sorted(groups.get(person, ())))

    def _map(self, person: str, values: Mapping[str, Value], groups: Iterable[str]) -> None:
        who = identifier(person)
        partition = hash64(who) >> self._shift
        desired = self._mapper.map(person, values, tuple(groups))
        born = orjson.dumps([values.get("updated_at"), values.get("created_at"), values.get("username")])
        if isinstance(desired, Left):
            more = orjson.dumps([desired.reason, desired.why, _told(desired.findings)])
            self.wide.add(partition, b"%s\t%s\t%s\t%s\t" % (who, LEFT, born, more))
            return
        more = _more(desired)
        fields = canonical.encode(desired.fields)
        self.wide.add(partition, b"%s\t%s\t%s\t%s\t%s" % (who, SELECTED, born, more, fields))
        self.organizations.update(desired.organizations)
        self._add_keys(who, desired)

    def _add_keys(self, who: bytes, desired: Desired) -> None:
        add, mask, types = self.keys.add, self._mask, self._types
        if types.source_id is not None:
            key = MARKER + safe(desired.source_id)
            add(crc32(key) & mask, b"%s\tS\t%s\t\t" % (key, who))
        proven = desired.verified & self._logins
        rank = b"f" if desired.rank else b"n"
        links = b""
        if desired.rank and desired.links:
            links = orjson.dumps([[link.provider, link.subject, link.trusted] for link in desired.links])
        for key, path in types.of(desired.fields):
            letters = rank + (b"v" if path in proven else b"") + (b"e" if path in types.email else b"")
            add(crc32(key) & mask, b"%s\tS\t%s\t%s\t%s" % (key, who, letters, links))
        for key, path in types.of_verified(desired.fields, proven):
            letters = rank + b"v" + (b"e" if path in types.email else b"")
            add(crc32(key) & mask, b"%s\tS\t%s\t%s\t" % (key, who, letters))
        for link in desired.links:
            key = IDENTITY + safe(f"{link.provider}={link.subject}")
            add(crc32(key) & mask, b"%s\tS\t%s\t\t" % (key, who))
