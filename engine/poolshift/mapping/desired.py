"""What mapping yields for one source record."""

from dataclasses import dataclass

from poolshift.identity.finding import Finding
from poolshift.identity.value import Path, Value


@dataclass(slots=True)
class DesiredLink:
    """A federated identity. ``provider`` is the destination's word for the identity provider."""

    provider: str
    subject: str
    trusted: bool  # the spec trusts this provider's e-mail


@dataclass(slots=True)
class Desired:
    """One person as the destination should hold it.

    fields: destination path -> canonical value; a missing path is absent. Holds the source_id path too, and the
        enabled flag where the destination has one. A value of None means "explicitly empty".
    organizations: destination keys, in order, without repetition.
    links: only those of mode `create`.
    credential: what `users.passwords` and the status table make of it: "none" or "reset" or "temporary".
    rank: 0 native user that signs in with its own password, 1 federated only; the lower one is the primary of twins.
    findings: local findings; a person with one of severity error is held, not dropped.
    unknown: paths whose value could not be read or mapped. They are not in `fields`, and yet not absent: hold them.
    """

    source_id: str
    fields: dict[Path, Value]
    organizations: tuple[str, ...] = ()
    links: tuple[DesiredLink, ...] = ()
    credential: str = "none"
    rank: int = 0
    verified: frozenset[Path] = frozenset()  # login fields whose verified flag is true at the source
    findings: tuple[Finding, ...] = ()
    unknown: tuple[Path, ...] = ()


@dataclass(slots=True)
class Left:
    """A source record that is not planned, and why: it keeps its key row, so that it is never "gone".

    reason: "unselected" (with `why`: if, status, disabled, check) or "unmappable" (findings say why).
    """

    source_id: str
    reason: str
    why: str = ""
    findings: tuple[Finding, ...] = ()
