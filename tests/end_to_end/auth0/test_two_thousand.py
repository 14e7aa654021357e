"""Two thousand mixed people, from a pool into a tenant that stands behind the vendor's own description of its API."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.end_to_end.auth0.expectation import expected
from tests.end_to_end.auth0.spec import ENVIRON, spec
from tests.end_to_end.auth0.tenant import Ends, People
from tests.end_to_end.migration import NO_CHANGES, SPEC_FILE, Migration, Ran, accepts
from tests.population.people import Person, people
from tests.servers.auth0 import Auth0Server
from tests.servers.auth0.described import description
from tests.servers.auth0.people import PREFIX
from tests.servers.cognito import CognitoServer
from tests.servers.prism import Prism

PEOPLE: Final = 2_000
_HELD: Final = {"status", "no address", "identity provider", "unverified link", "organization"}


@pytest.fixture
def ends() -> Iterator[Ends]:
    with CognitoServer() as cognito, Auth0Server() as auth0:
        yield Ends(cognito, auth0)


@pytest.mark.slow
def test_two_thousand_people_move_and_then_each_change_is_one_change(
    ends: Ends, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who belongs there is there, under the id they had; nobody is written to; no request breaks the description."""
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    everybody = people(PEOPLE)
    ends.seed(everybody)
    folder = tmp_path / "m"
    folder.mkdir()
    migration = Migration(folder)
    with Prism(description(tmp_path), ends.auth0.url) as prism:
        migration.write_spec(spec(ends.cognito.pool_id, ends.cognito.url, ends.auth0, prism.url))
        there, left = expected(everybody)
        why = Counter(left.values())
        _arrive(migration, ends, there, why)
        _stay(migration, why)
        _move_on(migration, ends, everybody, there)
        assert "violation" not in prism.log.lower()
    assert ends.auth0.mails == []
    assert ends.cognito.messages == []
    assert ends.auth0.log.credentials_elsewhere == 0
    assert {status for _, status in ends.auth0.log.answered} <= {200, 201, 202, 204}


def _arrive(migration: Migration, ends: Ends, there: People, why: Counter[str]) -> None:
    document = migration.plan_to("first.plan")
    assert document["counts"] == {
        "source": PEOPLE,
        "repeated": why["repeated"],
        "unselected": why["unselected"],
        "unmappable": why["unmappable"],
        "verdicts": len(there) + why["conflict"] + sum(why[reason] for reason in _HELD),
    }
    found = _changes(document)
    assert found["user", "create"] == len(there)
    assert found["role_member", "add"] == sum(len(one["roles"]) for one in there.values())
    assert found["organization_member", "add"] == sum(len(one["organizations"]) for one in there.values())
    applied = migration.apply("first.plan", *accepts(document))
    assert applied.code == 4, applied.err + applied.out
    assert ends.moved() == there
    asked = ends.auth0.log.counts
    assert asked["POST /users"] == 0
    assert asked["POST /jobs/users-imports"] <= 2 + len(there) // 1_000


def _stay(migration: Migration, why: Counter[str]) -> None:
    """Nothing is left but what a person decides."""
    conflicts, holds = why["conflict"], sum(why[reason] for reason in _HELD)
    second = migration.plan_to("second.plan")
    assert second["verdict"] == {"changes": 0, "conflicts": conflicts, "holds": holds, "exit_code": 4}
    assert migration.run("show", "second.plan").out.startswith(NO_CHANGES)
    verified: Ran = migration.run("verify", SPEC_FILE, "--format", "json")
    assert (verified.code, verified.document["verdict"]["differences"]) == (4, conflicts + holds)
    assert verified.document["verdict"]["conflicts"] == conflicts + holds


def _move_on(migration: Migration, ends: Ends, everybody: list[Person], there: People) -> None:
    """One changed and one deleted at the source, and one edited at the destination."""
    found = [person for person in everybody if person.sub in there and person.status == "CONFIRMED"]
    changed, deleted, edited = [person for person in found if not person.identities][100:103]
    ends.old.change(ends.old.get(changed.username), {"family_name": "Nieuwenhuis"})
    ends.old.remove(ends.old.get(deleted.username))
    ends.auth0.tenant.users[f"{PREFIX}{edited.sub}"]["given_name"] = "Edited"

    rows = migration.rows()
    assert {(row["address"], row["action"], row["rule"]) for row in rows} == {
        (f'user["{changed.sub}"]', "update", "R7"),
        (f'user["{deleted.sub}"]', "retain", "R9"),
        (f'user["{edited.sub}"]', "update", "R7"),
    }
    fields = {row["address"]: {own["path"]: own["rule"] for own in row["fields"]} for row in rows}
    assert fields[f'user["{changed.sub}"]'] == {"family_name": "F12", "name": "F12"}
    assert fields[f'user["{edited.sub}"]'] == {"given_name": "F11"}
    migration.migrate()
    changed.attributes["family_name"] = "Nieuwenhuis"
    after, _ = expected(everybody)
    assert ends.moved() == after


def _changes(document: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Changes of a plan by kind and action."""
    silent = {"noop", "hold", "conflict", "retain"}
    return {(one["kind"], one["action"]): one["count"] for one in document["summary"] if one["action"] not in silent}
