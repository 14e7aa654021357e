"""Counts of one line of a table, and what went wrong in words without any value of a person.

lost, twice, differ: people; messages: that a server would have sent; codes: exit codes that are not the right one;
not quiet: plans with changes after the end; state: base rows that are not those of a clean run; not met: faults that
no request met.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """cases: that were run; found: of each kind of trouble; told: one sentence a case in trouble."""

    name: str
    cases: int = 0
    found: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    exits: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, case: str, found: Counter[str], *notes: str) -> None:
        """One case; it is in trouble where anything was found."""
        self.cases += 1
        self.found += found
        if found:
            what = ", ".join(f"{kind} {count}" for kind, count in sorted(found.items()))
            self.told.append(f"{self.name}: {case}: {what}" + "".join(f"; {note}" for note in notes if note))

    def row(self, *kinds: str) -> list[str]:
        """Its name, its cases and how often each kind of trouble was found."""
        return [self.name, f"{self.cases:,}", *(str(self.found[kind]) for kind in kinds)]
