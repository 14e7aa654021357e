"""Rate limits of a tenant by group of endpoints: what the Essentials and Professional subscriptions document.

A bucket of so many requests is refilled at so many a minute; a window as long as one bucket takes to fill paces to
exactly that.
"""

from collections.abc import Mapping
from typing import Final

from poolshift.provider.granted import window
from poolshift.provider.schema import Quota

READ_USERS: Final = "read_users"
WRITE_USERS: Final = "write_users"
WRITE_MEMBERS: Final = "write_organization_members"
WRITE_ORGANIZATIONS: Final = "write_organizations"
READ_CONNECTIONS: Final = "read_connections"
MANAGEMENT: Final = "management"

LIMITS: Final[Mapping[str, tuple[float, float]]] = {
    READ_USERS: (40, 4.8),
    WRITE_USERS: (20, 6),
    WRITE_MEMBERS: (20, 6),
    WRITE_ORGANIZATIONS: (5, 12),
    READ_CONNECTIONS: (5, 6),
    # The rest (jobs, roles, lists of members) has no limit of its own: the API's, which enterprise tenants have.
    MANAGEMENT: (16, 1),
}
"""(calls, seconds). Live sign-ins read and write people by other APIs, but administrators' tools share these."""


def quotas(granted: Mapping[str, str]) -> tuple[Quota, ...]:
    """The quotas; ``granted`` = limits of this tenant, by name."""
    return tuple(Quota(name, (window(granted, name, limit),)) for name, limit in LIMITS.items())
