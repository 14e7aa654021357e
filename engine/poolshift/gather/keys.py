"""Stage 1, by key: everything equal lies side by side, so matches are claimed and collisions are seen here.

One partition at a time, sorted. A value held by very many records (a hot value) gets notes, no claims.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

import orjson

from poolshift.gather.rows import DECLARED, IDENTITY, LOGIN, MARKER, UNIQUE, VERIFIED
from poolshift.gather.spill import Spill
from poolshift.identity.address import hash64
from poolshift.spec.model import Users

HOT_PAIRS: Final = 1000
IN_MEMORY_ROWS: Final = 64_000

RANK: Final = {MARKER: b"2", VERIFIED: b"3", DECLARED: b"3", LOGIN: b"4", UNIQUE: b"4", IDENTITY: b"4"}
"""Rank 1 is the base's; 2 our marker; 3 verified on both sides or declared by the spec; 4 proves nothing."""


_HOT_CODES: Final = {LOGIN: b"ID_EMAIL_CASE_DUP", UNIQUE: b"LOGIN_COLLISION", IDENTITY: b"LINK_TWICE"}


@dataclass(slots=True)
class _Holders:
    """The records that hold one value, without repetition."""

    sources: dict[bytes, tuple[bytes, bytes]] = field(default_factory=dict)
    destinations: set[bytes] = field(default_factory=set)


class KeyStage:
    """Writes claims by destination id, notes and links of twins by person."""

    def __init__(self, keys: Spill, claims: Spill, notes: Spill, links: Spill, shift: int, users: Users) -> None:
        self._keys = keys
        self._claims = claims
        self._notes = notes
        self._links = links
        self._shift = shift
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
        hot = {share for share, count in counts.items() if count > IN_MEMORY_ROWS // 4}
        rows = []
        for row in self._keys.read(partition):
            share = hash64(row.split(b"\t", 1)[0])
            if share % passes == number and share not in hot:
                rows.append(row)
        rows.sort()
        self._run_rows(rows)
        for share in sorted(hot):
            self._stream_hot(partition, share)

    def _run_rows(self, rows: list[bytes]) -> None:
        for key, group in groupby(rows, key=lambda row: row.split(b"\t", 1)[0]):
            holders = _Holders()
            for row in group:
                _, side, who, flags, extra = row.split(b"\t")
                if side == b"S":
                    holders.sources[who] = (flags, extra)
                else:
                    holders.destinations.add(who)
            self._decide(key, holders)

    def _decide(self, key: bytes, holders: _Holders) -> None:
        letter = key[:1]
        sources, destinations = holders.sources, holders.destinations
        if len(sources) * len(destinations) > HOT_PAIRS:
            self.ambiguous += 1
            for who in sources:
                self._note(who, b"AMBIGUOUS_HOT", min(sources))
        else:
            rank = RANK[letter]
            for who in sources:
                for record in destinations:
                    self._claim(record, rank, who)
        if len(sources) > 1 and letter in (LOGIN, UNIQUE, IDENTITY):
            self._collide(letter, sources)

    def _collide(self, letter: bytes, sources: dict[bytes, tuple[bytes, bytes]]) -> None:
        """Several people want one value that one destination record can hold."""
        twins = letter == LOGIN and _twins(sources)
        if twins and self._duplicates == "merge":
            self._merge(sources)
            return
        code = _collision_code(letter, sources, bool(twins))
        if self._duplicates == "skip" and letter == LOGIN:
            code = b"SKIPPED:" + code
        for who, partner in _partners(sorted(sources)):
            self._note(who, code, partner)

    def _merge(self, sources: dict[bytes, tuple[bytes, bytes]]) -> None:
        primary = next(who for who, (flags, _) in sources.items() if flags.startswith(b"n"))
        for who, (_, links) in sources.items():
            if who == primary:
                continue
            self._note(who, b"MERGED", primary)
            if links:
                partition = hash64(primary) >> self._shift
                for link in orjson.loads(links):
                    self._links.add(partition, primary + b"\t" + orjson.dumps(link))

    def _stream_hot(self, partition: int, share: int) -> None:
        """A value held by more records than memory should hold: two passes over its rows, no pairs."""
        smallest: bytes | None = None
        second: bytes | None = None
        destinations = 0
        for row in self._of_share(partition, share):
            _, side, who, _, _ = row.split(b"\t")
            if side != b"S":
                destinations += 1
            elif smallest is None or who < smallest:
                smallest, second = who, smallest
            elif who != smallest and (second is None or who < second):
                second = who
        if smallest is None:
            return
        self.ambiguous += bool(destinations)
        for row in self._of_share(partition, share):
            key, side, who, _, _ = row.split(b"\t")
            if side != b"S":
                continue
            if destinations:
                self._note(who, b"AMBIGUOUS_HOT", smallest)
            if second is not None and key[:1] in (LOGIN, UNIQUE, IDENTITY):
                code = _HOT_CODES[key[:1]]
                if self._duplicates == "skip" and key[:1] == LOGIN:
                    code = b"SKIPPED:" + code
                self._note(who, code, second if who == smallest else smallest)

    def _of_share(self, partition: int, share: int) -> Iterator[bytes]:
        return (row for row in self._keys.read(partition) if hash64(row.split(b"\t", 1)[0]) == share)

    def _claim(self, record: bytes, rank: bytes, who: bytes) -> None:
        self._claims.add(hash64(record) >> self._shift, b"%s\t%s\t%s" % (record, rank, who))

    def _note(self, who: bytes, code: bytes, partner: bytes) -> None:
        self._notes.add(hash64(who) >> self._shift, b"%s\t%s\t%s" % (who, code, partner))


def _twins(sources: dict[bytes, tuple[bytes, bytes]]) -> bool:
    """One native person and its federated twins, every one with the e-mail verified."""
    natives = sum(flags.startswith(b"n") for flags, _ in sources.values())
    return natives == 1 and all(b"v" in flags and b"e" in flags for flags, _ in sources.values())


def _collision_code(letter: bytes, sources: dict[bytes, tuple[bytes, bytes]], twins: bool) -> bytes:
    if letter == IDENTITY:
        return b"LINK_TWICE"
    if letter != LOGIN:
        return b"LOGIN_COLLISION"
    if twins:
        return b"PERSON_TWIN"
    if all(b"e" in flags for flags, _ in sources.values()):
        return b"ID_EMAIL_CASE_DUP"
    return b"LOGIN_COLLISION"


def _partners(ordered: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Everybody with the smallest other holder: a star, not a clique."""
    for who in ordered:
        yield who, ordered[1] if who == ordered[0] else ordered[0]
