"""The 8-byte keys of elements, as the base row keeps them: keyed fingerprints of kind and parts, without the person."""

from poolshift.identity.address import parse
from poolshift.identity.kind import Kind
from poolshift.privacy import Fingerprinter


class ElementKeys:
    """Keys of memberships are kept: groups are few. Those of links are not: there is one a person."""

    def __init__(self, fingerprints: Fingerprinter) -> None:
        self._fingerprints = fingerprints
        self._known: dict[tuple[Kind, tuple[str, ...]], bytes] = {}

    def key(self, kind: Kind, parts: tuple[str, ...]) -> bytes:
        known = self._known.get((kind, parts))
        if known is None:
            known = self._fingerprints.of_value(kind, list(parts))
            if kind != "link":
                self._known[kind, parts] = known
        return known

    def key_of_address(self, address: str) -> bytes:
        """The key of ``group_member["S","admins"]`` and its like."""
        kind, parts = parse(address)
        return self.key(kind, parts[1:])

    def link_parts(self, provider: str, subject: str) -> tuple[str, str]:
        """A link's parts in an address: the provider, and a fingerprint instead of the subject."""
        return provider, self._fingerprints.of_value("subject", [provider, subject]).hex()
