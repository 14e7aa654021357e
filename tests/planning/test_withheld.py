"""What is not decided, because it would rest on something that was not read, and what is decided only once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import pytest

from poolshift.identity.value import UNKNOWN
from poolshift.plan.decide import decide
from poolshift.provider.operation import Operation, Put
from poolshift.provider.schema import Cost, Route, anything
from tests.planning.rehearsal import SPEC, Outcome, Rehearsal, person, rehearse

ANNA = 'user["s1"]'
GOOGLE = [{"provider": "Google", "subject": "g1"}]


def text(*, policy: str = "", users: str = "") -> str:
    own = SPEC.replace("users:\n", f"users:\n  {users}\n") if users else SPEC
    return f"{own}policy: {{{policy}}}\n" if policy else own


@pytest.mark.parametrize("disabled", ["keep", "skip"])
def test_who_left_the_source_is_disabled_once(disabled: str) -> None:
    """Also where the spec does not migrate the enabled flag: the next plan sees that it is done."""
    rehearsal = rehearse(
        person("s1", "a@example.com"),
        person("s2", "b@example.com"),
        text=text(policy="source_gone: disable", users=f"disabled: {disabled}"),
    )
    rehearsal.settle()
    for record in rehearsal.destination.users.values():
        record.setdefault("enabled", True)
    rehearsal.settle()
    del rehearsal.source.users["s1"]
    first = rehearsal.plan()
    assert first.verdicts()[ANNA] == [("disable", "R9", "")]
    rehearsal.apply(first)
    assert rehearsal.plan().verdicts()[ANNA] == [("retain", "R9", "")]


@pytest.mark.parametrize("expects_nobody", [False, True])
def test_a_source_that_is_suddenly_empty_is_not_believed(expects_nobody: bool) -> None:
    """Everybody gone at once is a wrong pool or an export of nothing; a spec that expects it is obeyed."""
    rehearsal = rehearse(
        person("s1", "a@example.com"), person("s2", "b@example.com"), text=text(policy="source_gone: disable")
    )
    rehearsal.settle()
    if expects_nobody:
        rehearsal.text = rehearsal.text.replace("groups: groups}}", "groups: groups}, expect: {users: {max: 0}}}")
    for record in rehearsal.destination.users.values():
        record.setdefault("enabled", True)
    rehearsal.source.users.clear()
    plan = rehearsal.plan()
    assert bool(plan.of_action("disable")) is expects_nobody
    assert ("EXPECT_COUNT" in {finding["code"] for finding in plan.document["findings"]}) is not expects_nobody


def twins(duplicates: str = "merge") -> Rehearsal:
    native = person("s1", "a@example.com")
    federated = person("s2", "a@example.com", status="EXTERNAL_PROVIDER", identities=GOOGLE)
    return rehearse(native, federated, text=text(users=f"duplicates: {duplicates}"))


def test_a_twin_that_was_not_read_keeps_its_link() -> None:
    """The primary's link came from the twin; a cut reading of the source is no reason to remove it."""
    rehearsal = twins()
    rehearsal.settle()
    assert set(rehearsal.destination.links) == {("google", "g1")}
    rehearsal.source.page = 1
    rehearsal.source.partial = {"user": "cut"}
    assert not rehearsal.plan().of_action("remove")
    rehearsal.source.partial = {}
    assert not rehearsal.plan().writes


def test_a_twin_that_left_takes_its_link_along() -> None:
    """Read whole, the link is ours and nobody wants it any more."""
    rehearsal = twins()
    rehearsal.settle()
    del rehearsal.source.users["s2"]
    assert [row.kind for row in rehearsal.plan().of_action("remove")] == ["link"]


def with_family(rehearsal: Rehearsal, **changed: Any) -> Rehearsal:
    """The destination has another rule for family_name."""
    own = rehearsal.destination.own_schema
    user = own.kinds["user"]
    fields = {**user.fields, "family_name": replace(user.fields["family_name"], **changed)}
    rehearsal.destination.own_schema = replace(own, kinds={**own.kinds, "user": replace(user, fields=fields)})
    return rehearsal


FAMILY = SPEC.replace("given_name: given_name", "given_name: given_name, family_name: family_name")


@pytest.mark.parametrize("read", ["per_record", "never"])
def test_a_field_that_is_not_listed_is_written_with_the_create(read: Literal["per_record", "never"]) -> None:
    """A record that is not there has no value to write over; afterwards a change of the source waits."""
    rehearsal = with_family(rehearse(person("s1", "a@example.com", family_name="Aerts"), text=FAMILY), read=read)
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    assert own["family_name"] == "Aerts"
    rehearsal.source.users["s1"]["family_name"] = "De Smet"
    plan = rehearsal.plan()
    (row,) = plan.of_action("hold")
    assert (row.code, row.fields[0]["rule"]) == ("UNREADABLE", "W4")
    assert not plan.writes


