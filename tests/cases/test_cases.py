"""Every record of the corpus is planned as its file says."""

from pathlib import Path
from typing import Any

import pytest

from poolshift.errors import InputError
from tests.cases.case import Case, cases, run


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_a_record_is_planned_as_its_case_says(case: Case, tmp_path: Path) -> None:
    """Action, rule, findings, values and elements; or the code an export is refused with."""
    if case.refused:
        with pytest.raises(InputError) as refusal:
            run(case, tmp_path)
        assert case.refused in {own.code for own in refusal.value.diagnostics}
        return
    people, document = run(case, tmp_path)
    assert people.keys() == case.expect.keys()
    for sub, expected in case.expect.items():
        own = people[sub]
        assert (own.action, own.codes) == (expected["action"], expected.get("codes", [])), sub
        assert own.rule == expected.get("rule", own.rule), sub
        assert {path: own.values.get(path) for path in expected.get("values", {})} == expected.get("values", {}), sub
        assert own.adds == expected.get("adds", own.adds), sub
    _check_document(case, document)


def _check_document(case: Case, document: dict[str, Any]) -> None:
    """Findings of records are the people's; the rest are listed by the case. The counts add up."""
    of_people = {code for expected in case.expect.values() for code in expected.get("codes", [])}
    assert {own["code"] for own in document["findings"]} == {*of_people, *case.findings}
    counts = document["counts"]
    assert counts["source"] == len(case.records)
    assert counts["source"] == sum(counts[name] for name in ("repeated", "unselected", "unmappable", "verdicts"))
    assert {name: counts[name] for name in case.counts} == case.counts


def test_the_corpus_is_numbered() -> None:
    """Cases are named by their numbers in the list of pitfalls."""
    numbers = {int(case.name[1:4]) for case in cases()}
    assert all(case.name[0] == "u" for case in cases())
    assert len(numbers) > 55
