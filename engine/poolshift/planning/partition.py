"""The people of one partition, put together from the spills, in hash order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from poolshift.gather.gathered import Gathered
from poolshift.gather.rows import LEFT
from poolshift.gather.spill import Spill
from poolshift.identity.address import address, hash64, hash_key
from poolshift.identity.value import Path, Value
from poolshift.plan.match import Match
from poolshift.plan.person import LocalFinding, Note, Person, Present, Standing
from poolshift.planning.quiet_people import QuietPeople
from poolshift.state.store import Store

AT_ONCE: Final = 64_000
"""People held in memory; a larger partition is taken in slices of its hash range."""

_NONE: Final[list[bytes]] = []


def people(
    gathered: Gathered, store: Store, partition: int, quiet: QuietPeople | None = None
) -> Iterator[tuple[Person, int]]:
    """(person, how often the source listed it), in hash order of the source id.

    quiet: takes those people about whom nothing is to be decided; they are not put together.
    """
    bits = gathered.partitions.bit_length() - 1
    width = 1 << (64 - bits)
    rows = gathered.source.rows[partition] + gathered.matches.rows[partition]
    slices = -(-rows // AT_ONCE) or 1
    for number in range(slices):
        low = partition * width + number * width // slices
        high = partition * width + (number + 1) * width // slices
        yield from _slice(gathered, store, partition, low, high, quiet, whole=slices == 1)


def _slice(
    gathered: Gathered, store: Store, partition: int, low: int, high: int, quiet: QuietPeople | None, *, whole: bool
) -> Iterator[tuple[Person, int]]:
    def by_person(spill: Spill) -> dict[bytes, list[bytes]]:
        rows = spill.read(partition)
        return _by_person(rows if whole else (row for row in rows if low <= hash64(row[: row.index(b"\t")]) < high))

    source, matches, groups = by_person(gathered.source), by_person(gathered.matches), by_person(gathered.groups)
    notes, twin_links = by_person(gathered.notes), by_person(gathered.twin_links)
    bases = {source_id.encode(): row for source_id, row in store.packed(low, high)}
    actual = _reader(gathered)
    for who in sorted(source.keys() | bases.keys(), key=hash_key):
        wide, own, base = source.pop(who, _NONE), matches.pop(who, _NONE), bases.pop(who, None)
        in_groups = groups.pop(who, _NONE)
        if quiet is not None and who not in notes and who not in twin_links and quiet.takes(wide, own, in_groups, base):
            continue
        source_id = who.decode()
        person = Person(
            source_id=source_id,
            address=address("user", source_id),
            standing="gone",
            groups=tuple(sorted({row.decode() for row in in_groups})),
            base=store.unpack(source_id, base) if base is not None else None,
            matches=[_match(row) for row in own],
            notes=_notes(notes.get(who, _NONE)),
            present=[one for row in own for one in _present(row)],
            actual=actual,
        )
        if wide:
            _describe(person, *_newest(wide))
            _add_links(person, twin_links.get(who, _NONE))
        yield person, len(wide)


def _by_person(rows: Iterable[bytes]) -> dict[bytes, list[bytes]]:
    """Rows without their first column, by it."""
    found: dict[bytes, list[bytes]] = {}
    for row in rows:
        who, _, rest = row.partition(b"\t")
        if (own := found.get(who)) is None:
            found[who] = [rest]
        else:
            own.append(rest)
    return found


def _reader(gathered: Gathered) -> Callable[[int], Mapping[Path, Value]]:
    def actual(place: int) -> Mapping[Path, Value]:
        fields: dict[Path, Value] = orjson.loads(gathered.payload.read_at(place))
        return fields

    return actual


def _match(row: bytes) -> Match:
    record, rank, standing, digest, place, taker = row.split(b"\t", 6)[:6]
    return Match(
        record=record.decode(),
        rank=int(rank),
        standing=standing.decode(),  # type: ignore[arg-type]
        digest=bytes.fromhex(digest.decode()),
        place=int(place or b"0"),
        taker=taker.lstrip(b"+-").decode() if standing == b"taken" else taker.decode(),
        alive=taker.startswith(b"+"),
    )


def _present(row: bytes) -> Iterator[Present]:
    """The elements that came with a record."""
    columns = row.split(b"\t")[6:]
    for element, record in zip(columns[::2], columns[1::2], strict=True):
        kind, parts = orjson.loads(element)
        yield Present(kind, tuple(parts), orjson.loads(record))


def _notes(rows: list[bytes]) -> tuple[Note, ...]:
    pairs = {(code.decode(), partner.decode()) for code, _, partner in (row.partition(b"\t") for row in rows)}
    return tuple(Note(code, partner) for code, partner in sorted(pairs))


def _add_links(person: Person, rows: list[bytes]) -> None:
    """Those of a person's twins are its own."""
    if rows or len(person.links) > 1:
        twins = ((provider, subject) for provider, subject, _ in map(orjson.loads, rows))
        person.links = tuple(sorted({*person.links, *twins}))


def _newest(wide: list[bytes]) -> tuple[bytes, bool]:
    """The row to go by, and whether two different people share the id.

    A record listed twice that changed in between has the same user name and creation date; the later one counts.
    """
    distinct = sorted(set(wide))
    if len(distinct) == 1:
        return distinct[0], False
    born = [orjson.loads(row.split(b"\t", 2)[1]) for row in distinct]
    newest = max(range(len(distinct)), key=lambda index: (born[index][0] or "", distinct[index]))
    updated = {one[0] for one in born}
    different = len({(one[1], one[2]) for one in born}) > 1 or len(updated) < len(distinct)
    return distinct[newest], different


def _describe(person: Person, row: bytes, twice: bool) -> None:
    standing, _, more, fields = row.split(b"\t", 3)
    findings: list[Any] = []
    if standing == LEFT:
        reason, why, findings = orjson.loads(more)
        left: Standing = "unmappable" if reason == "unmappable" else "unselected"
        person.standing = left
        person.why = why
    else:
        person.standing = "twice" if twice else "selected"
        person.encoded = fields
        if more:
            organizations, links, findings, unknown = orjson.loads(more)
            person.organizations = tuple(organizations)
            person.links = tuple((provider, subject) for provider, subject, _ in links)
            person.unknown = tuple(unknown)
    person.findings = tuple(LocalFinding(code, path, message) for code, path, message in findings)
