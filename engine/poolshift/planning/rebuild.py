"""`state rebuild --from-destination`: a lost state learns again who is ours, from the marker on the records there."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any, Final

from poolshift.identity.address import address
from poolshift.identity.record import Record
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.session import Session
from poolshift.provider.session import Complete, Want
from poolshift.state.base import Base
from poolshift.state.store import Settled

_BATCH: Final = 1_000


def rebuild(session: Session, *, write: bool, progress: Callable[[str, int], None]) -> dict[str, Any]:
    """Base rows without pairs for everybody whose record bears our marker and whom the state does not know.

    write: otherwise it is only counted. A source id on several records is left out: the next plan tells it.
    """
    with closing(_Marked()) as marked:
        complete = _read(session, marked, progress)
        new = known = 0
        for source_ids in _batches(marked.single()):
            fresh = [one for one in source_ids if session.store.person(one[0]) is None]
            new += len(fresh)
            known += len(source_ids) - len(fresh)
            if write:
                rule_set = session.store.rule_set({})
                session.store.record([_row(source_id, record, rule_set) for source_id, record in fresh])
        return {
            "format_version": FORMAT_VERSION,
            "migration": session.spec.migration,
            "lineage": session.store.lineage,
            "complete": complete,
            "marked": marked.records,
            "ambiguous": marked.ambiguous(),
            "known": known,
            "new": new,
            "written": new if write else 0,
        }


class _Marked:
    """(source id, destination id) of marked records, in an anonymous file that dies with the command."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute(
            "CREATE TABLE marked (source TEXT PRIMARY KEY, destination TEXT, copies INTEGER) WITHOUT ROWID"
        )
        self._database.execute("BEGIN")
        self.records = 0

    def add(self, pairs: list[tuple[str, str]]) -> None:
        self.records += len(pairs)
        self._database.executemany(
            "INSERT INTO marked VALUES (?, ?, 1) ON CONFLICT (source) DO UPDATE SET copies = copies + 1"
            " WHERE destination <> excluded.destination",
            pairs,
        )

    def single(self) -> Iterator[tuple[str, str]]:
        yield from self._database.execute("SELECT source, destination FROM marked WHERE copies = 1 ORDER BY source")

    def ambiguous(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM marked WHERE copies > 1").fetchone()
        return int(count)

    def close(self) -> None:
        self._database.close()


def _read(session: Session, marked: _Marked, progress: Callable[[str, int], None]) -> bool:
    end = session.destination
    users = end.schema.kinds["user"]
    source_ids, owners = users.with_role("source_id"), users.with_role("owner")
    complete = False
    for page in end.reader.read(Want(frozenset({"user"}), frozenset({*source_ids, *owners}))):
        if page.kind != "user":
            continue
        marked.add(list(_marks(page.records, source_ids, owners, session.spec.migration)))
        progress("destination", marked.records)
        if page.end is not None:
            complete = isinstance(page.end, Complete)
    return complete


def _marks(
    records: tuple[Record, ...], source_ids: tuple[str, ...], owners: tuple[str, ...], migration: str
) -> Iterator[tuple[str, str]]:
    """Where no field is declared for the owner, the source id alone is the marker, as in matching."""
    for record in records:
        source_id = next((value for path in source_ids if (value := record.values.get(path))), None)
        if isinstance(source_id, str) and all(record.values.get(path) == migration for path in owners):
            yield source_id, record.id


def _batches(pairs: Iterator[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    while batch := list(islice(pairs, _BATCH)):
        yield batch


def _row(source_id: str, record: str, rule_set: int) -> Settled:
    return Settled(address("user", source_id), "done", record, source_id, Base(source_id, record, rule_set))