def test_a_value_the_source_did_not_tell_is_kept_until_it_does() -> None:
    """Unknown is neither a change nor absence; told again to be gone, it is let go."""
    rehearsal = rehearse(person("s1", "a@example.com", given_name="Ann"))
    rehearsal.settle()
    rehearsal.source.users["s1"]["given_name"] = UNKNOWN
    rehearsal.settle()
    assert "given_name" in rehearsal.store.rows["s1"].fields
    del rehearsal.source.users["s1"]["given_name"]
    rehearsal.settle()
    assert "given_name" not in rehearsal.store.rows["s1"].fields
    (own,) = rehearsal.destination.users.values()
    assert own["given_name"] == "Ann"


def test_a_value_the_destination_did_not_tell_waits() -> None:
    """Unknown at the destination: nothing is written over it."""
    rehearsal = rehearse(person("s1", "a@example.com", given_name="Ann"))
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    own["given_name"] = UNKNOWN
    rehearsal.source.users["s1"]["given_name"] = "Anna"
    plan = rehearsal.plan()
    (row,) = plan.of_action("hold")
    assert [field["path"] for field in row.fields] == ["given_name"]
    assert not plan.writes


def test_who_left_the_filter_is_not_gone() -> None:
    """Unselected people keep their row of state and their record, whatever the policy for those who are gone."""
    rehearsal = rehearse(person("s1", "a@example.com"), text=text(policy="source_gone: delete"))
    rehearsal.settle()
    rehearsal.source.users["s1"]["status"] = "UNCONFIRMED"
    plan = rehearsal.plan()
    assert not plan.rows
    assert plan.document["counts"] == {"source": 1, "repeated": 0, "unselected": 1, "unmappable": 0, "verdicts": 0}


def test_a_lowered_verified_flag_is_raised_by_a_person_only() -> None:
    """The destination took it back: F11 is a conflict there."""
    rehearsal = rehearse(person("s1", "a@example.com"))
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    own["email_verified"] = False
    assert rehearsal.plan().verdicts()[ANNA] == [("conflict", "R7", "VERIFIED_RAISED")]


def test_a_restored_address_does_not_raise_its_flag_on_the_way() -> None:
    """The address was changed and is not verified there: it is written back, the flag stays for a person to decide."""
    rehearsal = rehearse(person("s1", "a@example.com"))
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    own["email"], own["email_verified"] = "moved@example.com", False
    rehearsal.settle()
    assert (own["email"], own["email_verified"]) == ("a@example.com", False)
    assert rehearsal.plan().verdicts()[ANNA] == [("conflict", "R7", "VERIFIED_RAISED")]


def test_a_policy_change_looks_at_everybody_again() -> None:
    """Quiet rows were quiet under the old policy: both-changed conflicts are decided anew."""
    rehearsal = rehearse(person("s1", "a@example.com", given_name="Ann"))
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    rehearsal.source.users["s1"]["given_name"], own["given_name"] = "Anna", "Annie"
    rehearsal.settle()
    rehearsal.text = text(policy="both_changed: destination")
    rehearsal.settle()
    assert not rehearsal.plan().rows
    assert own["given_name"] == "Annie"


def test_a_changed_mode_unsettles_a_kept_divergence() -> None:
    """Under seed the destination's value was kept; under authority the source's is wanted again."""
    rehearsal = rehearse(person("s1", "a@example.com", nickname="Ann"))
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    own["nickname"] = "Annie"
    rehearsal.settle()
    assert not rehearsal.plan().rows
    rehearsal.text = SPEC.replace("nickname: {from: nickname, mode: seed}", "nickname: nickname")
    (row,) = rehearsal.plan().writes
    assert [(field["path"], field["rule"]) for field in row.fields] == [("nickname", "F12")]


def test_a_matched_person_without_a_reader_is_a_bug_that_is_told() -> None:
    """Stage 3 never guesses what the destination holds."""
    rehearsal = rehearse(person("s1", "a@example.com"))
    rehearsal.destination.users["d1"] = {"email": "a@example.com", "email_verified": True}
    ((found, _, _),) = rehearsal.persons()
    found.actual = None
    with rehearsal.gathered() as (_, rules), pytest.raises(ValueError, match="reader"):
        decide(found, rules)


