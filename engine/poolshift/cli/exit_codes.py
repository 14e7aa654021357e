"""The exit code where several would do: the first in a fixed order of urgency."""

from collections.abc import Iterable
from typing import Final

BUG: Final = 1
INTERRUPTED: Final = 13
USAGE: Final = 64
PRECEDENCE: Final = (1, 13, 8, 11, 9, 10, 65, 12, 7, 6, 5, 4, 2)
_OUTCOMES: Final = frozenset({2, 4})


def first(codes: Iterable[int]) -> int:
    """The most urgent of several codes; a usage error comes before anything was read, so it stands alone."""
    found = set(codes)
    for code in (USAGE, *PRECEDENCE):
        if code in found:
            return code
    return 0


def outcome(code: int, detailed: bool) -> int:
    """2 and 4 are outcomes, told only with `--detailed-exitcode`; any other code is told always."""
    return code if detailed or code not in _OUTCOMES else 0
