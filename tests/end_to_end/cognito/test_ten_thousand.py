"""Ten thousand mixed people, from one pool into another: planned, applied, and then moved on at both ends."""

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

from tests.end_to_end.cognito.expectation import expected
from tests.end_to_end.cognito.pools import People, Pools
from tests.end_to_end.cognito.spec import spec
from tests.end_to_end.migration import NO_CHANGES, SPEC_FILE, Migration, accepts
from tests.population.people import Person, people
from tests.servers.cognito import CognitoServer

_HELD: Final = {"status", "no address", "identity provider", "unverified link"}


@pytest.fixture
def pools() -> Iterator[Pools]:
    with CognitoServer() as server:
        yield Pools(server)


@pytest.mark.slow
def test_ten_thousand_people_move_and_then_each_change_is_one_change(pools: Pools, tmp_path: Path) -> None:
    """Who belongs there is there, whole; then nothing changes; then four people move and nobody else is touched."""
    everybody = people(10_000)
    pools.seed(everybody)
    migration = Migration(tmp_path)
    migration.write_spec(spec(pools.old_id, pools.new_id, pools.server.url))
    there, left = expected(everybody)
    why = Counter(left.values())

    _arrive(migration, pools, there, why)
    _stay(migration, why)
    _move_on(migration, pools, everybody, there)
    assert pools.server.messages == []
    assert {status for _, status in pools.server.log.answered} == {200}


def _arrive(migration: Migration, pools: Pools, there: People, why: Counter[str]) -> None:
    document = migration.plan_to("first.plan")
    assert document["counts"] == {
        "source": why.total() + len(there),
        "repeated": why["repeated"],
        "unselected": why["unselected"],
        "unmappable": why["unmappable"],
        "verdicts": len(there) + why["conflict"] + sum(why[reason] for reason in _HELD),
    }
    assert _changes(document) == {
        ("attribute", "create"): 5,
        ("group", "create"): len(set().union(*(one["groups"] for one in there.values()))),
        ("user", "create"): len(there),
        ("group_member", "add"): sum(len(one["groups"]) for one in there.values()),
        ("link", "add"): sum(len(one["links"]) for one in there.values()),
    }
    administrators = sum("administrators" in one["groups"] for one in there.values())
    assert accepts(document) == ["--accept", f"privilege_grants={administrators}"]
    applied = migration.apply("first.plan", *accepts(document))
    assert applied.code == 4, applied.err
    assert pools.moved() == there
    asked = pools.server.log.counts
    assert asked["AdminCreateUser"] == len(there)
    assert asked["AdminSetUserPassword"] == sum(one["status"] == "CONFIRMED" for one in there.values())
    assert asked["AdminDisableUser"] == sum(not one["enabled"] for one in there.values())


def _stay(migration: Migration, why: Counter[str]) -> None:
    """Nothing is left but what a person decides."""
    conflicts, holds = why["conflict"], sum(why[reason] for reason in _HELD)
    second, third = migration.plan(), migration.run("plan", SPEC_FILE, "--out", "third.plan")
    assert second["verdict"] == {"changes": 0, "conflicts": conflicts, "holds": holds, "exit_code": 4}
    assert third.out.startswith(NO_CHANGES)
    shown = migration.run("show", "third.plan", "--format", "json").document
    assert shown["plan"]["digest"] == second["plan"]["digest"]
    verified = migration.run("verify", SPEC_FILE, "--format", "json")
    assert (verified.code, verified.document["verdict"]["differences"]) == (4, conflicts + holds)
    assert verified.document["verdict"]["conflicts"] == conflicts + holds


def _move_on(migration: Migration, pools: Pools, everybody: list[Person], there: People) -> None:
    """One changed, one deleted, one new at the source, and one edited at the destination."""
    changed, deleted, edited, model = _plain(everybody, there)
    newcomer = _newcomer(model)
    pools.old.change(pools.old.get(changed.username), {"family_name": "Nieuwenhuis"})
    pools.old.remove(pools.old.get(deleted.username))
    pools.new.change(pools.new.get(pools.ids()[edited.sub]), {"given_name": "Edited"})
    pools.seed([newcomer])

    rows = migration.rows()
    groups = sorted(there[model.sub]["groups"])
    assert {(row["address"], row["action"], row["rule"]) for row in rows} == {
        (f'user["{changed.sub}"]', "update", "R7"),
        (f'user["{deleted.sub}"]', "retain", "R9"),
        (f'user["{edited.sub}"]', "update", "R7"),
        (f'user["{newcomer.sub}"]', "create", "R1"),
        *((f'group_member["{newcomer.sub}","{group}"]', "add", "S2") for group in groups),
    }
    fields = {row["address"]: {own["path"]: own["rule"] for own in row["fields"]} for row in rows}
    assert fields[f'user["{changed.sub}"]'] == {"family_name": "F12", "name": "F12"}
    assert fields[f'user["{edited.sub}"]'] == {"given_name": "F11"}

    migration.migrate()
    changed.attributes["family_name"] = "Nieuwenhuis"
    after, _ = expected([*everybody, newcomer])
    assert pools.moved() == after
    assert after.keys() == there.keys() | {newcomer.sub}
    assert migration.plan()["verdict"]["changes"] == 0


def _plain(everybody: list[Person], there: People) -> list[Person]:
    """Four people without twins or identities; the last one in groups that are no privilege."""
    found = [
        person
        for person in everybody
        if person.sub in there and person.status == "CONFIRMED" and not there[person.sub]["links"]
    ]
    model = next(person for person in found if "beta" in person.groups and "admins" not in person.groups)
    others = [person for person in found if person is not model]
    return [*others[100:103], model]


def _newcomer(model: Person) -> Person:
    person = deepcopy(model)
    person.sub, person.username = str(UUID(int=7)), "newcomer"
    person.attributes |= {"email": "newcomer@example.com"}
    return person


def _changes(document: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Changes of a plan by kind and action."""
    silent = {"noop", "hold", "conflict", "retain"}
    return {(one["kind"], one["action"]): one["count"] for one in document["summary"] if one["action"] not in silent}
