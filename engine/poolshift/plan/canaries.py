"""How many records of a write are read back before the rest are sent: of what a provider only assumes to work."""

from typing import Final

from poolshift.identity.kind import SHARED_KINDS, Kind
from poolshift.provider.schema import ID, Schema
from poolshift.provider.verb import Verb

CANARIES: Final = 3


def canaries(schema: Schema, kind: Kind, verb: Verb) -> int:
    """0 = it is known to work, or it is no record that a look-up by id finds: then the next plan compares it."""
    about = schema.kinds.get(kind)
    support = about.verbs.get(verb) if about is not None else None
    if about is None or support is None or support.evidence != "assumed":
        return 0
    is_found = (kind == "user" or kind in SHARED_KINDS) and any(key.path == ID for key in about.keys)
    return CANARIES if is_found else 0
