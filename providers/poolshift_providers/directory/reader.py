"""Reads a directory file, a page at a time: no lock is held between two pages, so a reader never blocks the writer."""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence

from poolshift.diagnostics import Place
from poolshift.errors import AccessDenied, PoolshiftError, ProviderDown
from poolshift.identity.kind import MEMBER_KINDS, Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Complete, Found, Page, Partial, Want
from poolshift_providers.directory import canonical_form
from poolshift_providers.directory.database import connect
from poolshift_providers.directory.records import LISTINGS, Listing, Row
from poolshift_providers.directory.schema import AT_ONCE, schema_of
from poolshift_providers.directory.settings import Settings

PAGE = 1000


class DirectoryReader:
    """One directory file. Raises AccessDenied or InputError when it cannot be opened, ProviderDown when locked."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._connection, self._id = connect(settings, calls, writes=False)

    def fingerprint(self) -> Mapping[str, str]:
        """The id the file was given when it was created: a copy is the same end, another file is not."""
        return {"provider": "directory", "id": self._id}

    def schema(self) -> Schema:
        rows = self._rows("SELECT name, type, max_length FROM attributes ORDER BY name", ())
        return schema_of(self._settings, {name: (type_, length) for name, type_, length in rows})

    def access(self) -> Mapping[str, bool | None]:
        return {}

    def read(self, want: Want) -> Iterator[Page]:
        """Parents before what refers to them. Records written meanwhile may or may not be seen."""
        for kind in sorted(want.kinds - LISTINGS.keys()):
            yield Page(kind, (), Partial("the directory does not hold it"))
        for kind, listing in LISTINGS.items():
            if kind in want.kinds:
                yield from self._pages(kind, listing)

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        """One Found per value, sure at once; by ``user`` it holds all of that user's."""
        for start in range(0, len(values), AT_ONCE):
            some = values[start : start + AT_ONCE]
            found = self._by_id_pair(kind, some) if kind in MEMBER_KINDS and key == "id" else self._by(kind, key, some)
            for value in some:
                yield Found(value, tuple(found.get(self._canonical(kind, key, value), ())))

    def _pages(self, kind: Kind, listing: Listing) -> Iterator[Page]:
        began = time.time()
        statement = f"{listing.select} WHERE t.n > ? ORDER BY t.n LIMIT {PAGE}"
        record_of = listing.record
        last = 0
        count = 0
        while rows := self._rows(statement, (last,)):
            last = rows[-1][-1]
            count += len(rows)
            yield Page(kind, tuple(map(record_of, rows)))
        yield Page(kind, (), Complete(count, began))

    def _by(self, kind: Kind, key: Path, values: Sequence[str]) -> Mapping[str, list[Record]]:
        listing = LISTINGS[kind]
        wanted = [self._canonical(kind, key, value) for value in values]
        where = f"{listing.select} WHERE {listing.keys[key]} IN ({', '.join('?' * len(wanted))}) ORDER BY t.n"
        found: dict[str, list[Record]] = {}
        for row in self._rows(where, wanted):
            record = listing.record(row)
            if key == "id":
                value = record.id
            else:
                value = str(record.refs["user"].id if key == "user" else record.values[key])
            found.setdefault(value, []).append(record)
        return found

    def _by_id_pair(self, kind: Kind, values: Sequence[str]) -> Mapping[str, list[Record]]:
        listing = LISTINGS[kind]
        parent = kind.removesuffix("_member")
        statement = f'{listing.select} WHERE t.user = ? AND t."{parent}" = ?'
        found: dict[str, list[Record]] = {}
        for value in values:
            user, _, parent_id = value.partition("/")
            found[value] = [listing.record(row) for row in self._rows(statement, (user, parent_id))]
        return found

    def _canonical(self, kind: Kind, key: Path, value: str) -> str:
        if key == "email" and self._settings.case_fold:
            return str(canonical_form.folded(value))
        if kind == "attribute" and key == "name":
            return str(canonical_form.attribute_path(value))
        return str(canonical_form.text(value))

    def _rows(self, statement: str, parameters: Sequence[object]) -> list[Row]:
        try:
            return self._connection.execute(statement, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            raise _unreadable(error, self._settings.path) from error


def _unreadable(error: sqlite3.DatabaseError, path: str) -> PoolshiftError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        why = "another process keeps the directory file locked"
        return ProviderDown.of("DIRECTORY_LOCKED", why, "Wait until it has ended.", Place(path))
    why = f"the directory file cannot be read: {name or error}"
    return AccessDenied.of("DIRECTORY_NOT_READABLE", why, "Restore it from a copy.", Place(path))
