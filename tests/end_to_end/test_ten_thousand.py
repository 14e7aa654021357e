"""Ten thousand mixed people, from the first plan to the plan that says nothing is left."""

from collections import Counter
from pathlib import Path

import pytest

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import NO_CHANGES, SPEC_FILE, Migration, accepts
from tests.population.people import people

_HELD = {"status", "no address", "identity provider", "unverified link", "organization"}


@pytest.mark.slow
def test_ten_thousand_people_arrive_and_stay(tmp_path: Path) -> None:
    """Who belongs there is there, whole; who does not is not; then nothing changes, and verify finds nothing else."""
    everybody = people(10_000)
    there, left = expected(everybody)
    why = Counter(left.values())
    conflicts, holds = why["conflict"], sum(why[reason] for reason in _HELD)
    migration = Migration.create(tmp_path / "m", everybody)

    first = migration.plan_to("first.plan")
    assert first["counts"] == {
        "source": 10_000,
        "repeated": why["repeated"],
        "unselected": why["unselected"],
        "unmappable": why["unmappable"],
        "verdicts": len(there) + conflicts + holds,
    }
    assert accepts(first) == ["--accept", f"privilege_grants={_privileged(migration)}"]
    applied = migration.apply("first.plan", *accepts(first))
    assert applied.code == 4, applied.err

    assert migration.directory() == there
    second, third = migration.plan(), migration.plan()
    assert second["verdict"] == {"changes": 0, "conflicts": conflicts, "holds": holds, "exit_code": 4}
    assert second["plan"]["digest"] == third["plan"]["digest"]
    told = migration.run("plan", SPEC_FILE)
    assert told.out.startswith(NO_CHANGES)
    verified = migration.run("verify", SPEC_FILE, "--format", "json")
    assert (verified.code, verified.document["verdict"]["differences"]) == (4, conflicts + holds)
    assert verified.document["verdict"]["conflicts"] == conflicts + holds


def _privileged(migration: Migration) -> int:
    """Memberships of privileged groups and roles in the plan."""
    rows = migration.all_rows("first.plan")
    own = [row["address"] for row in rows if row["action"] == "add"]
    return sum(address.endswith(('"administrators"]', '"","billing"]')) for address in own)
