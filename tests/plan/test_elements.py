"""Table S, row by row."""

from itertools import product
from typing import Any

import pytest

from poolshift.plan.elements import ElementDecision, decide_element
from poolshift.spec.model import Policy
from tests.plan.tables import table

BOTH = (False, True)


def decided(row: dict[str, Any], policy: Policy, *, post: bool, privileged: bool) -> ElementDecision:
    return decide_element(
        was_desired=row["was"][0],
        was_there=row["was"][1],
        desired=row["desired"],
        actual=row["there"],
        handed_over=post,
        privileged=privileged,
        policy=policy,
    )


@pytest.mark.parametrize("row", table("elements"), ids=lambda row: f"{row['rule']} {row['was']}")
def test_every_row_before_and_after_handover(row: dict[str, Any]) -> None:
    """Rule and verdict of each row, for plain and privileged elements, with late changes held and followed."""
    for post, privileged, late in product(BOTH, BOTH, ("hold", "follow")):
        expected = {"pre": row["pre"], "post": row["post"]}
        expected |= row.get("privileged", {}) if privileged else {}
        expected |= row.get("follow", {}) if late == "follow" else {}
        policy = Policy.model_validate({"late_change": late})
        decision = decided(row, policy, post=post, privileged=privileged)
        column = "post" if post else "pre"
        assert (decision.rule, decision.verdict) == (row["rule"], expected[column]), (column, privileged, late)


def test_the_table_is_complete() -> None:
    """Every combination of what was and what is stands in the table."""
    rows = {(*row["was"], row["desired"], row["there"]) for row in table("elements")}
    assert rows == set(product(BOTH, BOTH, BOTH, BOTH))


def test_the_plan_after_an_apply_is_quiet() -> None:
    """Once a verdict has landed nothing is left to do; a conflict stays."""
    for row, post, privileged in product(table("elements"), BOTH, BOTH):
        first = decided(row, Policy(), post=post, privileged=privileged)
        was, there = row["was"], row["there"]
        if first.verdict in ("add", "adopt"):
            was, there = [True, True], True
        elif first.verdict == "rebase":
            was = [row["desired"], there]
        elif first.verdict in ("remove", "forget"):
            was, there = [False, False], there and first.verdict == "forget"
        second = decided({**row, "was": was, "there": there}, Policy(), post=post, privileged=privileged)
        assert second == first if first.verdict == "conflict" else second.verdict == "keep", (row, post, privileged)


def test_what_we_did_not_put_there_is_never_removed() -> None:
    """Without a base that saw it there, an element stays, wanted or not."""
    for was_desired, post, privileged in product(BOTH, BOTH, BOTH):
        row = {"was": [was_desired, False], "desired": False, "there": True}
        assert decided(row, Policy(), post=post, privileged=privileged).verdict != "remove"
