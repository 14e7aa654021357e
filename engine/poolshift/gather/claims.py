"""Stage 2, by destination id: who gets which record."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from poolshift.gather.spill import Spill
from poolshift.identity.address import hash64

OK: Final = b"ok"
TIE: Final = b"tie"
TAKEN: Final = b"taken"
MISSING: Final = b"missing"


class ClaimStage:
    """Best rank wins if exactly one person holds it. Writes matches and elements by person.

    ``foreign`` counts records nobody claims; ``gone`` those that only a base row knows.
    """

    def __init__(self, claims: Spill, elements: Spill, matches: Spill, actual_elements: Spill, shift: int) -> None:
        self._claims = claims
        self._elements = elements
        self._matches = matches
        self._actual_elements = actual_elements
        self._shift = shift
        self.foreign = 0
        self.gone = 0

    def run(self, partition: int) -> None:
        elements: dict[bytes, set[bytes]] = {}
        for row in self._elements.read(partition):
            record, _, element = row.partition(b"\t")
            elements.setdefault(record, set()).add(element)
        rows = sorted(set(self._claims.read(partition)))  # one person claims a record by several keys
        for record, group in groupby(rows, key=lambda row: row[: row.index(b"\t")]):
            for winner in self._settle(record, group):
                if own := elements.get(record):
                    part = hash64(winner) >> self._shift
                    for element in sorted(own):
                        self._actual_elements.add(part, winner + b"\t" + element)

    def _settle(self, record: bytes, rows: Iterable[bytes]) -> list[bytes]:
        """Match rows of one destination record; returns the person it goes to, if any."""
        seen = False
        facts = b"\t"
        best: dict[bytes, bytes] = {}
        alive: set[bytes] = set()
        for row in rows:
            columns = row.split(b"\t")
            if columns[1] == b"0":
                seen = True
                facts = columns[2] + b"\t" + columns[3]
                continue
            rank, who = columns[1], columns[2]
            if rank != b"1":
                alive.add(who)
            best.setdefault(who, rank)  # rows are sorted: the best rank comes first
        if not seen:
            self.gone += 1
            for who in best:
                self._match(who, record, b"1", MISSING, facts, b"")
            return []
        if not best:
            self.foreign += 1
            return []
        return self._award(record, best, alive, facts)

    def _award(self, record: bytes, best: dict[bytes, bytes], alive: set[bytes], facts: bytes) -> list[bytes]:
        if len(best) == 1:  # nearly every record
            ((who, rank),) = best.items()
            self._match(who, record, rank, OK, facts, b"")
            return [who]
        top = min(best.values())
        winners = sorted(who for who, rank in best.items() if rank == top)
        for who, rank in best.items():
            if rank != top:
                mark = b"+" if winners[0] in alive else b"-"
                self._match(who, record, rank, TAKEN, facts, mark + winners[0])
            elif len(winners) == 1:
                self._match(who, record, rank, OK, facts, b"")
            else:
                self._match(who, record, rank, TIE, facts, winners[1] if who == winners[0] else winners[0])
        return winners if len(winners) == 1 else []

    def _match(self, who: bytes, record: bytes, rank: bytes, standing: bytes, facts: bytes, taker: bytes) -> None:
        row = b"%s\t%s\t%s\t%s\t%s\t%s" % (who, record, rank, standing, facts, taker)
        self._matches.add(hash64(who) >> self._shift, row)
