"""Base rows in SQLite: people in hash order, shared kinds by address, the rule sets they name."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import orjson

from poolshift import canonical
from poolshift.errors import StateUnusable
from poolshift.identity.address import parse
from poolshift.identity.kind import SHARED_KINDS
from poolshift.identity.value import Path
from poolshift.state.base import Base, ElementBase
from poolshift.state.packing import HASH_BYTES, destination_of, person_key, person_of
from poolshift.state.rule_sets import RuleSets
from poolshift.state.sqlite_connection import Connection
from poolshift.state.sqlite_schema import PAGE_BYTES
from poolshift.state.store import Settled

_BATCH: Final = 512
_SAMPLE: Final = 1_000
_ROW_OVERHEAD: Final = 8
_SLACK_PAGES: Final = 64
_FILL: Final = 0.9
_UNOWNED: Final = frozenset({*SHARED_KINDS, "hook"})

_log = logging.getLogger(__name__)


class BaseRows:
    """Reads and writes base rows over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        stored = connection.all("SELECT number, rules FROM rule_sets")
        self.rule_sets = RuleSets({number: orjson.loads(rules) for number, rules in stored})

    def rule_set(self, rules: Mapping[Path, str]) -> int:
        """The number of these rules; new ones are stored when the state was opened for writing."""
        number = self.rule_sets.find(rules)
        if number is not None:
            return number
        number = self.rule_sets.next()
        if self._connection.writable:
            text = canonical.encode(dict(rules)).decode()
            with self._connection.transaction() as sqlite:
                sqlite.execute("INSERT INTO rule_sets (number, rules) VALUES (?, ?)", (number, text))
            self.rule_sets.add(number, rules)
        return number

    def people(self, low: int, high: int) -> Iterator[Base]:
        """Streams in hash order. Raises RuntimeError if the state is written to before the stream has ended."""
        unpack = self.rule_sets.unpack
        return (unpack(source_id, row) for source_id, row in self.packed(low, high))

    def packed(self, low: int, high: int) -> Iterator[tuple[str, bytes]]:
        """(source id, packed row) of the same people."""
        return ((person_of(key), row) for key, row in self._rows(low, high))

    def pairs(self, low: int, high: int) -> Iterator[tuple[str, str]]:
        """(source id, destination id) of the same people, without unpacking the rest of their rows."""
        return ((person_of(key), destination_of(row)) for key, row in self._rows(low, high))

    def _rows(self, low: int, high: int) -> Iterator[tuple[bytes, bytes]]:
        sql = "SELECT id, base FROM people WHERE id > ? AND id < ? ORDER BY id LIMIT ?"
        changes = self._connection.changes
        last, end = _key_prefix(low), _key_prefix(high)
        more = True
        while more:
            rows = self._connection.all(sql, last, end, _BATCH)
            if self._connection.changes != changes:
                raise RuntimeError("the base was written to while its people were being read")
            yield from rows
            more = len(rows) == _BATCH
            last = rows[-1][0] if rows else last

    def person(self, source_id: str) -> Base | None:
        found = self._connection.one("SELECT base FROM people WHERE id = ?", person_key(source_id))
        return self.rule_sets.unpack(source_id, found[0]) if found else None

    def count_people(self) -> int:
        (count,) = self._connection.one("SELECT count(*) FROM people")
        return int(count)

    def shared(self) -> Mapping[str, Base]:
        rows = self._connection.all("SELECT address, base FROM shared ORDER BY address")
        return {address: self.rule_sets.unpack(address, row) for address, row in rows}

    def write(self, sqlite: sqlite3.Connection, outcomes: Iterable[Settled]) -> None:
        """Base rows of outcomes, in their order, inside a transaction. Raises ValueError for what cannot be kept."""
        people: dict[str, Base | None] = {}
        shared: dict[str, Base | None] = {}
        for outcome in outcomes:
            if outcome.base is None and not outcome.drop and not outcome.elements:
                continue
            if outcome.address.partition("[")[0] in _UNOWNED:
                shared[outcome.address] = _shared_row(outcome)
                continue
            source_id = outcome.person or parse(outcome.address)[1][0]
            if outcome.base is not None and outcome.base.source_id != source_id:
                raise ValueError(f"{outcome.address} brings the base row of somebody else")
            if outcome.drop:
                people[source_id] = None
            elif outcome.base is not None:
                people[source_id] = outcome.base
            if outcome.elements:
                if source_id not in people:
                    people[source_id] = self.person(source_id)
                people[source_id] = _merged(outcome, people[source_id])
        self._write_people(sqlite, people)
        self._write_shared(sqlite, shared)

    def _write_people(self, sqlite: sqlite3.Connection, people: Mapping[str, Base | None]) -> None:
        rows = sorted((person_key(source_id), base) for source_id, base in people.items() if base is not None)
        sqlite.executemany(
            "INSERT INTO people (id, base) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET base = excluded.base",
            ((key, self.rule_sets.pack(base)) for key, base in rows),
        )
        gone = [(person_key(source_id),) for source_id, base in people.items() if base is None]
        sqlite.executemany("DELETE FROM people WHERE id = ?", gone)

    def _write_shared(self, sqlite: sqlite3.Connection, shared: Mapping[str, Base | None]) -> None:
        sqlite.executemany(
            "INSERT INTO shared (address, base) VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET base = excluded.base",
            [(address, self.rule_sets.pack(base)) for address, base in shared.items() if base is not None],
        )
        gone = [(address,) for address, base in shared.items() if base is None]
        sqlite.executemany("DELETE FROM shared WHERE address = ?", gone)

    def compact(self) -> None:
        """Gives back free and half-empty pages once they are more than a tenth of the file."""
        (pages,) = self._connection.one("PRAGMA page_count")
        if pages * PAGE_BYTES * _FILL <= self._content_bytes() + _SLACK_PAGES * PAGE_BYTES:
            return
        try:
            self._connection.vacuum()
        except StateUnusable as error:
            # The state is right as it is, only larger than it need be; the next plan that closes tries again.
            _log.warning("the state file was not made smaller: %s", error.diagnostics[0].summary)

    def _content_bytes(self) -> float:
        """What the rows need. People are measured on a sample: their keys are hashes, so the first ones will do."""
        sample = f"SELECT length(id) + length(base) AS bytes FROM people LIMIT {_SAMPLE}"
        (average,) = self._connection.one(f"SELECT coalesce(avg(bytes), 0) FROM ({sample})")
        content = self.count_people() * (average + _ROW_OVERHEAD)
        for sql in _OTHER_CONTENT:
            content += self._connection.one(sql, _ROW_OVERHEAD)[0]
        return float(content)


