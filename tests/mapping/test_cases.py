"""Records of the corpus and the rules they meet, one YAML case each."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from poolshift.identity.value import UNKNOWN
from poolshift.mapping.desired import Desired, Left
from poolshift.mapping.mapper import Mapper
from tests.mapping.ends import SOURCE, destination, spec_of

CASES = Path(__file__).parent / "cases"


def cases() -> list[Any]:
    rows = []
    for file in sorted(CASES.glob("*.yaml")):
        rows += [pytest.param(case, id=f"{file.stem}: {case['name']}") for case in yaml.safe_load(file.read_text())]
    return rows


def codes(result: Desired | Left) -> list[str]:
    return sorted(f"{finding.code} {finding.path or '-'}" for finding in result.findings)


@pytest.mark.parametrize("case", cases())
def test_a_record_becomes_what_its_case_says(case: dict[str, Any]) -> None:
    """Fields, findings and everything else a case names; findings are compared completely, always."""
    schema = destination(**case.get("destination", {}))
    mapper = Mapper(spec_of(case.get("spec", {})), SOURCE, schema)
    record = {name: UNKNOWN if value == "$unknown" else value for name, value in case["record"].items()}
    result = mapper.map("S1", record, tuple(case.get("groups", ())))
    expected = case["expect"]
    assert codes(result) == sorted(expected.get("findings", []))
    if "left" in expected:
        assert isinstance(result, Left)
        assert [result.reason, result.why] == expected["left"]
        return
    assert isinstance(result, Desired)
    assert result.source_id == "S1"
    for path, value in expected.get("fields", {}).items():
        assert result.fields[path] == value
        assert type(result.fields[path]) is type(value)
    for path in expected.get("absent", []):
        assert path not in result.fields
    assert list(result.unknown) == expected.get("unknown", [])
    assert sorted(result.verified) == expected.get("verified", sorted(result.verified))
    assert list(result.organizations) == expected.get("organizations", [])
    assert [[link.provider, link.subject, link.trusted] for link in result.links] == expected.get("links", [])
    assert result.credential == expected.get("credential", result.credential)
    assert result.rank == expected.get("rank", result.rank)
