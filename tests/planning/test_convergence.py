"""What holds over whole plans, whatever happens at both ends between them."""

from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings

from poolshift.identity.address import parse
from poolshift.state.base import NEVER_QUIET
from tests.planning.life import Beginning, Event, beginnings, live, lives
from tests.planning.rehearsal import SPEC, Outcome, Rehearsal, person

SETTINGS = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DESTRUCTIVE = ("remove", "disable", "delete")
DISABLES = f"{SPEC}policy: {{source_gone: disable}}\n"
Life = list[tuple[Event, int]]


def second_life(beginning: Beginning, before: Life, after: Life, text: str = SPEC) -> Rehearsal:
    """A migration that ran once, and what happened since."""
    rehearsal = beginning.rehearsal(text)
    live(rehearsal, before)
    rehearsal.settle()
    live(rehearsal, after)
    return rehearsal


def waits(plan: Outcome) -> bool:
    return any(row.code == "WAITS_FOR" for row in plan.rows)


@SETTINGS
@given(beginnings, lives, lives)
def test_the_plan_after_an_apply_is_empty_and_stays_the_same(beginning: Beginning, before: Life, after: Life) -> None:
    """Once everything has landed nothing is written or recorded again; open questions stay word by word."""
    rehearsal = second_life(beginning, before, after)
    first = rehearsal.plan()
    rehearsal.apply(first)
    second = rehearsal.plan()
    if waits(first):
        assert len(second.writes) < len(first.writes) + 2 * len(rehearsal.source.users)
        second = rehearsal.settle()
    assert not second.writes
    assert not [row for row in second.rows if row.records]
    rehearsal.apply(second)
    third = rehearsal.plan()
    assert (third.digest, third.rows) == (second.digest, second.rows)


@SETTINGS
@given(beginnings, lives, lives)
def test_the_quiet_test_changes_no_verdict(beginning: Beginning, before: Life, after: Life) -> None:
    """With every row of state looked at field by field the verdicts are those of the shortcut."""
    rehearsal = second_life(beginning, before, after)
    noisy = rehearsal.never_quiet()
    assert all(base.quiet == (NEVER_QUIET, NEVER_QUIET) for base in noisy.store.rows.values())
    assert noisy.plan().verdicts() == rehearsal.plan().verdicts()


@SETTINGS
@given(beginnings, lives, lives)
def test_nothing_without_a_base_is_overwritten(beginning: Beginning, before: Life, after: Life) -> None:
    """A value of the destination that we never had to do with is not changed, removed or cleared."""
    rehearsal = second_life(beginning, before, after)
    plan = rehearsal.plan()
    for change in plan.changes:
        if change.kind != "user" or change.action not in ("adopt", "update", "enable", "disable"):
            continue
        record = rehearsal.destination.users[change.destination_id or ""]
        base = rehearsal.store.rows.get(change.person)
        ours = base.fields if base is not None and base.destination_id == change.destination_id else {}
        sent_along = {"email_verified"} if "email" in change.effect.values else set()
        for path in change.effect.values.keys() - sent_along - ours.keys():
            assert path not in record, (change.address, path)


@SETTINGS
@given(beginnings, lives, lives)
def test_the_counts_add_up(beginning: Beginning, before: Life, after: Life) -> None:
    """source = repeated + unselected + unmappable + verdicts, always."""
    rehearsal = second_life(beginning, before, after)
    rehearsal.source.page, rehearsal.source.repeat = 2, bool(before)
    counts = rehearsal.plan().document["counts"]
    assert counts["source"] == sum(counts[word] for word in ("repeated", "unselected", "unmappable", "verdicts"))


@SETTINGS
@given(beginnings, lives, lives)
def test_a_cut_reading_of_the_source_destroys_nothing(beginning: Beginning, before: Life, after: Life) -> None:
    """People and memberships that were not read are not gone: nobody is disabled, deleted or forgotten."""
    rehearsal = second_life(beginning, before, after, DISABLES)
    rehearsal.source.page = 1
    rehearsal.source.partial = {"user": "cut", "group_member": "cut"}
    plan = rehearsal.plan()
    known = {address for address, rows in plan.verdicts().items() if {row[1] for row in rows} & {"R9", "R10"}}
    assert not known
    assert not plan.of_action("remove", "delete", "forget")
    read = set(list(rehearsal.source.users)[: len(rehearsal.source.users) // 2])
    assert {parse(row.address)[1][0] for row in plan.of_action("disable")} <= read
    assert plan.document["incomplete"]


@SETTINGS
@given(beginnings, lives, lives)
def test_a_cut_reading_of_the_destination_creates_nothing(beginning: Beginning, before: Life, after: Life) -> None:
    """A record that was not read is not missing: nobody is created or forgotten, and no element is touched."""
    rehearsal = second_life(beginning, before, after)
    rehearsal.destination.page = 1
    rehearsal.destination.partial = {"user": "cut", "group_member": "cut", "link": "cut"}
    plan = rehearsal.plan()
    assert not [row for row in plan.of_action("create", "forget") if row.kind == "user"]
    assert not plan.of_action("add", "remove")


@SETTINGS
@given(beginnings, lives, lives)
def test_an_implausible_count_withdraws_what_destroys(beginning: Beginning, before: Life, after: Life) -> None:
    """Outside `expect` nobody who left the source is disabled, and the plan says EXPECT_COUNT."""
    rehearsal = second_life(beginning, before, after, DISABLES)
    assume(rehearsal.source.users)  # a source that is empty now is implausible without any `expect`
    expecting = rehearsal.copy()
    expecting.text = DISABLES.replace("groups: groups}}", "groups: groups}, expect: {users: {min: 100}}}")
    plan, usual = expecting.plan(), rehearsal.plan()
    assert not [row for row in plan.rows if row.rule == "R9" and row.action != "retain"]
    assert "EXPECT_COUNT" in {finding["code"] for finding in plan.document["findings"]}
    assert "EXPECT_COUNT" not in {finding["code"] for finding in usual.document["findings"]}
    withdrawn = {row.address for row in usual.of_action("disable") if row.rule == "R9"}
    assert withdrawn <= {row.address for row in plan.of_action("retain")}


def test_people_just_made_are_quiet_whatever_their_records_imply() -> None:
    """What nobody sent and every record of the kind reads as is part of the base from the first apply on."""
    rehearsal = Rehearsal()
    rehearsal.source.users = {"a": person("a", "ann@example.com"), "b": person("b", "bob@example.com", nickname="Bo")}
    schema = rehearsal.destination.own_schema
    users = replace(schema.kinds["user"], implied=lambda _values: {"nickname": "new", "picture": "unowned"})
    rehearsal.destination.own_schema = replace(schema, kinds={**schema.kinds, "user": users})
    rehearsal.apply(rehearsal.plan())
    for values in rehearsal.destination.users.values():
        values.setdefault("nickname", "new")
    assert sorted(values["nickname"] for values in rehearsal.destination.users.values()) == ["Bo", "new"]
    assert [row.address for row in rehearsal.plan().rows if row.address.startswith("user")] == []
