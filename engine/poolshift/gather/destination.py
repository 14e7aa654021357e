"""Stage 0, the destination: page -> canonical -> payload once, narrow rows by destination id, key rows by value."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from zlib import crc32

import orjson

from poolshift import canonical
from poolshift.gather.key_types import KeyTypes
from poolshift.gather.rows import DECLARED, IDENTITY, MARKER, identifier, safe
from poolshift.gather.spill import Spill
from poolshift.gather.work import Work
from poolshift.identity.kind import MEMBER_KINDS, PARENT_OF, Kind
from poolshift.identity.record import Record
from poolshift.identity.value import UNKNOWN, Path, Value
from poolshift.privacy import Fingerprinter
from poolshift.provider.schema import Schema, always, same
from poolshift.provider.session import Complete, Page, Partial

UNKNOWN_PATHS: Final = "?"
"""Key of a payload that lists the paths which were not read."""


class Shared:
    """The destination's shared records: few, in memory, by kind and natural name."""

    def __init__(self) -> None:
        self.records: dict[Kind, dict[tuple[str, ...], Record]] = {}
        self._names: dict[tuple[Kind, str], tuple[str, ...]] = {}

    def add(self, record: Record, parts: tuple[str, ...]) -> None:
        self.records.setdefault(record.kind, {})[parts] = record
        self._names[record.kind, record.id] = parts

    def name_of(self, kind: Kind, record_id: str) -> tuple[str, ...] | None:
        return self._names.get((kind, record_id))


class DestinationStage:
    """Takes the destination's pages; ``narrow`` and ``elements`` lie by destination id (its crc32: nothing
    is in the order of these), ``payload`` by place."""

    def __init__(
        self,
        work: Work,
        schema: Schema,
        paths: tuple[Path, ...],
        types: KeyTypes,
        keys: Spill,
        record_digest: Fingerprinter,
    ) -> None:
        self.narrow = work.spill("claims")
        self.elements = work.spill("destination-elements")
        self.payload = work.payload("destination")
        self.shared = Shared()
        self.ends: dict[Kind, Complete | Partial] = {}
        self.records = 0
        self._mask = work.partitions - 1
        self._schema = schema
        self._types = types
        self._keys = keys
        self._digest = record_digest
        user = schema.kinds["user"]
        self._adoptable = None if user.adoptable is always else user.adoptable
        self._key_paths = tuple(
            (path, user.fields[path].canonical)
            for path in dict.fromkeys((*types.login, *types.declared, *types.unique))
            if path in user.fields
        )
        self._paths = tuple(
            (path, None if field.canonical is same else field.canonical, field.on_ascii == "same")
            for path in paths
            if (field := user.field_at(path)) is not None and field.read == "listed"
        )

    def take(self, pages: Iterable[Page], progress: Callable[[str, int], None]) -> None:
        for page in pages:
            if page.kind == "user":
                self._take_people(page.records)
                progress("destination", self.records)
            elif page.kind in MEMBER_KINDS:
                self._take_members(page.kind, page.records)
            elif page.kind == "link":
                self._take_links(page.records)
            else:
                schema = self._schema.kinds[page.kind]
                for record in page.records:
                    self.shared.add(record, schema.name_of(record))
            if page.end is not None:
                self.ends[page.kind] = page.end

    def close(self) -> None:
        self.payload.close()
        self.elements.close()

    def _take_people(self, records: tuple[Record, ...]) -> None:
        self.records += len(records)
        for record in records:
            fields = self._canonical(record.values)
            encoded = canonical.encode(fields)
            place = self.payload.add(encoded)
            who = identifier(record.id)
            digest = self._digest.of_bytes(encoded).hex().encode()
            self.narrow.add(crc32(who) & self._mask, b"%s\t0\t%s\t%d" % (who, digest, place))
            self._add_keys(who, record.values, fields)

    def _canonical(self, values: Mapping[Path, Value]) -> dict[str, Value]:
        fields: dict[str, Value] = {}
        unknown = []
        for path, canonical_form, same_on_ascii in self._paths:
            value = values.get(path)
            if value is None:
                continue
            if value is UNKNOWN:
                unknown.append(path)
            elif canonical_form is None or (same_on_ascii and value.__class__ is str and value.isascii()):
                fields[path] = value
            else:
                fields[path] = canonical_form(value)
        if unknown:
            fields[UNKNOWN_PATHS] = unknown
        return fields

    def _add_keys(self, who: bytes, values: Mapping[Path, Value], fields: Mapping[Path, Value]) -> None:
        add, mask, types = self._keys.add, self._mask, self._types
        if self._adoptable is not None and not self._adoptable(values):
            self._add_obstacle(who, values, fields)
            return
        if types.source_id is not None and (marker := values.get(types.source_id)):
            key = MARKER + safe(str(marker))
            add(crc32(key) & mask, b"%s\tA\t%s\t\t" % (key, who))
        keyed = self._keyed(values, fields)
        for key, _ in types.of(keyed):
            add(crc32(key) & mask, b"%s\tA\t%s\t\t" % (key, who))
        proven = [path for path, flag in types.verified if values.get(flag) is True]
        for key, _ in types.of_verified(keyed, proven):
            add(crc32(key) & mask, b"%s\tA\t%s\t\t" % (key, who))

    def _add_obstacle(self, who: bytes, values: Mapping[Path, Value], fields: Mapping[Path, Value]) -> None:
        """A record nobody may adopt: what it holds is taken, and proves nothing about whose it is."""
        for key, _ in self._types.of(self._keyed(values, fields)):
            if not key.startswith(DECLARED):
                self._keys.add(crc32(key) & self._mask, b"%s\tA\t%s\t\t" % (key, who))

    def _keyed(self, values: Mapping[Path, Value], fields: Mapping[Path, Value]) -> Mapping[Path, Value]:
        """Canonical values of the key fields, also of those the spec does not map: the server keeps them unique."""
        missing = {
            path: canonical_form(value)
            for path, canonical_form in self._key_paths
            if path not in fields and isinstance(value := values.get(path), str)
        }
        return {**fields, **missing} if missing else fields

    def _take_members(self, kind: Kind, records: tuple[Record, ...]) -> None:
        parent = PARENT_OF[kind]
        elements: dict[tuple[str | None, str | None], bytes] = {}  # many are members of few
        for record in records:
            user, ref = record.refs["user"].id, record.refs[parent]
            place = ref.id, ref.key
            element = elements.get(place)
            if element is None:
                if ref.id is None:
                    raise ValueError(f"a destination's {kind} names the id of its {parent}")
                parts = self.shared.name_of(parent, ref.id) or (ref.key or ref.id,)
                element = elements[place] = orjson.dumps([kind, parts])
            if user is None:
                raise ValueError(f"a destination's {kind} names the id of its user")
            self._add_element(user, element, record.id)

    def _take_links(self, records: tuple[Record, ...]) -> None:
        for record in records:
            user = record.refs["user"].id
            if user is None:
                raise ValueError("a destination's link names the id of its user")
            provider, subject = str(record.values["provider"]), str(record.values["subject"])
            self._add_element(user, orjson.dumps(["link", (provider, subject)]), record.id)
            key = IDENTITY + safe(f"{provider}={subject}")
            self._keys.add(crc32(key) & self._mask, b"%s\tA\t%s\t\t" % (key, identifier(user)))

    def _add_element(self, user: str, element: bytes, record_id: str) -> None:
        who = identifier(user)
        self.elements.add(crc32(who) & self._mask, b"%s\t%s\t%s" % (who, element, orjson.dumps(record_id)))
