"""The rows of the stages: bytes, columns parted by tabs, free of tabs and newlines in any column.

Wide rows   s TAB standing TAB born TAB more TAB fields      fields: canonical JSON, parsed for few people only
Key rows    key TAB side TAB who TAB flags TAB extra         key = one type letter + the value
Claim rows  d TAB rank TAB s                                 rank 0 = the destination record itself
Match rows  s TAB d TAB rank TAB standing TAB digest TAB place TAB taker (TAB element TAB id)*     rank of the claim
Note rows   s TAB code TAB partner

born: JSON of the dates and the name a record listed twice is known by. more: of a selected record JSON of its
organizations, links, findings and unknown paths, nothing where it has none of them, as nearly everybody; of one that
is left out JSON of reason, why and findings. element: JSON of a kind and the parts of its address after the person;
its id as JSON, too. Only the person a record goes to has its elements.
"""

from hashlib import blake2b
from typing import Final

from poolshift.errors import InputError

MARKER: Final = b"m"
LOGIN: Final = b"l"
VERIFIED: Final = b"v"
DECLARED: Final = b"d"
UNIQUE: Final = b"u"
IDENTITY: Final = b"i"
"""Key types: our marker; every login; a verified e-mail or phone; a declared match; a unique field; a subject."""

SELECTED: Final = b"."
LEFT: Final = b"!"
"""Standings of wide rows."""

SOURCE: Final = b"S"
DESTINATION: Final = b"A"

RECORD: Final = b"0"
"""Rank of a claim row that is the destination record itself; it ends in the record's digest and place."""

OK: Final = b"ok"
"""Standing of a match row: the record goes to this person."""


def safe(text: str) -> bytes:
    """A value as a column: itself, or a digest where it holds characters a column may not."""
    if text.isprintable():
        return text.encode()
    return b"\x01" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest().encode()


def identifier(text: str) -> bytes:
    """A record's id as a column. Raises InputError where it is empty or holds control characters: no vendor's does."""
    if not text or not text.isprintable():
        raise InputError.of(
            "ID_UNUSABLE",
            "a record's id is empty or holds control characters",
            "Look for a damaged export: ids of people are UUIDs at most vendors.",
        )
    return text.encode()