def unmarried(checks: str = "", **changed: Any) -> Rehearsal:
    """Somebody settled whose family name the source has no more, where a lost value is to be cleared."""
    written = f"{FAMILY}policy: {{unmapped: clear}}\n{checks}"
    rehearsal = with_family(rehearse(person("s1", "a@example.com", family_name="Aerts"), text=written), **changed)
    rehearsal.settle()
    del rehearsal.source.users["s1"]["family_name"]
    rehearsal.source.users["s1"]["given_name"] = "Anna"
    return rehearsal


def codes(plan: Outcome) -> dict[str, int]:
    return {finding["code"]: finding["count"] for finding in plan.document["findings"]}


def test_a_field_that_cannot_be_cleared_is_held_and_the_rest_goes_on() -> None:
    """Found in the plan; the next plan says the same and sends nothing; emptied by hand, all is well."""
    rehearsal = unmarried(clearable=False)
    plan = rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    assert (own["given_name"], own["family_name"]) == ("Anna", "Aerts")
    for again in (plan, rehearsal.plan()):
        (row,) = again.of_action("hold")
        assert (row.code, [field["path"] for field in row.fields]) == ("FIELD_NOT_CLEARABLE", ["family_name"])
        assert codes(again)["FIELD_NOT_CLEARABLE"] == 1
        assert not again.writes
    del own["family_name"]
    assert not rehearsal.settle().of_action("hold")


def test_a_field_that_can_be_cleared_is() -> None:
    """The neighbour: the same person at a destination that takes it."""
    rehearsal = unmarried()
    rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    assert own["given_name"] == "Anna"
    assert "family_name" not in own


def test_a_field_that_cannot_be_cleared_may_be_let_stand() -> None:
    """With the check lowered its value is accepted once and not spoken of again."""
    rehearsal = unmarried("checks: {FIELD_NOT_CLEARABLE: warn}\n", clearable=False)
    assert codes(rehearsal.plan()) == {"FIELD_NOT_CLEARABLE": 1}
    plan = rehearsal.settle()
    (own,) = rehearsal.destination.users.values()
    assert (own["given_name"], own["family_name"]) == ("Anna", "Aerts")
    assert not plan.rows
    assert not codes(plan)


def _no_commas(operation: Operation) -> str | None:
    values = [change.value for change in operation.changes.values() if isinstance(change, Put)]
    return "a row holds no comma" if any("," in value for value in values if isinstance(value, str)) else None


def two_people(*routes: Route) -> Rehearsal:
    """One of them has a comma; the routes replace those that create people."""
    rehearsal = rehearse(
        person("s1", "a@example.com", given_name="Ann, Eve"),
        person("s2", "b@example.com", given_name="Bo"),
        text=FAMILY,
    )
    own = rehearsal.destination.own_schema
    others = tuple(route for route in own.routes if (route.kind, "create" in route.verbs) != ("user", True))
    rehearsal.destination.own_schema = replace(own, routes=(*others, *routes))
    return rehearsal


ROWS = Route("rows", "user", frozenset({"create"}), lambda _shape: Cost({}), takes=_no_commas)


def test_whom_no_route_takes_is_held_before_anything_is_sent() -> None:
    """The finding names the route and its reason, and no value; corrected at the source, they are created."""
    rehearsal = two_people(ROWS)
    plan = rehearsal.settle()
    assert [own["given_name"] for own in rehearsal.destination.users.values()] == ["Bo"]
    assert plan.verdicts() == {ANNA: [("hold", "N", "ROUTE_REFUSES")]}
    (finding,) = (own for own in plan.document["findings"] if own["code"] == "ROUTE_REFUSES")
    assert "rows: a row holds no comma" in str(finding)
    assert "Eve" not in str(finding)
    rehearsal.source.users["s1"]["given_name"] = "Ann"
    assert not rehearsal.settle().rows
    assert len(rehearsal.destination.users) == 2


@pytest.mark.parametrize("takes", [lambda _operation: None, anything])
def test_whom_another_route_takes_is_created(takes: Callable[[Operation], str | None]) -> None:
    """The neighbour: a second route that takes this one, or everybody; the plan says how many take which."""
    rehearsal = two_people(ROWS, replace(ROWS, name="tries", takes=takes))
    (creates,) = (own for own in rehearsal.plan().document["classes"] if own["action"] == "create")
    assert creates["routes"] == ["rows", "tries"]
    assert creates["by_route"] == {"rows": 1, "tries": 1}
    assert not rehearsal.settle().rows
    assert len(rehearsal.destination.users) == 2
