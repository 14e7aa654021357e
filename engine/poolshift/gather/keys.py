"""Stage 1, by key: everything equal lies side by side, so matches are claimed and collisions are seen here.

One partition at a time, sorted. A value held by very many records (a hot value) gets notes, no claims.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

import orjson

from poolshift.gather.rows import DECLARED, DESTINATION, IDENTITY, LOGIN, MARKER, SOURCE, UNIQUE, VERIFIED
from poolshift.gather.spill import Spill
from poolshift.identity.address import hash64
from poolshift.spec.model import Users

HOT_PAIRS: Final = 1000
IN_MEMORY_ROWS: Final = 64_000

RANK: Final = {MARKER: b"2", VERIFIED: b"3", DECLARED: b"3", LOGIN: b"4", UNIQUE: b"4", IDENTITY: b"4"}
"""Rank 1 is the base's; 2 our marker; 3 verified on both sides or declared by the spec; 4 proves nothing."""

_OF_SOURCE: Final = SOURCE + b"\t"
_OF_DESTINATION: Final = DESTINATION + b"\t"


@dataclass(slots=True)
class _Crowd:
    """What must be known of a value's holders before a word about any of them; bounded, however many they are."""

    sources: set[bytes] = field(default_factory=set)
    destinations: set[bytes] = field(default_factory=set)
    smallest: bytes = b""
    second: bytes = b""
    native: bytes = b""
    natives: int = 0
    emails: bool = True
    verified: bool = True

    def add(self, side: bytes, who: bytes, flags: bytes) -> None:
        if side != b"S":
            if len(self.destinations) <= HOT_PAIRS:
                self.destinations.add(who)
            return
        if len(self.sources) <= HOT_PAIRS:
            self.sources.add(who)
        if not self.smallest or who < self.smallest:
            self.smallest, self.second = who, self.smallest
        elif who != self.smallest and (not self.second or who < self.second):
            self.second = who
        if flags.startswith(b"n") and who != self.native:
            self.native = who
            self.natives += 1
        self.emails = self.emails and b"e" in flags
        self.verified = self.verified and b"v" in flags

    @property
    def hot(self) -> bool:
        return len(self.sources) * len(self.destinations) > HOT_PAIRS

    @property
    def twins(self) -> bool:
        """One native person and its federated twins, every one with the e-mail verified."""
        return bool(self.second) and self.natives == 1 and self.emails and self.verified

    def partner(self, who: bytes) -> bytes:
        """Everybody with the smallest other holder: a star, not a clique."""
        return self.second if who == self.smallest else self.smallest


