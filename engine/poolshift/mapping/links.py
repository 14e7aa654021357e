"""Which federated identities of a person the destination should hold."""

from collections.abc import Mapping
from typing import Final

from poolshift.identity.value import UNKNOWN, Value
from poolshift.mapping.desired import DesiredLink
from poolshift.mapping.field_rule import Note
from poolshift.spec.model import Link

PATH: Final = "identities"


class LinkRules:
    """The spec's `links`, applied to one person at a time."""

    def __init__(self, links: Mapping[str, Link]) -> None:
        self._links = dict(links)

    def of(self, identities: Value, values: Mapping[str, Value], notes: list[Note]) -> tuple[DesiredLink, ...]:
        """Links to create, in order, without repetition.

        identities: list of {"provider", "subject", …}; anything else, UNKNOWN included, is unreadable and noted.
        """
        if identities is UNKNOWN or not isinstance(identities, (list, tuple)):
            notes.append(("LINK_UNREADABLE", PATH, "the links could not be read"))
            return ()
        wanted: dict[tuple[str, str], DesiredLink] = {}
        for identity in identities:
            if (link := self._link(identity, values, notes)) is not None:
                wanted.setdefault((link.provider, link.subject), link)
        return tuple(wanted.values())

    def _link(self, identity: Value, values: Mapping[str, Value], notes: list[Note]) -> DesiredLink | None:
        provider = identity.get("provider") if isinstance(identity, Mapping) else None
        subject = identity.get("subject") if isinstance(identity, Mapping) else None
        if not isinstance(provider, str) or not isinstance(subject, str) or not provider or not subject:
            notes.append(("LINK_UNREADABLE", PATH, "a link has no identity provider or no subject"))
            return None
        rule = self._links.get(provider)
        if rule is None:
            notes.append(("LINK_UNMAPPED", PATH, f"identity provider {provider}"))
            return None
        if rule.mode == "skip":
            return None
        # Both ways end in a link found by e-mail: one we write, or one the destination makes at the next sign-in.
        if rule.trust_email and values.get("email") and values.get("email_verified") is not True:
            notes.append(("VERIFIED_LINK", PATH, f"identity provider {provider}"))
            return None
        if rule.mode == "rebind":
            notes.append(("LINK_LOST", PATH, f"identity provider {provider}"))
            return None
        return DesiredLink(rule.to, subject, rule.trust_email)
