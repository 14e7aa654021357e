"""Reads an export: groups, their members, then users, in pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import InputError
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Complete, Found, Page, Partial, Want
from poolshift_providers.cognito_export.csv_form import CsvFile
from poolshift_providers.cognito_export.groups import Groups
from poolshift_providers.cognito_export.json_forms import JsonFile
from poolshift_providers.cognito_export.pool import Pool, read_pool
from poolshift_providers.cognito_export.problems import BadRecord, Problems
from poolshift_providers.cognito_export.schema import schema_of
from poolshift_providers.cognito_export.settings import Settings
from poolshift_providers.cognito_export.user_record import UserRecords

_SUFFIXES: Final = (".json", ".jsonl", ".ndjson", ".csv")


class ExportReader:
    """One export. Every error is an InputError that names the file and the record.

    Codes: EXPORT_DAMAGED, EXPORT_NO_ID, EXPORT_INCOMPLETE, EXPORT_EMPTY, EXPORT_CUT, EXPORT_FORM and those of `Groups`.
    """

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._calls = calls
        self._records = UserRecords(settings.assume)
        self._pool = read_pool(calls, settings.pool) if settings.pool else Pool()
        self._groups = Groups(calls, settings.groups) if settings.groups else None

    def fingerprint(self) -> Mapping[str, str]:
        """The pool, not the file: tomorrow's export of the same pool, elsewhere, is the same end."""
        pool = self._pool.id or (self._groups.pool if self._groups else None)
        return {"provider": "cognito_export", "pool": pool or "unknown"}

    def schema(self) -> Schema:
        return schema_of(self._pool.custom, groups=self._groups is not None)

    def access(self) -> Mapping[str, bool | None]:
        return {}

    def read(self, want: Want) -> Iterator[Page]:
        """Groups, then members, then users. A user that stands twice in the export is passed on twice."""
        groups = self._groups
        for kind in sorted(want.kinds - {"group", "group_member", "user"}):
            yield Page(kind, (), Partial("an export does not hold it"))
        if "group" in want.kinds:
            yield from self._pages("group", iter([list(groups.records())]) if groups else None)
        if "group_member" in want.kinds:
            yield from self._pages("group_member", groups.members() if groups else None)
        if "user" in want.kinds:
            yield from self._pages("user", self._users())

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        """By reading the whole export once, however many values are asked for. E-mail: whatever its case."""
        if kind == "group":
            records: Iterable[Record] = self._groups.records() if self._groups else ()
        elif kind == "user" and key in ("sub", "username", "email"):
            records = chain.from_iterable(self._users())
        else:
            raise ValueError(f"an export is not searched by {key} of {kind}")
        fold = str.casefold if key == "email" else str
        wanted: dict[str, list[Record]] = {fold(value): [] for value in values}
        for record in records:
            value = record.values.get(key)
            if isinstance(value, str) and (found := wanted.get(fold(value))) is not None:
                found.append(record)
        for value in values:
            yield Found(value, tuple(wanted[fold(value)]))

    def _pages(self, kind: Kind, batches: Iterator[list[Record]] | None) -> Iterator[Page]:
        if batches is None:
            yield Page(kind, (), Partial("the export has no groups: `groups` is not set"))
            return
        count = 0
        for records in batches:
            count += len(records)
            yield Page(kind, tuple(records))
        yield Page(kind, (), Complete(count, self._age()))

    def _age(self) -> float:
        """The oldest page tells how old the export is."""
        files = [*self._files(), *(self._groups.files() if self._groups else ())]
        return min(map(self._calls.modified, files))

    def _files(self) -> tuple[str, ...]:
        """The pages in order. What lies in the folder and is no page is refused: it may be half a download."""
        folder = self._settings.path
        aside = {self._settings.pool, f"{(self._settings.groups or '').rstrip('/')}/groups.json"}
        files = tuple(name for name in self._calls.files(folder) if name not in aside)
        if not files:
            remedy = "Check `path`, or export the users again."
            raise InputError([Diagnostic("EXPORT_EMPTY", "the folder has no pages", Place(folder), remedy)])
        strange = [name for name in files if not name.lower().endswith(_SUFFIXES)] if files != (folder,) else []
        if strange:
            remedy = f"Move it out of the folder; pages end in {' '.join(_SUFFIXES)}."
            raise InputError([Diagnostic("EXPORT_FORM", "not a page of an export", Place(n), remedy) for n in strange])
        return files

    def _users(self) -> Iterator[list[Record]]:
        count = 0
        last_is_open = ""
        for name in self._files():
            file = CsvFile(self._calls, name) if name.lower().endswith(".csv") else JsonFile(self._calls, name)
            for records in self._users_of(file, name):
                count += len(records)
                yield records
            last_is_open = name if file.open_ended else ""
        if last_is_open:
            remedy = "Go on with --starting-token and the token of this page, and put the answer beside it."
            summary = f"the export was cut: {count} users were read, and the last page names a next one"
            raise InputError([Diagnostic("EXPORT_CUT", summary, Place(last_is_open), remedy)])

    def _users_of(self, file: CsvFile | JsonFile, name: str) -> Iterator[list[Record]]:
        problems = Problems(name)
        record_of = self._records.of
        count = 0
        for users, lines in file.users():
            try:
                records = list(map(record_of, users))
            except BadRecord:
                records = list(self._usable(users, lines, count, problems))
            count += len(users)
            yield records
        problems.settle()

    def _usable(self, users: Sequence[Any], lines: Sequence[int], before: int, problems: Problems) -> Iterator[Record]:
        """The records of those users that are none of the problems. before: users of the file that came earlier."""
        for number, user in enumerate(users):
            try:
                yield self._records.of(user)
            except BadRecord as error:
                problems.add(error, before + number + 1, lines[number])
