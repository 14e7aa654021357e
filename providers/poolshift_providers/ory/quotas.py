"""Rate limits of the Ory Network by bucket: so many calls a second and a minute. A Kratos of one's own has none."""

from collections.abc import Mapping
from typing import Final

from poolshift.provider.schema import Quota
from poolshift_providers.ory.settings import Settings

WRITES: Final = "kratos-admin-low"
LISTS: Final = "kratos-admin-medium"
READS: Final = "kratos-admin-high"
CONSOLE: Final = "console"
"""The API of the Ory Console: how many calls it takes is not documented."""

_LIMITS: Final[Mapping[str, Mapping[str, tuple[float, float]]]] = {
    WRITES: {"developer": (5, 80), "production": (8, 175), "growth": (18, 425), "enterprise": (35, 850)},
    LISTS: {"developer": (5, 25), "production": (5, 90), "growth": (9, 200), "enterprise": (17, 400)},
    READS: {"developer": (5, 40), "production": (5, 80), "growth": (23, 550), "enterprise": (45, 1100)},
}
"""(a second, a minute) of each bucket by plan of the project."""

CONSOLE_RATE: Final = 2.0
UNLIMITED: Final = 10_000.0
"""Calls a second to a Kratos of one's own: as fast as it answers."""


def quotas(settings: Settings) -> tuple[Quota, ...]:
    """The admin API is not what people sign in by: nothing of it is left to them."""
    if not settings.is_network:
        return tuple(Quota(name, ((UNLIMITED, 1.0),), shared=False) for name in _LIMITS)
    found = [Quota(CONSOLE, ((CONSOLE_RATE, 1.0),), shared=False)] if settings.has_organizations else []
    for name, by_tier in _LIMITS.items():
        second, minute = by_tier[settings.tier]
        found.append(Quota(name, ((second, 1.0), (minute, 60.0)), shared=False))
    return tuple(found)
