"""The record rules R1 to R12: which record is a person's, and what follows."""

from typing import Any

import pytest

from poolshift.plan.match import Match, choose_match
from poolshift.spec.model import Policy
from tests.plan.tables import table
from tests.planning.rehearsal import SPEC, Rehearsal, person, rehearse


def claim(record: str, rank: int, standing: Any, taker: str = "", alive: str = "") -> Match:
    return Match(record, rank, standing, taker=taker, alive=alive == "alive")


@pytest.mark.parametrize("row", table("matches"), ids=lambda row: row["name"])
def test_which_record_is_a_persons(row: dict[str, Any]) -> None:
    """The rule, and the record or the action and code that stand instead."""
    policy = Policy.model_validate(row.get("policy", {}))
    claims = [claim(*own) for own in row["claims"]]
    for ordered in (claims, claims[::-1]):
        matched = choose_match(ordered, row.get("base", False), policy)
        record = matched.match.record if matched.match else None
        assert [matched.rule, matched.action or "matched", record or matched.code] == row["expect"]


def rehearsal_of(row: dict[str, Any]) -> Rehearsal:
    policy = "\n".join(f"  {name}: {choice}" for name, choice in row.get("policy", {}).items())
    text = f"{SPEC}policy:\n{policy}\n" if policy else SPEC
    unverified = row.get("unverified", ())
    records = [
        person(own, f"{email}@example.com", email_verified=own not in unverified)
        for own, email in row["people"].items()
    ]
    rehearsal = rehearse(*records, text=text)
    rehearsal.destination.users = {own: _there(**values) for own, values in row.get("there", {}).items()}
    rehearsal.store.rule_set({})
    for source_id, destination_id in row.get("base", {}).items():
        rehearsal.base(source_id, destination_id)
    return rehearsal


def _there(email: str, verified: bool = True, marker: str | None = None, owner: str | None = None) -> dict[str, Any]:
    values = {"email": f"{email}@example.com", "email_verified": verified, "external_id": marker, "owner": owner}
    return {"enabled": True, **{path: value for path, value in values.items() if value is not None}}


@pytest.mark.parametrize("row", table("records"), ids=lambda row: row["name"])
def test_what_becomes_of_a_record(row: dict[str, Any]) -> None:
    """Action, rule and code of the person's own rows in a whole plan."""
    plan = rehearsal_of(row).plan()
    who = row.get("who", "s1")
    found = [[own.action, own.rule, own.code] for own in plan.rows if own.address == f'user["{who}"]']
    assert found == row["expect"]


def test_records_nobody_claims_never_leave_the_match() -> None:
    """R11: a foreign record is counted, and no row of the plan names it."""
    rehearsal = rehearse(person("s1", "a@example.com"))
    rehearsal.destination.users = {"d1": _there("z"), "d2": _there("y", marker="s9", owner="somebody-else")}
    with rehearsal.gathered() as (gathered, _):
        assert gathered.foreign == 2
    assert not [row for row in rehearsal.plan().rows if row.destination_id in ("d1", "d2")]
