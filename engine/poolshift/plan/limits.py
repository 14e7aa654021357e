"""Named limits: what a plan may do before a person has to say the exact number."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from poolshift.diagnostics import Diagnostic
from poolshift.spec.model import Amount, Limits

NAMES: Final = (
    "delete",
    "disable",
    "update",
    "adopt",
    "remove_membership",
    "login_change",
    "privilege_grants",
    "messages",
)
EXACT: Final = frozenset({"delete", "disable", "login_change", "privilege_grants", "messages", "adopt"})
"""Dangers an approval covers exactly as planned, without slack."""


@dataclass(frozen=True, slots=True)
class LimitVerdict:
    """``limit``: as written in the spec, 10 or 1%; accepted: the number a person has said, if any."""

    name: str
    limit: str
    planned: int
    accepted: int | None
    verdict: Literal["ok", "needs_accept"]


def check_limits(
    limits: Limits, planned: Mapping[str, int], existing: Mapping[str, int], accepted: Mapping[str, int]
) -> tuple[LimitVerdict, ...]:
    """Percentages are of `existing[name]` records and count from `percent_from` of them on."""
    verdicts = []
    for name in NAMES:
        amount: Amount = getattr(limits, name)
        count = planned.get(name, 0)
        allowed = _allowed(amount, existing.get(name, 0), limits.percent_from)
        within = count <= allowed or accepted.get(name) == count
        written = _written(amount)
        verdicts.append(LimitVerdict(name, written, count, accepted.get(name), "ok" if within else "needs_accept"))
    return tuple(verdicts)


def _written(amount: Amount) -> str:
    return str(amount.number or 0) if amount.percent is None else f"{amount.percent:g}%"


def _allowed(amount: Amount, existing: int, percent_from: int) -> int:
    """Below `percent_from` existing records a percentage says nothing: all of them are allowed."""
    if amount.percent is None:
        return amount.number or 0
    if existing < percent_from:
        return existing
    return int(existing * Decimal(str(amount.percent)) / 100)


def wrong_accepts(verdicts: tuple[LimitVerdict, ...], accepted: Mapping[str, int]) -> list[Diagnostic]:
    """Accepts are exact: a number that is not the planned one accepts nothing."""
    planned = {verdict.name: verdict.planned for verdict in verdicts}
    problems = []
    for name, count in accepted.items():
        if name not in planned:
            problems.append(
                Diagnostic("LIMIT_UNKNOWN", f"there is no limit {name!r}", remedy=f"Limits are: {', '.join(NAMES)}.")
            )
        elif planned[name] != count:
            problems.append(
                Diagnostic(
                    "ACCEPT_DIFFERS",
                    f"--accept {name}={count} does not equal what is planned: {planned[name]}",
                    remedy=f"Look at the plan again, then say --accept {name}={planned[name]}.",
                )
            )
    return problems


def refusals(verdicts: tuple[LimitVerdict, ...]) -> list[Diagnostic]:
    return [
        Diagnostic(
            "LIMIT_EXCEEDED",
            f"{verdict.name}: {verdict.planned} planned, the limit is {verdict.limit}",
            remedy=f"Review them with `show`, then say --accept {verdict.name}={verdict.planned}.",
        )
        for verdict in verdicts
        if verdict.verdict == "needs_accept"
    ]
