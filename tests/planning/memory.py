"""Both ends and the state in memory, so that a whole migration is planned thousands of times in a test."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from poolshift.identity.address import hash64
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path
from poolshift.provider.schema import Schema
from poolshift.provider.session import Complete, Found, Page, Partial, Want
from poolshift.state.base import Base
from poolshift.state.keyring import LineageKeys
from poolshift.state.rule_sets import RuleSets
from poolshift.state.store import Resolution, Window

AS_OF = 4_000_000_000.0
"""When an invented export was made: never too old."""


@dataclass
class MemoryEnd:
    """One end that is listed from memory. ``values`` of the records are as the provider spells them.

    pages: users a page. partial: kinds whose reading is cut, with the reason. repeat: read the first page again at the
    end. backwards: pages in reverse.
    """

    own_schema: Schema = field(repr=False)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    tenant: str = "invented"
    page: int = 7
    partial: dict[Kind, str] = field(default_factory=dict)
    repeat: bool = False
    backwards: bool = False

    def copy(self) -> "MemoryEnd":
        users = {own: dict(values) for own, values in self.users.items()}
        kept = {"groups": dict(self.groups), "members": set(self.members), "links": dict(self.links)}
        return replace(self, users=users, partial=dict(self.partial), **kept)  # type: ignore[arg-type]

    def fingerprint(self) -> Mapping[str, str]:
        return {"tenant": self.tenant}

    def schema(self) -> Schema:
        return self.own_schema

    def access(self) -> Mapping[str, bool | None]:
        return {}

    def read(self, want: Want) -> Iterator[Page]:
        for kind in ("group", "user", "group_member", "link", "attribute", "organization", "role"):
            if kind in want.kinds:
                yield from self._pages(kind, self.records(kind))
        for other in ("organization_member", "role_member"):
            if other in want.kinds:
                yield from self._pages(other, [])

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        for value in values:
            yield Found(value, tuple(own for own in self.records(kind) if own.values.get(key) == value))

    def records(self, kind: Kind) -> list[Record]:
        if kind == "user":
            return [Record("user", own, dict(values)) for own, values in self.users.items()]
        if kind == "group":
            return [Record("group", own, {"name": name}) for own, name in self.groups.items()]
        if kind == "group_member":
            return [self._member(user, group) for user, group in sorted(self.members)]
        if kind == "link":
            return [
                Record("link", "/".join(link), {"provider": link[0], "subject": link[1]}, {"user": Ref("", user)})
                for link, user in sorted(self.links.items())
            ]
        return []

    def _member(self, user: str, group: str) -> Record:
        refs = {"user": Ref("", user), "group": Ref("", group, self.groups.get(group, group))}
        return Record("group_member", f"{user}/{group}", {}, refs)

    def _pages(self, kind: Kind, records: list[Record]) -> Iterator[Page]:
        cut = [records[start : start + self.page] for start in range(0, len(records), self.page)]
        if self.backwards:
            cut.reverse()
        if self.repeat:
            cut += cut[:1]
        if kind in self.partial:
            yield from (Page(kind, tuple(own)) for own in cut[: len(cut) // 2])
            yield Page(kind, (), Partial(self.partial[kind]))
            return
        yield from (Page(kind, tuple(own)) for own in cut)
        yield Page(kind, (), Complete(len(records), AS_OF))


@dataclass
class MemoryStore:
    """What planning asks of a state, and a way to put rows into it."""

    lineage: str = field(default="11111111111111111111111111111111", repr=False)
    keys: LineageKeys = field(default_factory=lambda: LineageKeys(b"an invented data key of 32 bytes"), repr=False)
    rows: dict[str, Base] = field(default_factory=dict)
    shared_rows: dict[str, Base] = field(default_factory=dict, repr=False)
    sets: dict[int, dict[Path, str]] = field(default_factory=dict, repr=False)
    pinned: dict[str, dict[str, str]] = field(default_factory=dict)
    resolved: dict[tuple[str, Path], Resolution] = field(default_factory=dict)

    def copy(self) -> "MemoryStore":
        rows, shared = deepcopy(self.rows), deepcopy(self.shared_rows)
        return replace(self, rows=rows, shared_rows=shared, sets=dict(self.sets), resolved=dict(self.resolved))

    def tenants(self) -> Mapping[str, Mapping[str, str]]:
        return self.pinned

    def rule_sets(self) -> Mapping[int, Mapping[Path, str]]:
        return self.sets

    def rule_set(self, rules: Mapping[Path, str]) -> int:
        number = next((own for own, known in self.sets.items() if known == rules), None)
        if number is None:
            number = len(self.sets) + 1
            self.sets[number] = dict(rules)
        return number

    def people(self, low: int = 0, high: int = 1 << 64) -> Iterator[Base]:
        hashed = sorted((hash64(own.encode()), own) for own in self.rows)
        yield from (self.rows[own] for number, own in hashed if low <= number < high)

    def packed(self, low: int = 0, high: int = 1 << 64) -> Iterator[tuple[str, bytes]]:
        packs = RuleSets(self.sets).pack
        yield from ((base.source_id, packs(base)) for base in self.people(low, high))

    def unpack(self, source_id: str, row: bytes) -> Base:
        return RuleSets(self.sets).unpack(source_id, row)

    def pairs(self, low: int = 0, high: int = 1 << 64) -> Iterator[tuple[str, str]]:
        yield from ((base.source_id, base.destination_id) for base in self.people(low, high))

    def person(self, source_id: str) -> Base | None:
        return self.rows.get(source_id)

    def count_people(self) -> int:
        return len(self.rows)

    def shared(self) -> Mapping[str, Base]:
        return self.shared_rows

    def resolutions(self) -> Mapping[tuple[str, Path], Resolution]:
        return self.resolved

    def resolve(self, resolution: Resolution) -> None:
        self.resolved[resolution.address, resolution.path] = resolution

    def open_windows(self) -> Sequence[Window]:
        return ()
