"""How many records of a write are read back before the rest are sent: of what a provider only assumes to work."""

from typing import Final

from poolshift.identity.kind import SHARED_KINDS, Kind
from poolshift.provider.schema import Schema
from poolshift.provider.verb import Verb

CANARIES: Final = 3


def canaries(schema: Schema, kind: Kind, verb: Verb) -> int:
    """0 = it is known to work, or it is no record that a lookup by id shows: law 25 refuses to assume of such."""
    about = schema.kinds.get(kind)
    support = about.verbs.get(verb) if about is not None else None
    if about is None or support is None or support.evidence != "assumed":
        return 0
    is_record = kind == "user" or kind in SHARED_KINDS
    return CANARIES if is_record and about.reads_back(verb) else 0
