"""The table of findings, and what `checks` may do with it."""

import pytest

from poolshift.identity.codes import FINDING_CODES
from poolshift.identity.findings import FINDINGS, STOPPING, severity

LOCAL = {2, 3, 4, 6, 8, *range(10, 19), 26, 27, 31, 34}
KEY = {1, 5, 9, 19, 33}


def test_the_first_35_codes_have_their_settled_families() -> None:
    """Three families, and a fourth does not exist."""
    families = [rule.family for rule in list(FINDINGS.values())[:35]]
    for number, family in enumerate(families, 1):
        assert family == ("local" if number in LOCAL else "key" if number in KEY else "count")
    assert {rule.family for rule in FINDINGS.values()} == {"local", "key", "count"}


def test_the_loader_knows_every_code() -> None:
    """One table is the source of both."""
    assert tuple(FINDINGS) == FINDING_CODES
    assert len(set(FINDING_CODES)) == len(FINDING_CODES)
    assert set(FINDINGS) >= STOPPING


@pytest.mark.parametrize("code", FINDING_CODES)
def test_every_finding_says_what_and_what_to_do(code: str) -> None:
    """One line each, a sentence."""
    rule = FINDINGS[code]
    assert rule.title.endswith(".")
    assert rule.remedy.endswith((".", '"*"`.'))
    assert "\n" not in rule.title + rule.remedy


@pytest.mark.parametrize(
    ("code", "level", "expected"),
    [
        ("VALUE_LENGTH", None, "error"),
        ("VALUE_LENGTH", "warn", "warn"),
        ("VALUE_LENGTH", "ignore", "ignore"),
        ("VALUE_LENGTH", "skip", "skip"),
        ("DATE_ZONE", None, "warn"),
        ("DATE_ZONE", "error", "error"),
        ("LINK_LOST", None, "info"),
        ("VERIFIED_RAISED", "warn", "error"),
        ("VERIFIED_LINK", "ignore", "error"),
        ("LOGIN_COLLISION", "skip", "error"),
        ("LOGIN_ALIAS_THEFT", "error", "error"),
    ],
)
def test_checks_decide_but_never_lower_a_takeover_rule(code: str, level: str | None, expected: str) -> None:
    """LOGIN_* and VERIFIED_* stay errors whatever the spec says."""
    assert severity(code, {code: level} if level else {}) == expected


def test_a_code_that_does_not_exist_is_an_error() -> None:
    """A typing mistake in the engine must not become a finding nobody knows."""
    with pytest.raises(KeyError):
        severity("NO_SUCH_CODE", {})
