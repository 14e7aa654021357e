"""The ten routes of the language reference, each against a schema of its vendor."""

import re
from pathlib import Path

import pytest

from poolshift.spec.load import load
from tests.spec.providers import Catalogue

ROUTES = Path(__file__).parent / "routes"
NAMES = sorted(path.name for path in ROUTES.glob("*.yaml"))
ENVIRON = {
    name: f"invented-{name.lower()}"
    for path in ROUTES.glob("*.yaml")
    for name in re.findall(r"\$\{env:(\w+)\}", path.read_text("utf-8"))
}
VARIABLES = {"01-cognito.yaml": {"env": "staging", "old_pool": "eu-west-1_Old", "new_pool": "eu-west-1_New"}}


@pytest.mark.parametrize("name", NAMES)
def test_a_route_is_valid_and_warns_of_later_keys_only(name: str) -> None:
    """Every route loads; what it warns of is that some of its keys cannot be carried out yet."""
    spec = load(ROUTES / name, Catalogue(), variables=VARIABLES.get(name), environ=ENVIRON)
    assert spec.migration.startswith("acme-")
    assert spec.warnings == ()
    assert {found.code for found in spec.not_yet} <= {"SPEC_NOT_YET"}