class KeyStage:
    """Writes claims by destination id, notes and links of twins by person."""

    def __init__(self, keys: Spill, claims: Spill, notes: Spill, links: Spill, shift: int, users: Users) -> None:
        self._keys = keys
        self._claims = claims
        self._notes = notes
        self._links = links
        self._shift = shift
        self._mask = len(claims.rows) - 1
        self._duplicates = users.duplicates
        self.ambiguous = 0

    def run(self, partition: int) -> None:
        """Pure in its inputs: the rows of one partition of keys, in any order, repeated or not."""
        passes = -(-self._keys.rows[partition] // IN_MEMORY_ROWS)
        if passes <= 1:
            self._run_rows(sorted(self._keys.read(partition)))
            return
        for number in range(passes):
            self._run_pass(partition, passes, number)

    def _run_pass(self, partition: int, passes: int, number: int) -> None:
        """One share of a large partition; values held by too many records are streamed, not held."""
        counts: dict[int, int] = {}
        for row in self._keys.read(partition):
            share = hash64(row.split(b"\t", 1)[0])
            if share % passes == number:
                counts[share] = counts.get(share, 0) + 1
        large = {share for share, count in counts.items() if count > IN_MEMORY_ROWS // 4}
        rows = []
        for row in self._keys.read(partition):
            share = hash64(row.split(b"\t", 1)[0])
            if share % passes == number and share not in large:
                rows.append(row)
        rows.sort()
        self._run_rows(rows)
        for share in sorted(large):
            self._settle(lambda share=share: self._of_share(partition, share))  # type: ignore[misc]

    def _run_rows(self, rows: list[bytes]) -> None:
        """``rows`` are sorted: those of one value are neighbours."""
        start, count = 0, len(rows)
        while start < count:
            first = rows[start]
            key = first[: first.index(b"\t") + 1]
            end = start + 1
            while end < count and rows[end].startswith(key):
                end += 1
            if end - start > 1 and not (end - start == 2 and self._pair(first, rows[start + 1], len(key))):
                self._settle(rows[start:end].__iter__)
            start = end

    def _pair(self, first: bytes, second: bytes, side: int) -> bool:
        """Nearly every value: one record has it, one person wants it, and there is nothing to say but the claim.

        side: where that column begins.
        """
        if not (first.startswith(_OF_DESTINATION, side) and second.startswith(_OF_SOURCE, side)):
            return False
        at = side + len(_OF_SOURCE)
        self._claim(first[at : first.index(b"\t", at)], RANK[first[:1]], second[at : second.index(b"\t", at)])
        return True

    def _of_share(self, partition: int, share: int) -> Iterator[bytes]:
        return (row for row in self._keys.read(partition) if hash64(row.split(b"\t", 1)[0]) == share)

    def _settle(self, rows: Callable[[], Iterator[bytes]]) -> None:
        """One value, in two passes over its rows: what its holders are, then a word about each."""
        key, crowd = b"", _Crowd()
        for row in rows():
            key, side, who, flags, _ = row.split(b"\t")
            crowd.add(side, who, flags)
        letter = key[:1]
        merged = self._duplicates == "merge" and letter in (LOGIN, VERIFIED) and crowd.twins
        if crowd.hot:
            self.ambiguous += 1
        else:
            for who in (crowd.native,) if merged else crowd.sources:
                for record in crowd.destinations:
                    self._claim(record, RANK[letter], who)
        code = self._code(letter, crowd, merged)
        if crowd.hot or code:
            for row in rows():
                _, side, who, _, links = row.split(b"\t")
                if side == b"S":
                    self._tell(who, crowd, code, links)

    def _code(self, letter: bytes, crowd: _Crowd, merged: bool) -> bytes:
        """What it means that several people want one value that one destination record can hold."""
        if not crowd.second or letter not in (LOGIN, UNIQUE, IDENTITY):
            return b""
        if merged:
            return b"MERGED"
        if letter == IDENTITY:
            return b"LINK_TWICE"
        if letter == UNIQUE:
            return b"LOGIN_COLLISION"
        code = b"PERSON_TWIN" if crowd.twins else b"ID_EMAIL_CASE_DUP" if crowd.emails else b"LOGIN_COLLISION"
        return b"SKIPPED:" + code if self._duplicates == "skip" else code

    def _tell(self, who: bytes, crowd: _Crowd, code: bytes, links: bytes) -> None:
        if crowd.hot:
            self._note(who, b"AMBIGUOUS_HOT", crowd.partner(who))
        if code == b"MERGED":
            if who != crowd.native:
                self._note(who, code, crowd.native)
                self._readdress(links, crowd.native)
        elif code:
            self._note(who, code, crowd.partner(who))

    def _readdress(self, links: bytes, primary: bytes) -> None:
        """A twin's links become the primary's."""
        if links:
            partition = hash64(primary) >> self._shift
            for link in orjson.loads(links):
                self._links.add(partition, primary + b"\t" + orjson.dumps(link))

    def _claim(self, record: bytes, rank: bytes, who: bytes) -> None:
        self._claims.add(crc32(record) & self._mask, b"%s\t%s\t%s" % (record, rank, who))

    def _note(self, who: bytes, code: bytes, partner: bytes) -> None:
        self._notes.add(hash64(who) >> self._shift, b"%s\t%s\t%s" % (who, code, partner))
