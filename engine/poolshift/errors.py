"""Everything poolshift raises, sorted by what the caller does about it; each class owns its exit code.

PoolshiftError
├── UsageError            64  the command line
├── InputError            65  spec, export, table, variable: the user's files
├── PlanUnusable           7  expired, used, damaged, or outside the approval
├── LimitExceeded          6  refused by a limit or a stopping finding
├── Locked                 8  another run holds the state
├── AccessDenied           9  credentials, permissions, wrong tenant, not found
├── ProviderDown          10  an end that does not answer, after retries
├── StateUnusable         11  state file, key, disk
├── NeedsPerson           12  windows that only a person can settle
└── Interrupted           13  first SIGINT or SIGTERM: drained
"""

from collections.abc import Sequence
from typing import ClassVar

from poolshift.diagnostics import Diagnostic, Place


class PoolshiftError(Exception):
    """Carries one or more diagnostics; `exit_code` is the contract with scripts."""

    exit_code: ClassVar[int] = 1

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = tuple(diagnostics)

    @classmethod
    def of(cls, code: str, summary: str, remedy: str = "", place: Place | None = None) -> "PoolshiftError":
        """One diagnostic, raised as this class."""
        return cls([Diagnostic(code, summary, place, remedy)])


class UsageError(PoolshiftError):
    exit_code = 64


class InputError(PoolshiftError):
    exit_code = 65


class PlanUnusable(PoolshiftError):
    exit_code = 7


class LimitExceeded(PoolshiftError):
    exit_code = 6


class Locked(PoolshiftError):
    exit_code = 8


class AccessDenied(PoolshiftError):
    exit_code = 9


class ProviderDown(PoolshiftError):
    exit_code = 10


class StateUnusable(PoolshiftError):
    exit_code = 11


class NeedsPerson(PoolshiftError):
    exit_code = 12


class Interrupted(PoolshiftError):
    exit_code = 13
