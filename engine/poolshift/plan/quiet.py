"""What the quiet test compares: digests of both sides, fields and elements, as of the last decision and now."""

from collections.abc import Iterable

from poolshift.privacy import Fingerprinter
from poolshift.state.base import Pair


def quiet_pair(
    desired: bytes, actual: bytes, wanted: Iterable[bytes], present: Iterable[bytes], records: Fingerprinter
) -> Pair:
    """desired, actual: digests of the fields. wanted, present: keys of the owned elements.

    A base row keeps the pair; as long as it is the same, nothing of the person has to be decided.
    """
    return (
        records.of_bytes(desired + b"".join(sorted(wanted))),
        records.of_bytes(actual + b"".join(sorted(present))),
    )
