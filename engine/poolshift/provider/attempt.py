"""How one call can end, and when it is tried again: the same for every kind of call.

An answer; Failed (refused, nothing written); Unknown (it may have been carried out); or, in a session that only reads,
the error that ends the command: AccessDenied or ProviderDown.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from poolshift.errors import AccessDenied, PoolshiftError, ProviderDown
from poolshift.provider.operation import Code, Failed, Failure, Unknown
from poolshift.provider.pacing import UNPACED, Pacing

PASSING: Final = frozenset({Code.BUSY, Code.DOWN})

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and how long a call that may be repeated is: seconds, doubling, with full jitter."""

    attempts: int = 6
    first: float = 0.5
    longest: float = 20.0

    def delay(self, attempt: int, failure: Failure) -> float:
        if failure.retry_after is not None:
            return failure.retry_after
        return min(self.first * 2.0 ** (attempt - 1), self.longest) * (0.5 + random.random() / 2)


class Trouble(Exception):
    """One attempt that did not end well. lost: it may have been carried out all the same. code: of the error."""

    def __init__(self, failure: Failure, code: str, *, lost: bool = False) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.code = code
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Attempts:
    """Makes calls, paced, again where that is safe.

    remedies: what to do about an error that ends a command, by its code; "" = where permissions are missing.
    """

    pacing: Pacing
    backoff: Backoff
    remedies: Mapping[str, str]

    def make(
        self, attempt: Callable[[], Answer], name: str, *, quota: str, writes: bool, again: bool, weight: float = 1
    ) -> Answer:
        """The answer of ``attempt``, which raises Trouble. ``name`` stands in errors: it holds no value of a record.

        Reads, and writes that are ``again``, are repeated a few times. Raises Failed and, for other writes whose
        answer was lost, Unknown; a read that is denied or stays without an answer raises AccessDenied or ProviderDown
        instead. KeyError for a quota that is not declared.
        """
        tried = 0
        while True:
            tried += 1
            self.pacing.spend(quota, weight)
            try:
                answer = attempt()
            except Trouble as trouble:
                self._tell(quota, throttled=trouble.failure.code is Code.BUSY)
                passing = trouble.failure.code in PASSING and (again or not writes)
                if passing and tried < self.backoff.attempts:
                    self.pacing.wait(self.backoff.delay(tried, trouble.failure))
                    continue
                raise self._verdict(trouble, name, writes=writes, again=again) from trouble
            self._tell(quota, throttled=False)
            return answer

    def ending(self, trouble: Trouble, failure: Failure | None = None) -> PoolshiftError:
        """The error that ends a command that only reads."""
        failure = failure or trouble.failure
        if failure.code is not Code.DENIED:
            remedy = "Try again later; if it lasts, ask who runs that network."
            return ProviderDown.of(trouble.code, failure.message, remedy)
        return AccessDenied.of(trouble.code, failure.message, self.remedies.get(trouble.code, self.remedies[""]))

    def _tell(self, quota: str, *, throttled: bool) -> None:
        if quota != UNPACED:
            self.pacing.answered(quota, throttled=throttled)

    def _verdict(self, trouble: Trouble, name: str, *, writes: bool, again: bool) -> Exception:
        """Every failure names the call, as the vendor's permissions spell it."""
        failure = replace(trouble.failure, message=f"{name}: {trouble.failure.message}")
        if writes:
            return Unknown(failure.message) if trouble.lost and not again else Failed(failure)
        if failure.code in PASSING or failure.code is Code.DENIED:
            return self.ending(trouble, failure)
        return Failed(failure)
