"""Readers of the directory with one thing broken: what is read or looked up is not so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.schema import Schema
from poolshift.provider.session import Complete, Found, Page, Reader, Want


class BrokenReader:
    """Delegates everything; a fault overrides what it breaks."""

    def __init__(self, inner: Reader) -> None:
        self.inner = inner

    def fingerprint(self) -> Mapping[str, str]:
        return self.inner.fingerprint()

    def schema(self) -> Schema:
        return self.inner.schema()

    def access(self) -> Mapping[str, bool | None]:
        return self.inner.access()

    def read(self, want: Want) -> Iterator[Page]:
        return self.inner.read(want)

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        return self.inner.lookup(kind, key, values)


class HiddenInLists(BrokenReader):
    """1: a listing leaves out what a lookup shows."""

    def read(self, want: Want) -> Iterator[Page]:
        for page in self.inner.read(want):
            yield replace(page, records=tuple(map(_without_nickname, page.records)))


def _without_nickname(record: Record) -> Record:
    return replace(record, values={path: value for path, value in record.values.items() if path != "nickname"})


class Miscounts(BrokenReader):
    """11: a reading is complete with a number that is not the world's."""

    def read(self, want: Want) -> Iterator[Page]:
        for page in self.inner.read(want):
            ends = page.kind == "group" and isinstance(page.end, Complete)
            yield replace(page, end=Complete(page.end.count + 1, 0.0)) if ends and page.end else page  # type: ignore[union-attr]


class FindsNobody(BrokenReader):
    """12: a declared key finds nobody, and is sure of it."""

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        if (kind, key) == ("user", "username"):
            return iter([Found(value, ()) for value in values])
        return self.inner.lookup(kind, key, values)


class PagesByPosition(BrokenReader):
    """11: pages are cut by position, so that one person fewer moves the next out of sight."""

    def read(self, want: Want) -> Iterator[Page]:
        others = want.kinds - {"user"}
        if others:
            yield from self.inner.read(replace(want, kinds=others))
        position, shown = 0, 0
        while "user" in want.kinds:
            pages = list(self.inner.read(replace(want, kinds=frozenset({"user"}))))
            now = [record for page in pages for record in page.records]
            records = tuple(now[position : position + 2])
            position, shown = position + 2, shown + len(records)
            if len(records) < 2:
                yield Page("user", records, Complete(shown, 0.0))
                return
            yield Page("user", records)


LISTED: set[str] = set()
"""E-mails an index knows: those a listing has shown."""


class LagsBehind(BrokenReader):
    """12: an index that is behind says "no" of somebody who was just made, and is sure."""

    def read(self, want: Want) -> Iterator[Page]:
        for page in self.inner.read(want):
            LISTED.update(str(record.values.get("email")) for record in page.records)
            yield page

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        for found in self.inner.lookup(kind, key, values):
            late = (kind, key) == ("user", "email") and found.value not in LISTED
            yield Found(found.value, ()) if late else found
