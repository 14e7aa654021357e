"""Every code of the language has a case that fires it and a neighbour that does not."""

import re
from pathlib import Path

import pytest

import poolshift.spec
from tests.spec.case import CASES, Case, cases, run

ALL = cases()
ENGINE = Path(poolshift.spec.__file__).parent
# Where the code of a finding is named to be refused or lowered, it is not one of the language's own.
CODES = frozenset(
    code
    for path in ENGINE.rglob("*.py")
    for code in re.findall(r'"(SPEC_[A-Z_]+)"', path.read_text("utf-8"))
    if not code.endswith("_")
)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.code}: {case.name}")
def test_a_spec_is_told_what_is_wrong_and_where(case: Case, tmp_path: Path) -> None:
    """Exactly the expected diagnostics come, each at its line and column, with something to do next."""
    verdict = run(case, tmp_path)
    assert list(verdict.lines(tmp_path)) == list(case.expect)
    if case.later is not None:
        assert list(verdict.later_lines(tmp_path)) == list(case.later)
    assert all(found.remedy for found in (*verdict.said, *verdict.later))
    if case.remedy:
        assert case.remedy in " ".join(found.remedy for found in verdict.said)
    assert verdict.loaded == all(found.severity == "warning" for found in verdict.said)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_case_and_a_neighbour(code: str) -> None:
    """One case says the code; another, beside it, says nothing."""
    own = [case for case in ALL if case.code == code]
    said = [line for case in own for line in (*case.expect, *(case.later or ()))]
    assert any(line.endswith(code) for line in said)
    assert any(case.expect == () and not case.later for case in own)


def test_every_case_is_about_a_code_that_exists() -> None:
    """No file of cases outlives the code it was written for."""
    assert {path.stem for path in CASES.glob("*.yaml")} == CODES
