"""The people of one partition, put together from the spills, in hash order."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from poolshift.gather.gathered import Gathered
from poolshift.gather.spill import Spill
from poolshift.identity.address import address, hash64
from poolshift.identity.value import Path, Value
from poolshift.plan.match import Match
from poolshift.plan.person import LocalFinding, Note, Person, Present, Standing
from poolshift.state.base import Base
from poolshift.state.store import Store

AT_ONCE: Final = 64_000
"""People held in memory; a larger partition is taken in slices of its hash range."""


@dataclass(slots=True)
class _Rows:
    """Everything that is known of one person, as it came out of the spills."""

    wide: list[bytes] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    notes: list[bytes] = field(default_factory=list)
    groups: list[bytes] = field(default_factory=list)
    elements: list[bytes] = field(default_factory=list)
    links: list[bytes] = field(default_factory=list)
    base: Base | None = None


def people(gathered: Gathered, store: Store, partition: int) -> Iterator[tuple[Person, int]]:
    """(person, how often the source listed it), in hash order of the source id."""
    bits = gathered.partitions.bit_length() - 1
    width = 1 << (64 - bits)
    rows = gathered.source.rows[partition] + gathered.matches.rows[partition]
    slices = -(-rows // AT_ONCE) or 1
    for number in range(slices):
        low = partition * width + number * width // slices
        high = partition * width + (number + 1) * width // slices
        yield from _slice(gathered, store, partition, low, high, whole=slices == 1)


def _slice(
    gathered: Gathered, store: Store, partition: int, low: int, high: int, *, whole: bool
) -> Iterator[tuple[Person, int]]:
    rows: defaultdict[bytes, _Rows] = defaultdict(_Rows)

    def each(spill: Spill) -> Iterator[tuple[_Rows, bytes]]:
        for row in spill.read(partition):
            who, _, rest = row.partition(b"\t")
            if whole or low <= hash64(who) < high:
                yield rows[who], rest

    for own, rest in each(gathered.source):
        own.wide.append(rest)
    for own, rest in each(gathered.matches):
        own.matches.append(_match(rest))
    for own, rest in each(gathered.notes):
        own.notes.append(rest)
    for own, rest in each(gathered.groups):
        own.groups.append(rest)
    for own, rest in each(gathered.elements):
        own.elements.append(rest)
    for own, rest in each(gathered.twin_links):
        own.links.append(rest)
    for base in store.people(low, high):
        rows[base.source_id.encode()].base = base
    actual = _reader(gathered)
    for who in sorted(rows, key=lambda who: (hash64(who), who)):
        own = rows.pop(who)
        if own.wide or own.base is not None:
            yield _person(who.decode(), own, actual), len(own.wide)


def _reader(gathered: Gathered) -> Callable[[int], Mapping[Path, Value]]:
    def actual(place: int) -> Mapping[Path, Value]:
        fields: dict[Path, Value] = orjson.loads(gathered.payload.read_at(place))
        return fields

    return actual


def _match(row: bytes) -> Match:
    record, rank, standing, digest, place, taker = row.split(b"\t")
    return Match(
        record=record.decode(),
        rank=int(rank),
        standing=standing.decode(),  # type: ignore[arg-type]
        digest=bytes.fromhex(digest.decode()),
        place=int(place or b"0"),
        taker=taker.lstrip(b"+-").decode() if standing == b"taken" else taker.decode(),
        alive=taker.startswith(b"+"),
    )


def _person(source_id: str, rows: _Rows, actual: Callable[[int], Mapping[Path, Value]]) -> Person:
    person = Person(
        source_id=source_id,
        address=address("user", source_id),
        standing="gone",
        groups=tuple(sorted({row.decode() for row in rows.groups})),
        base=rows.base,
        matches=rows.matches,
        notes=_notes(rows.notes) if rows.notes else (),
        present=_present(rows.elements) if rows.elements else (),
        actual=actual,
    )
    if rows.wide:
        _describe(person, *_newest(rows.wide))
        if rows.links or len(person.links) > 1:
            person.links = tuple(sorted({*person.links, *_links(rows.links)}))
    return person


def _notes(rows: list[bytes]) -> tuple[Note, ...]:
    pairs = {(code.decode(), partner.decode()) for code, _, partner in (row.partition(b"\t") for row in rows)}
    return tuple(Note(code, partner) for code, partner in sorted(pairs))


def _present(rows: list[bytes]) -> list[Present]:
    """Rows are JSON: one parse for all of a person's."""
    return [Present(kind, tuple(parts), record) for kind, parts, record in orjson.loads(b"[%s]" % b",".join(rows))]


def _links(rows: list[bytes]) -> Iterator[tuple[str, str]]:
    for row in rows:
        provider, subject, _ = orjson.loads(row)
        yield provider, subject


def _newest(wide: list[bytes]) -> tuple[bytes, bool]:
    """The row to go by, and whether two different people share the id.

    A record listed twice that changed in between has the same user name and creation date; the later one counts.
    """
    distinct = sorted(set(wide))
    if len(distinct) == 1:
        return distinct[0], False
    born = [orjson.loads(row.split(b"\t", 2)[1])[0] for row in distinct]
    newest = max(range(len(distinct)), key=lambda index: (born[index][0] or "", distinct[index]))
    updated = {one[0] for one in born}
    different = len({(one[1], one[2]) for one in born}) > 1 or len(updated) < len(distinct)
    return distinct[newest], different


def _describe(person: Person, row: bytes, twice: bool) -> None:
    standing, meta, fields = row.split(b"\t", 2)
    document: list[Any] = orjson.loads(meta)
    if standing == b"!":
        _, reason, why, findings = document
        left: Standing = "unmappable" if reason == "unmappable" else "unselected"
        person.standing = left
        person.why = why
    else:
        _, organizations, links, findings, unknown = document
        person.unknown = tuple(unknown)
        person.standing = "twice" if twice else "selected"
        person.encoded = fields
        person.organizations = tuple(organizations)
        person.links = tuple((provider, subject) for provider, subject, _ in links)
    person.findings = tuple(LocalFinding(code, path, message) for code, path, message in findings)
