"""resolve: a person's verdict holds until a side moves."""

import pytest

from poolshift.errors import UsageError
from poolshift.planning.resolve import Keep, resolve
from tests.planning.rehearsal import Outcome, Rehearsal, person, rehearse

ANNA = 'user["s1"]'
SEAT = 'group_member["s1","admins"]'


def conflict() -> Rehearsal:
    """given_name was changed at both ends."""
    rehearsal = rehearse(person("s1", "a@example.com", given_name="Ann"))
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    rehearsal.source.users["s1"]["given_name"], own["given_name"] = "Anna", "Annie"
    return rehearsal


def conflicts(plan: Outcome) -> list[tuple[str, ...]]:
    return [tuple(field["path"] for field in row.fields) for row in plan.of_action("conflict")]


def settled(rehearsal: Rehearsal, keep: Keep, address: str = ANNA, path: str = "given_name") -> Rehearsal:
    resolve(rehearsal.session, address, path, keep, "reviewer", "as agreed")
    return rehearsal


@pytest.mark.parametrize(("keep", "kept"), [("source", "Anna"), ("destination", "Annie")])
def test_a_resolved_field_stays_settled(keep: Keep, kept: str) -> None:
    """The chosen value stands at the destination, and no later plan mentions it."""
    rehearsal = conflict()
    assert conflicts(rehearsal.plan()) == [("given_name",)]
    settled(rehearsal, keep)
    assert conflicts(rehearsal.plan()) == []
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    assert own["given_name"] == kept
    assert not rehearsal.plan().rows


def test_a_reason_is_recorded_without_whom_it_names() -> None:
    """People write an address or a number where they say why."""
    rehearsal = conflict()
    told = resolve(rehearsal.session, ANNA, "", "source", "reviewer", "asked a@example.com, +32 470 12 34 56, twice")
    [recorded] = rehearsal.session.store.resolutions().values()
    assert told["why"] == recorded.why == "asked ***@***, +***, twice"


@pytest.mark.parametrize("keep", ["source", "destination"])
@pytest.mark.parametrize("side", ["source", "destination"])
def test_a_resolution_ends_when_a_side_moves(keep: Keep, side: str) -> None:
    """It was made about two values; about others nobody has decided."""
    rehearsal = settled(conflict(), keep)
    if side == "source":
        rehearsal.source.users["s1"]["given_name"] = "Anne"
    else:
        next(iter(rehearsal.destination.users.values()))["given_name"] = "Anouk"
    assert conflicts(rehearsal.plan()) == [("given_name",)]


def test_a_kept_destination_is_asked_again_when_the_source_moves_after_the_apply() -> None:
    """A settled divergence follows the source's next change, as a change of the source."""
    rehearsal = settled(conflict(), "destination")
    rehearsal.settle()
    rehearsal.source.users["s1"]["given_name"] = "Anne"
    (row,) = rehearsal.plan().writes
    assert [(field["path"], field["rule"]) for field in row.fields] == [("given_name", "F12")]


def test_a_revoked_privilege_comes_back_only_by_a_verdict() -> None:
    """S6 of a privileged element is a conflict; kept at the source it is granted, and counts as such."""
    rehearsal = rehearse(person("s1", "a@example.com"), groups=[("s1", "admins")])
    rehearsal.settle()
    rehearsal.destination.members.clear()
    plan = rehearsal.plan()
    assert [(row.address, row.code) for row in plan.of_action("conflict")] == [(SEAT, "PRIVILEGE_REMOVED")]
    settled(rehearsal, "source", SEAT, "")
    plan = rehearsal.plan()
    assert [row.address for row in plan.of_action("add")] == [SEAT]
    limits = {own["name"]: own for own in plan.document["limits"]}
    assert (limits["privilege_grants"]["planned"], limits["privilege_grants"]["verdict"]) == (1, "needs_accept")


def test_a_revoked_privilege_that_stays_revoked_is_settled() -> None:
    """Kept at the destination, the next plan says nothing more."""
    rehearsal = rehearse(person("s1", "a@example.com"), groups=[("s1", "admins")])
    rehearsal.settle()
    rehearsal.destination.members.clear()
    settled(rehearsal, "destination", SEAT, "")
    rehearsal.settle()
    assert not rehearsal.plan().rows
    assert not rehearsal.destination.members


def test_a_deleted_person_is_created_again_by_a_verdict_only() -> None:
    """R8 holds; keeping the source creates anew."""
    rehearsal = rehearse(person("s1", "a@example.com"))
    rehearsal.settle()
    rehearsal.destination.users.clear()
    assert rehearsal.plan().verdicts()[ANNA] == [("hold", "R8", "DESTINATION_GONE")]
    settled(rehearsal, "source", ANNA, "")
    assert rehearsal.plan().verdicts()[ANNA] == [("create", "R8", "")]


def test_a_deleted_person_is_not_created_beside_a_record_with_its_name() -> None:
    """Something else answers to the user name: creating would collide, so there is nothing to resolve."""
    rehearsal = rehearse(person("s1", "a@example.com"))
    rehearsal.settle()
    rehearsal.destination.users = {"d9": {"username": "name-s1", "email": "z@example.com"}}
    with pytest.raises(UsageError) as caught:
        settled(rehearsal, "source", ANNA, "")
    assert caught.value.diagnostics[0].code == "NOTHING_OPEN"


@pytest.mark.parametrize(("address", "path"), [(ANNA, "family_name"), (SEAT, ""), ('user["s2"]', "")])
def test_what_is_not_open_cannot_be_resolved(address: str, path: str) -> None:
    """Another field, an element without a conflict, a person without one: exit 64."""
    rehearsal = conflict()
    rehearsal.source.users["s2"] = person("s2", "b@example.com")
    with pytest.raises(UsageError):
        settled(rehearsal, "source", address, path)
    assert not rehearsal.store.resolved
