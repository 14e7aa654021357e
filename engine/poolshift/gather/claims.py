"""Stage 2, by destination id: who gets which record."""

from collections.abc import Iterator, Sequence
from typing import Final

from poolshift.gather.rows import OK, RECORD
from poolshift.gather.spill import Spill
from poolshift.identity.address import hash64

_TIE: Final = b"tie"
_TAKEN: Final = b"taken"
_MISSING: Final = b"missing"


class ClaimStage:
    """Best rank wins if exactly one person holds it. Writes matches by person, each record's elements with the match
    of the person it goes to.

    ``foreign`` counts records nobody claims; ``gone`` those that only a base row knows.
    """

    def __init__(self, claims: Spill, elements: Spill, matches: Spill, shift: int) -> None:
        self._claims = claims
        self._elements = elements
        self._matches = matches
        self._shift = shift
        self.foreign = 0
        self.gone = 0

    def run(self, partition: int) -> None:
        elements: dict[bytes, list[bytes]] = {}
        for row in self._elements.read(partition):
            record, _, element = row.partition(b"\t")
            elements.setdefault(record, []).append(element)
        for record, rows in _by_record(sorted(self._claims.read(partition))):
            self._settle(record, rows, elements.get(record))

    def _settle(self, record: bytes, rows: Sequence[bytes], elements: list[bytes] | None) -> None:
        """Match rows of one destination record; ``rows``: its claims, the best rank first, with the record's own."""
        facts = b""
        best: dict[bytes, bytes] = {}
        alive: set[bytes] = set()
        for row in rows:
            rank, _, who = row.partition(b"\t")
            if rank == RECORD:
                facts = who
                continue
            if rank != b"1":
                alive.add(who)
            best.setdefault(who, rank)
        if not facts:
            self.gone += 1
            for who in best:
                self._match(who, record, b"1", _MISSING, b"\t", b"")
        elif not best:
            self.foreign += 1
        else:
            self._award(record, best, alive, facts, b"\t".join([b"", *sorted(set(elements))]) if elements else b"")

    def _award(self, record: bytes, best: dict[bytes, bytes], alive: set[bytes], facts: bytes, elements: bytes) -> None:
        if len(best) == 1:  # nearly every record
            ((who, rank),) = best.items()
            self._match(who, record, rank, OK, facts, elements)
            return
        top = min(best.values())
        winners = sorted(who for who, rank in best.items() if rank == top)
        for who, rank in best.items():
            if rank != top:
                mark = b"+" if winners[0] in alive else b"-"
                self._match(who, record, rank, _TAKEN, facts, b"", mark + winners[0])
            elif len(winners) == 1:
                self._match(who, record, rank, OK, facts, elements)
            else:
                self._match(who, record, rank, _TIE, facts, b"", winners[1] if who == winners[0] else winners[0])

    def _match(
        self, who: bytes, record: bytes, rank: bytes, standing: bytes, facts: bytes, elements: bytes, taker: bytes = b""
    ) -> None:
        row = b"%s\t%s\t%s\t%s\t%s\t%s%s" % (who, record, rank, standing, facts, taker, elements)
        self._matches.add(hash64(who) >> self._shift, row)


def _by_record(rows: Sequence[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    """Each destination id with the rest of its rows; ``rows`` are sorted, so that they are neighbours."""
    record, start, own = b"", b"\t", list[bytes]()
    for row in rows:
        if row.startswith(start):
            own.append(row[len(start) :])
            continue
        if own:
            yield record, own
        record, _, rest = row.partition(b"\t")
        start = record + b"\t"
        own = [rest]
    if own:
        yield record, own