_OTHER_CONTENT: Final = (
    "SELECT coalesce(sum(length(address) + length(base) + ?), 0) FROM shared",
    "SELECT coalesce(sum(2 * length(address) + length(message) + length(code) + 48 + ?), 0) FROM failures",
    "SELECT coalesce(sum(length(route) + length(label) + length(counts) + 48 + ?), 0) FROM windows",
    "SELECT coalesce(sum(length(address) + length(body) + ?), 0) FROM intents",
    "SELECT coalesce(sum(length(plan) + length(address) + ?), 0) FROM finished",
    "SELECT coalesce(sum(length(report) + 96 + ?), 0) FROM runs",
)


def _key_prefix(number: int) -> bytes:
    """Smaller than every key whose hash is ``number`` or more, greater than all others."""
    return number.to_bytes(HASH_BYTES, "big") if number < 1 << 8 * HASH_BYTES else b"\xff" * (HASH_BYTES + 1)


def _shared_row(outcome: Settled) -> Base | None:
    if outcome.elements:
        raise ValueError(f"{outcome.address} belongs to nobody and has no elements")
    if outcome.base is not None and outcome.base.source_id != outcome.address:
        raise ValueError(f"{outcome.address} brings the base row of {outcome.base.source_id}")
    return None if outcome.drop else outcome.base


def _merged(outcome: Settled, base: Base | None) -> Base | None:
    """The person's row with the outcome's elements. Forgetting elements of a person without a row changes nothing."""
    if base is None:
        if any(desired or actual for desired, actual in outcome.elements.values()):
            raise ValueError(f"{outcome.address} was settled before its person has a base row")
        return None
    elements = dict(base.elements)
    for fingerprint, (desired, actual) in outcome.elements.items():
        if desired or actual:
            elements[fingerprint] = ElementBase(desired, actual)
        else:
            elements.pop(fingerprint, None)
    return Base(
        base.source_id,
        base.destination_id,
        base.rule_set,
        base.quiet,
        base.handover,
        base.fields,
        elements,
        base.released,
    )
