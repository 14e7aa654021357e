"""What one group of the source gives a person at the destination."""

from dataclasses import dataclass

from poolshift.identity.kind import Kind


@dataclass(frozen=True, slots=True)
class Element:
    """A membership.

    kind: group_member, role_member or organization_member.
    parts: its address after the person: ``("admins",)`` or ``(scope, role)``, destination names.
    parent_kind, parent_parts: the shared record it belongs to, an address too.
    privileged: counts in `limits.privilege_grants`. create: whether the parent may be created, or adopted only.
    """

    kind: Kind
    parts: tuple[str, ...]
    parent_kind: Kind
    parent_parts: tuple[str, ...]
    privileged: bool = False
    create: bool = True
