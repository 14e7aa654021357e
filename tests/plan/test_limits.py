"""Named limits: percentages, their floor, exact accepts."""

from typing import Any

import pytest

from poolshift.plan.limits import NAMES, check_limits, refusals, wrong_accepts
from poolshift.spec.model import Limits
from tests.plan.tables import table


@pytest.mark.parametrize("row", table("limits"), ids=lambda row: row["name"])
def test_what_a_limit_lets_through(row: dict[str, Any]) -> None:
    """What is refused, and which accepts are wrong."""
    accepted = row.get("accepted", {})
    existing = dict.fromkeys(NAMES, row["existing"])
    verdicts = check_limits(Limits.model_validate(row["limits"]), row["planned"], existing, accepted)
    assert [own.name for own in verdicts] == list(NAMES)
    assert [own.name for own in verdicts if own.verdict == "needs_accept"] == row.get("refused", [])
    assert [own.code for own in wrong_accepts(verdicts, accepted)] == row.get("wrong", [])
    assert len(refusals(verdicts)) == len(row.get("refused", []))


def test_a_refusal_says_the_exact_words_that_lift_it() -> None:
    """The remedy is to be copied."""
    verdicts = check_limits(Limits(), {"delete": 7}, {}, {})
    (refusal,) = refusals(verdicts)
    assert refusal.code == "LIMIT_EXCEEDED"
    assert "--accept delete=7" in refusal.remedy


def test_limits_are_shown_as_they_were_written() -> None:
    """A number or a percentage."""
    written = {own.name: own.limit for own in check_limits(Limits(), {}, {}, {})}
    assert (written["delete"], written["disable"], written["update"]) == ("0", "1%", "30%")
