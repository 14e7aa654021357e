"""Tables F and M, row by row, and what must hold over all of them."""

from itertools import product
from typing import Any

import pytest

from poolshift.plan.fields import CLEARED_FP, NO_PAIR, Verdict, decide_field, decide_unread
from poolshift.spec.model import Policy
from poolshift.state.base import ABSENT_FP, Pair
from tests.plan.tables import fingerprint, pair, table

COLUMNS = {
    "pre": (("enforce", False), ("enforce", True), ("authority", False)),
    "post": (("authority", True),),
    "seed": (("seed", False), ("seed", True)),
    "observe": (("observe", False), ("observe", True)),
    "write_once": (("write_once", False), ("write_once", True)),
}
MODES = ("enforce", "authority", "seed", "observe", "write_once")
WRITES = ("set", "clear")


def name(row: dict[str, Any]) -> str:
    return f"{row.get('rule') or row['policy']} {row['base']} {row['desired']} {row['actual']}"


@pytest.mark.parametrize("row", table("fields"), ids=name)
def test_every_row_in_every_mode(row: dict[str, Any]) -> None:
    """Rule and verdict of each row of the tables, before and after handover."""
    base, desired, actual = pair(row["base"]), fingerprint(row["desired"]), fingerprint(row["actual"])
    for column, modes in COLUMNS.items():
        for mode, handed_over in modes:
            verdict = decide_field(mode, handed_over, Policy(), base, desired, actual)
            assert (verdict.rule, verdict.verdict) == (row["rule"], row[column]), (column, mode, handed_over)


@pytest.mark.parametrize("row", table("fields", "policies"), ids=name)
def test_policies_change_what_they_name(row: dict[str, Any]) -> None:
    """Each policy changes its rows, and no other mode's."""
    policy = Policy.model_validate(row["policy"])
    base, desired, actual = pair(row["base"]), fingerprint(row["desired"]), fingerprint(row["actual"])
    for column in COLUMNS.keys() & row.keys():
        for mode, handed_over in COLUMNS[column]:
            verdict = decide_field(mode, handed_over, policy, base, desired, actual).verdict
            assert verdict == row[column], (column, mode, handed_over)


@pytest.mark.parametrize("row", table("fields", "unread"), ids=lambda row: f"{row['rule']} {row['mode']} {row['base']}")
def test_fields_that_cannot_be_read(row: dict[str, Any]) -> None:
    """Base decides; what is not known is never written over, but for what can only be written."""
    for column, handed_over in (("pre", False), ("post", True)):
        verdict = decide_unread(row["mode"], handed_over, pair(row["base"]), fingerprint(row["desired"]))
        assert (verdict.rule, verdict.verdict) == (row["rule"], row[column])


def test_the_tables_are_complete() -> None:
    """All fifteen situations and the settled divergence stand in the table."""
    assert {row["rule"] for row in table("fields")} == {*(f"F{number}" for number in range(1, 16)), "M1"}


VALUES = [fingerprint(word) for word in ("-", "v", "w", "x")]
EVERYTHING = list(product(VALUES, VALUES, [*VALUES, CLEARED_FP], VALUES, MODES, (False, True)))
POLICIES = [
    Policy(existing_value=existing, both_changed=both, late_change=late, unmapped=unmapped)
    for existing, both, late, unmapped in product(
        ("conflict", "source", "destination"),
        ("conflict", "source", "destination"),
        ("hold", "follow"),
        ("release", "clear"),
    )
]


def landed(verdict: Verdict, base: Pair, desired: bytes, actual: bytes) -> tuple[Pair, bytes]:
    """Base and actual once the verdict was carried out, as the text has it: B := (sent, as read back)."""
    if verdict.verdict == "set":
        return (desired, desired), desired
    if verdict.verdict == "clear":
        return (NO_PAIR if desired == ABSENT_FP else (desired, ABSENT_FP)), ABSENT_FP
    if verdict.verdict == "rebase":
        return (desired, actual), actual
    return (NO_PAIR, actual) if verdict.verdict == "release" else (base, actual)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda own: "-".join(map(str, own.model_dump().values())))
def test_the_plan_after_an_apply_is_quiet(policy: Policy) -> None:
    """Over everything: once a verdict has landed, nothing is written or recorded again; a conflict stays the same."""
    for source, destination, desired, actual, mode, handed_over in EVERYTHING:
        base = (source, destination)
        first = decide_field(mode, handed_over, policy, base, desired, actual)
        after, there = landed(first, base, desired, actual)
        second = decide_field(mode, handed_over, policy, after, desired, there)
        case = (base, desired, actual, mode, handed_over, first)
        if first.verdict in ("conflict", "report"):
            assert second == first, case
        else:
            assert second.verdict in ("keep", "report"), case


def test_nothing_without_a_base_is_overwritten() -> None:
    """Under default policies a value that was there before us is never changed, and none is ever cleared."""
    for source, _, desired, actual, mode, handed_over in EVERYTHING:
        if actual != ABSENT_FP and source == ABSENT_FP:
            verdict = decide_field(mode, handed_over, Policy(), NO_PAIR, desired, actual)
            assert verdict.verdict not in WRITES


def test_a_mode_that_may_not_write_never_does() -> None:
    """observe writes nothing at all, write_once only where nothing is, seed only once; under no policy."""
    for policy in POLICIES:
        for source, destination, desired, actual, _, handed_over in EVERYTHING:
            base = (source, destination)
            assert decide_field("observe", handed_over, policy, base, desired, actual).verdict not in WRITES
            for mode in ("write_once", "seed"):
                if decide_field(mode, handed_over, policy, base, desired, actual).verdict in WRITES:
                    assert (base, actual) == (NO_PAIR, ABSENT_FP)
