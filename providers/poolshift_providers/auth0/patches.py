"""Which fields of a user may change in one request."""

from collections.abc import Iterable
from typing import Final

from poolshift.identity.value import Path

APART: Final = ("username",)
"""May not change together with ``email``, ``email_verified`` or ``password``: sent in a request of its own."""

UNREMOVABLE: Final = frozenset({"given_name", "family_name", "name", "nickname", "picture"})
"""Attributes an ordinary database connection replaces and never removes."""


def patches(paths: Iterable[Path]) -> tuple[frozenset[Path], ...]:
    """The paths of an update in as few requests as the tenant allows; in a fixed order."""
    wanted = frozenset(paths)
    alone = [frozenset({path}) for path in APART if path in wanted]
    rest = wanted.difference(APART)
    return (*alone, rest) if rest else tuple(alone)
