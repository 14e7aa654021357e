"""Table S: one element of one person's sets (a membership, a link), from base, desired and actual membership."""

from dataclasses import dataclass
from typing import Literal

from poolshift.spec.model import Policy

ElementVerdict = Literal["add", "adopt", "remove", "forget", "keep", "rebase", "conflict"]


@dataclass(frozen=True, slots=True)
class ElementDecision:
    rule: str
    verdict: ElementVerdict


def decide_element(
    *,
    was_desired: bool,
    was_there: bool,
    desired: bool,
    actual: bool,
    handed_over: bool,
    privileged: bool,
    policy: Policy,
) -> ElementDecision:
    """`was_desired`, `was_there`: the base's pair; both False = no base."""
    if not (was_desired or was_there):
        return _without_base(desired, actual, handed_over, policy)
    if (was_desired, was_there) != (True, True) and (desired, actual) == (was_desired, was_there):
        return ElementDecision("M1", "keep")
    if not desired:
        if not actual:
            return ElementDecision("S5", "forget")
        if not was_there:
            return ElementDecision("S1", "forget")
        return ElementDecision("S4", "rebase" if handed_over else "remove")
    if actual:
        return ElementDecision("S7", "keep" if was_desired and was_there else "rebase")
    if handed_over:
        return ElementDecision("S6", "rebase")
    return ElementDecision("S6", "conflict" if privileged else "add")


def _without_base(desired: bool, actual: bool, handed_over: bool, policy: Policy) -> ElementDecision:
    if not desired:
        return ElementDecision("S1" if actual else "S8", "keep")
    if actual:
        return ElementDecision("S3", "adopt")
    if handed_over and policy.late_change == "hold":
        return ElementDecision("S2", "rebase")
    return ElementDecision("S2", "add")
