"""Named limits: what a plan may do before a person has to say the exact number."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    """``limit`` as written in the spec; accepted: the number a person has said, if any."""

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
        within = allowed is None or count <= allowed or accepted.get(name) == count
        shown = f"{amount.percent:g}%" if amount.percent is not None else str(amount.number)
        verdicts.append(LimitVerdict(name, shown, count, accepted.get(name), "ok" if within else "needs_accept"))
    return tuple(verdicts)


def _allowed(amount: Amount, existing: int, percent_from: int) -> float | None:
    if amount.percent is None:
        return amount.number
    if existing < percent_from:
        return None
    return existing * amount.percent / 100


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
