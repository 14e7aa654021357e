"""Runs stages 0 to 2 and holds what they left: everything stage 3 decides on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from zlib import crc32

from poolshift.gather.claims import ClaimStage
from poolshift.gather.destination import DestinationStage, Shared
from poolshift.gather.key_types import KeyTypes
from poolshift.gather.keys import KeyStage
from poolshift.gather.source import SourceStage, Watch
from poolshift.gather.spill import Payload, Spill
from poolshift.gather.work import Work
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.mapping.mapper import Mapper
from poolshift.privacy import Fingerprinter
from poolshift.provider.schema import Schema
from poolshift.provider.session import Complete, Page, Partial
from poolshift.spec.model import Users

Progress = Callable[[str, int], None]
Ends = Mapping[Kind, Complete | Partial]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Immutable spills by person (source, matches, notes, groups, twin links) and the shared records.

    Their rows are described in ``rows``.
    folder: the run's own; it dies with the run.
    """

    folder: FilePath
    partitions: int
    source: Spill
    groups: Spill
    matches: Spill
    notes: Spill
    twin_links: Spill
    payload: Payload
    shared: Shared
    source_parents: Mapping[Kind, list[Record]]
    organizations: frozenset[str]
    source_ends: Ends
    destination_ends: Ends
    source_records: int
    destination_records: int
    destination_elements: int
    foreign: int
    watched: tuple[Record, ...]


def gather(
    work: Work,
    *,
    mapper: Mapper,
    paths: tuple[Path, ...],
    types: KeyTypes,
    users: Users,
    schema: Schema,
    source: Iterable[Page],
    destination: Callable[[], Iterator[Page]],
    base: Iterable[tuple[str, str]],
    record_digest: Fingerprinter,
    progress: Progress,
    watch: Watch | None = None,
) -> Gathered:
    """Read both ends once.

    paths: destination fields to keep. base: (source id, destination id) of every person in state.
    """
    people = SourceStage(work, mapper, types, watch)
    people.take(source, progress)
    people.close()
    records = DestinationStage(work, schema, paths, types, people.keys, record_digest)
    records.take(destination(), progress)
    records.close()
    people.keys.close()
    for source_id, destination_id in base:
        owned = destination_id.encode()
        records.narrow.add(crc32(owned) & (work.partitions - 1), b"%s\t1\t%s" % (owned, source_id.encode()))
    matched = _match(work, people, records, users, progress)
    return Gathered(
        folder=work.folder,
        partitions=work.partitions,
        source=people.wide,
        groups=people.groups,
        payload=records.payload,
        shared=records.shared,
        source_parents=people.parents,
        organizations=frozenset(people.organizations),
        source_ends=people.ends,
        destination_ends=records.ends,
        source_records=people.records,
        destination_records=records.records,
        destination_elements=sum(records.elements.rows),
        watched=tuple(people.watched),
        matches=matched.matches,
        notes=matched.notes,
        twin_links=matched.twin_links,
        foreign=matched.foreign,
    )


@dataclass(frozen=True, slots=True)
class _Matched:
    matches: Spill
    notes: Spill
    twin_links: Spill
    foreign: int


def _match(work: Work, people: SourceStage, records: DestinationStage, users: Users, progress: Progress) -> _Matched:
    notes, twin_links = work.spill("notes"), work.spill("twin-links")
    by_key = KeyStage(people.keys, records.narrow, notes, twin_links, work.shift, users)
    for partition in range(work.partitions):
        by_key.run(partition)
        progress("keys", partition + 1)
    records.narrow.close()
    notes.close()
    twin_links.close()
    matches = work.spill("matches")
    by_record = ClaimStage(records.narrow, records.elements, matches, work.shift)
    for partition in range(work.partitions):
        by_record.run(partition)
        progress("records", partition + 1)
    matches.close()
    return _Matched(matches, notes, twin_links, by_record.foreign)
