"""The ten routes of the language reference, each against a schema of its vendor."""

from pathlib import Path

import pytest
from poolshift.spec.load import load

from tests.spec.providers import Catalogue

ROUTES = Path(__file__).parent / "routes"
NAMES = sorted(path.name for path in ROUTES.glob("*.yaml"))
ENVIRON = {
    name: f"invented-{name.lower()}"
    for name in (
        "A0_ID A0_SECRET AK AZ_ID AZ_SECRET CLERK_SECRET_KEY DESCOPE_KEY FA_KEY F_ID F_SECRET JIT_CLIENT JIT_KEY "
        "JIT_SECRET JIT_TOKEN K_ID K_SECRET ORY_KEY SK STYTCH_SECRET WORKOS_API_KEY ZITADEL_PAT"
    ).split()
}
VARIABLES = {"01-cognito.yaml": {"env": "staging", "old_pool": "eu-west-1_Old", "new_pool": "eu-west-1_New"}}


@pytest.mark.parametrize("name", NAMES)
def test_a_route_is_valid_and_warns_of_later_keys_only(name: str) -> None:
    """Every route loads; what it warns of is that some of its keys cannot be carried out yet."""
    spec = load(ROUTES / name, Catalogue(), variables=VARIABLES.get(name), environ=ENVIRON)
    assert spec.migration.startswith("acme-")
    assert spec.warnings == ()
    assert {found.code for found in spec.not_yet} <= {"SPEC_NOT_YET"}
