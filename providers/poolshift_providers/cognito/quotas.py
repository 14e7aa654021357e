"""Request quotas by category: calls a second, of all the pools of an account and region together."""

from collections.abc import Mapping
from typing import Final

from poolshift.provider.granted import window
from poolshift.provider.schema import Quota

LIMITS: Final[Mapping[str, float]] = {
    "LogEvents": 10,
    "UserAccountRecovery": 30,
    "UserCreation": 50,
    "UserList": 30,
    "UserPoolRead": 15,
    "UserPoolResourceRead": 20,
    "UserPoolResourceUpdate": 15,
    "UserPoolUpdate": 15,
    "UserRead": 120,
    "UserResourceRead": 50,
    "UserResourceUpdate": 25,
    "UserUpdate": 25,
}
"""The defaults; live sign-ins draw on them too."""

_A_POOL: Final = frozenset({"UserPoolResourceRead", "UserPoolResourceUpdate"})
PER_POOL: Final = 5.0
"""Calls a second that one operation of these categories may make on one pool, whatever the account has."""


def quotas(granted: Mapping[str, str]) -> tuple[Quota, ...]:
    """The quotas; ``granted`` = limits AWS raised for this account, by category."""
    found = []
    for name, calls in LIMITS.items():
        own = window(granted, name, (calls, 1.0))
        windows = (own, (PER_POOL, 1.0)) if name in _A_POOL and name not in granted else (own,)
        found.append(Quota(name, windows, per="account"))
    return tuple(found)
