"""Finding what a lost create made by reading all of a kind, where no lookup can: intents hold no values to ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolshift.apply.coverage import Observe
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.schema import Schema
from poolshift.provider.session import Complete, Found, Reader, Want
from poolshift.state.store import Intent

PAGE = 50
"""Records in one page of a listing, at least: what makes a listing cheaper than many lookups."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A create whose record is looked for; ``sent``: path -> fingerprint."""

    address: str
    person: str
    sent: Mapping[Path, bytes]


class Listing:
    """One reading of a kind for all the intents of a window; matches by marker, else by fingerprint of a unique key."""

    def __init__(self, reader: Reader, schema: Schema, observe: Observe) -> None:
        self._reader = reader
        self._schema = schema
        self._observe = observe

    def is_cheaper(self, kind: Kind, lookups: int, records: int) -> bool:
        """Than so many lookups, where so many records were there when the destination was read."""
        return self._schema.kinds[kind].reading.how == "list" and lookups * PAGE > records + lookups + PAGE * PAGE

    def find(self, kind: Kind, intents: Sequence[Intent | Sought]) -> Mapping[str, Found]:
        """By address. An answer without records is sure only if everything was read."""
        about = self._schema.kinds[kind]
        if not intents or about.reading.how == "never":
            return {}
        markers = [path for path in about.with_role("source_id") if about.fields[path].read == "listed"]
        keys = [key.path for key in about.keys]
        wanted: dict[tuple[Path, object], list[str]] = {}
        for intent in intents:
            marked = next((path for path in markers if path in intent.sent), None)
            if marked is not None:
                wanted.setdefault((marked, intent.person), []).append(intent.address)
                continue
            for path in keys:
                if path in intent.sent:
                    wanted.setdefault((path, intent.sent[path]), []).append(intent.address)
        return self._read(kind, intents, wanted, markers, keys)

    def _read(
        self,
        kind: Kind,
        intents: Sequence[Intent | Sought],
        wanted: Mapping[tuple[Path, object], Sequence[str]],
        markers: Sequence[Path],
        keys: Sequence[Path],
    ) -> Mapping[str, Found]:
        found: dict[str, dict[str, Record]] = {intent.address: {} for intent in intents}
        whole = False
        # Fields that cost something are read only where they are asked for: what was sent is compared.
        fields = frozenset(path for intent in intents for path in intent.sent)
        for page in self._reader.read(Want(frozenset({kind}), fields)):
            if page.kind != kind:
                continue
            for record in page.records:
                values: dict[Path, object] = {path: record.values.get(path) for path in markers}
                seen = self._observe(record, keys)
                for pair in (*values.items(), *seen.items()):
                    for address in wanted.get(pair, ()):
                        found[address][record.id] = record
            whole = isinstance(page.end, Complete) if page.end is not None else whole
        return {address: Found(address, tuple(records.values()), sure=whole) for address, records in found.items()}
