"""Tables F and M: one field of one person, from what we last did (B), what we want (D) and what is there (A).

All three are keyed fingerprints of canonical values. The table is complete: the set partitions of {B, D, A, absent}
number 15; where the two halves of B differ, movement decides (M1 to M4).
"""

from typing import Final, NamedTuple

from poolshift.plan.change import FieldVerdict
from poolshift.spec.model import Policy
from poolshift.state.base import ABSENT_FP, Pair

CLEARED_FP: Final = b"\x00" * 7 + b"\x01"
"""Desired to be empty: a value of its own on the desired side, equal to "absent" on the actual side."""

NO_PAIR: Final[Pair] = (ABSENT_FP, ABSENT_FP)


class Verdict(NamedTuple):
    """A rule of the table, and what it does; code: a finding that goes with it."""

    rule: str
    verdict: FieldVerdict
    code: str = ""


def situation(base: Pair, desired: bytes, actual: bytes) -> str:
    """Which row of tables F and M this is."""
    if CLEARED_FP in (base[0], desired):
        actual = _cleared(actual)
        # Nothing done yet is not "cleared": a value that was there before us stays a conflict.
        base = base if base == NO_PAIR else (_cleared(base[0]), _cleared(base[1]))
    if base == NO_PAIR:
        return _without_base(desired, actual)
    if base[0] == base[1]:
        return _settled_pair(base[0], desired, actual)
    return _moved(base, desired, actual)


def _cleared(fingerprint: bytes) -> bytes:
    return CLEARED_FP if fingerprint == ABSENT_FP else fingerprint


def _without_base(desired: bytes, actual: bytes) -> str:
    if desired == ABSENT_FP:
        return "F1" if actual == ABSENT_FP else "F5"
    if desired == actual:
        return "F3"
    return "F4" if actual in (ABSENT_FP, CLEARED_FP) else "F6"


def _settled_pair(base: bytes, desired: bytes, actual: bytes) -> str:
    if desired == ABSENT_FP:
        if actual in (ABSENT_FP, CLEARED_FP):
            return "F8"
        return "F7" if actual == base else "F9"
    if desired == base:
        if actual == base:
            return "F2"
        return "F10" if actual == ABSENT_FP else "F11"
    if actual == base:
        return "F12"
    if actual == desired:
        return "F13"
    return "F14" if actual == ABSENT_FP else "F15"


def _moved(base: Pair, desired: bytes, actual: bytes) -> str:
    if desired == base[0]:
        if actual == base[1]:
            return "M1"
        if actual == desired:
            return "F13"
        return "F10" if actual == ABSENT_FP else "F11"
    if desired == actual:
        return "F13" if desired != ABSENT_FP else "F8"
    if actual == base[1]:
        return "F7" if desired == ABSENT_FP else "F12"
    if desired == ABSENT_FP:
        return "F9"
    return "F14" if actual == ABSENT_FP else "F15"


_QUIET_RULES: Final = {"F1": "keep", "F2": "keep", "F5": "keep", "M1": "keep"}
_LEAVING: Final = frozenset({"F7", "F8", "F9"})


def decide_field(mode: str, handed_over: bool, policy: Policy, base: Pair, desired: bytes, actual: bytes) -> Verdict:
    """What happens to one field that can be read. Modes write_only and fields that cannot be read: `decide_unread`."""
    rule = situation(base, desired, actual)
    if rule in _QUIET_RULES:
        return Verdict(rule, "keep")
    if rule in _LEAVING:
        clears = rule == "F7" and policy.unmapped == "clear" and _source_rules(mode, handed_over)
        return Verdict(rule, "clear" if clears else "release")
    if rule in ("F3", "F13"):
        return Verdict(rule, "report" if mode == "observe" else "rebase")
    if mode == "observe":
        return Verdict(rule, "report")
    if mode == "seed":
        return Verdict(rule, "set" if rule == "F4" else "rebase")
    if mode == "write_once":
        return Verdict(rule, "set" if rule == "F4" else "conflict")
    if not _source_rules(mode, handed_over):
        return _after_handover(rule, policy, clears=desired == CLEARED_FP)
    return _ruled_by_source(rule, policy, clears=desired == CLEARED_FP)


def _source_rules(mode: str, handed_over: bool) -> bool:
    return mode in ("enforce", "merge_set") or (mode == "authority" and not handed_over)


def _ruled_by_source(rule: str, policy: Policy, clears: bool) -> Verdict:
    write: FieldVerdict = "clear" if clears else "set"
    if rule == "F6":
        return Verdict(rule, _by_policy(policy.existing_value, write))
    if rule in ("F14", "F15"):
        return Verdict(rule, _by_policy(policy.both_changed, write))
    return Verdict(rule, write)


def _by_policy(choice: str, write: FieldVerdict) -> FieldVerdict:
    if choice == "source":
        return write
    return "rebase" if choice == "destination" else "conflict"


def _after_handover(rule: str, policy: Policy, clears: bool) -> Verdict:
    if rule == "F4":
        return Verdict(rule, "set")
    if rule == "F12" and policy.late_change == "follow":
        return Verdict(rule, "clear" if clears else "set")
    return Verdict(rule, "rebase")


def decide_first(mode: str, policy: Policy, desired: bytes) -> Verdict:
    """A field of a record that is not there yet: it is known to be absent, whether or not it can be read."""
    if mode == "write_only":
        return decide_unread(mode, False, NO_PAIR, desired)
    return decide_field(mode, False, policy, NO_PAIR, desired, ABSENT_FP)


def decide_unread(mode: str, handed_over: bool, base: Pair, desired: bytes) -> Verdict:
    """A field whose actual value cannot be read: base decides. W1 same, W2 first, W3 differs, W4 unknown."""
    if desired == ABSENT_FP:
        return Verdict("F7", "release") if base != NO_PAIR else Verdict("F1", "keep")
    if base[0] == desired:
        return Verdict("W1", "keep")
    if mode != "write_only":
        return Verdict("W4", "report" if mode == "observe" else "hold")
    if base == NO_PAIR:
        return Verdict("W2", "set")
    return Verdict("W3", "keep" if handed_over else "set")
