"""A field of a shared record that the source has no more: one decision with that about people's fields."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from poolshift.identity.record import Record
from poolshift.plan.change import Change
from poolshift.plan.shared import SharedWant, decide_shared
from poolshift.provider.schema import FieldSchema, KindSchema, Reading
from poolshift.state.base import Base
from tests.planning.rehearsal import SPEC, rehearse

CLEAR = f"{SPEC}policy: {{unmapped: clear}}\n"
WARN = f"{CLEAR}checks: {{FIELD_NOT_CLEARABLE: warn}}\n"


def _groups(*, clearable: bool = True) -> KindSchema:
    fields = {"name": FieldSchema("text", write="create"), "description": FieldSchema("text", clearable=clearable)}
    return KindSchema("group", fields, Reading("list"), (), {})


def _decided(
    text: str,
    there: Mapping[str, Any],
    *,
    ours: bool = True,
    whole: bool = True,
    clearable: bool = True,
) -> tuple[list[Change], list[str]]:
    """What becomes of a group whose description the source has lost, and the findings.

    ours: we sent what is there when the base was written.
    """
    found: list[str] = []
    want = SharedWant("group", ("staff",), {"name": "staff"}, whole=whole)
    with rehearse(text=text).gathered() as (_, rules):
        first = {"name": "staff", "description": "before"} if ours else {"name": "staff"}
        pairs = {path: (rules.fingerprint(path, value),) * 2 for path, value in first.items()}
        base = Base('group["staff"]', "g1", rules.shared_rule_set, fields=pairs)
        record = Record("group", "g1", {"name": "staff", **there})
        schema = _groups(clearable=clearable)
        changes = decide_shared(want, schema, record, base, rules, lambda code, _address, _path: found.append(code))
    return changes, found


def test_what_we_sent_and_the_source_lost_is_cleared() -> None:
    """With `unmapped: clear` it is written as explicitly empty, and the base forgets it."""
    (change,), found = _decided(CLEAR, {"description": "before"})
    assert (change.action, dict(change.effect.values), found) == ("update", {"description": None}, [])
    assert change.effect.base is not None
    assert "description" not in change.effect.base.fields


def test_by_default_it_is_let_go() -> None:
    """`release`: nothing is written, the base forgets it, and a later change of it there is not ours to undo."""
    (change,), _ = _decided(SPEC, {"description": "before"})
    assert (change.action, change.records, dict(change.effect.values)) == ("noop", True, {})
    assert change.effect.base is not None
    assert "description" not in change.effect.base.fields


def test_what_the_destination_cannot_empty_is_held() -> None:
    """The plan says so, by the same code as of people, and writes nothing of it."""
    (change,), found = _decided(CLEAR, {"description": "before"}, clearable=False)
    assert (change.action, change.code, found) == ("hold", "FIELD_NOT_CLEARABLE", ["FIELD_NOT_CLEARABLE"])
    assert [own.path for own in change.fields] == ["description"]
    assert not change.effect.values


def test_with_the_check_lowered_its_value_stands() -> None:
    """It is recorded and spoken of once."""
    (change,), found = _decided(WARN, {"description": "before"}, clearable=False)
    assert (change.action, change.records, found) == ("noop", True, ["FIELD_NOT_CLEARABLE"])


@pytest.mark.parametrize(
    ("there", "how"),
    [
        ({"description": "somebody else's"}, {"ours": False}),
        ({"description": "before"}, {"whole": False}),
        ({}, {"ours": False}),
    ],
    ids=["never ours", "not read", "nowhere"],
)
def test_what_is_not_ours_or_was_not_read_stays(there: Mapping[str, Any], how: dict[str, bool]) -> None:
    """Absence at the source decides about what we sent only, and only where the source was asked."""
    assert _decided(CLEAR, there, **how) == ([], [])


def test_a_kind_is_not_asked_about_fields_it_has_no_more() -> None:
    """A base may know a field the destination has dropped."""
    schema = _groups()
    fields = {path: own for path, own in schema.fields.items() if path != "description"}
    want = SharedWant("group", ("staff",), {"name": "staff"})
    with rehearse(text=CLEAR).gathered() as (_, rules):
        pairs = {path: (rules.fingerprint(path, "staff"),) * 2 for path in ("name", "description")}
        base = Base('group["staff"]', "g1", rules.shared_rule_set, fields=pairs)
        record = Record("group", "g1", {"name": "staff"})
        changes = decide_shared(want, replace(schema, fields=fields), record, base, rules, lambda *_: None)
    assert not [change for change in changes if not change.records]
