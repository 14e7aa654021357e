"""The base: what we last sent and last saw of one person, as keyed fingerprints. Pure; no value is ever in it.

A field's pair is (source fingerprint, destination fingerprint); ABSENT_FP stands for "absent".
"""

from dataclasses import dataclass, field
from typing import Final

from poolshift.identity.value import Path

ABSENT_FP: Final = bytes(8)
NEVER_QUIET: Final = bytes(8)
Pair = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class ElementBase:
    """An element of a person's sets: was it desired, was it there, as of the last decision."""

    desired: bool = True
    actual: bool = True


@dataclass(slots=True)
class Base:
    """One person.

    quiet: (digest of desired, digest of actual) over the owned fields and elements, salted with the rule set;
        NEVER_QUIET where something is open, so that the next plan looks again.
    fields: path -> pair. elements: 8-byte keyed fingerprint of the element's address -> what was.
    rule_set: number of the rule set (field modes, policies, canonical forms) the pairs were decided under.
    """

    source_id: str
    destination_id: str
    rule_set: int
    quiet: Pair = (NEVER_QUIET, NEVER_QUIET)
    handover: bool = False
    fields: dict[Path, Pair] = field(default_factory=dict)
    elements: dict[bytes, ElementBase] = field(default_factory=dict)
    released: bool = False
