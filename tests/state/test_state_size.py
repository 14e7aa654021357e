"""The size of a state: bytes of the file a person, measured after an apply."""

import secrets
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest

from poolshift.errors import StateUnusable
from poolshift.identity.address import address
from poolshift.state.base import ABSENT_FP, Base, Pair
from poolshift.state.opening import open_store, state_path
from poolshift.state.sqlite import SqliteStore
from poolshift.state.store import Intent, Settled, Store
from tests.state.contract import PLAN, insert, user

PEOPLE = 20_000
RULES = {f"field_{number:02}": "authority text" for number in range(14)}
GROUPS = ("admins", "members", "testers")


def _pair(number: int) -> Pair:
    """Twelve fields read back as they were sent, one reads back otherwise, one is absent at both ends."""
    sent = secrets.token_bytes(8)
    return (sent, secrets.token_bytes(8)) if number == 12 else (ABSENT_FP, ABSENT_FP) if number == 13 else (sent, sent)


def _base(source_id: str, rule_set: int) -> Base:
    fields = {path: _pair(number) for number, path in enumerate(RULES)}
    return Base(source_id, str(uuid.uuid4()), rule_set, _pair(12), fields=fields)


def _apply(store: Store, run: str, changes: Sequence[tuple[Intent, Settled]]) -> None:
    for first in range(0, len(changes), 1_000):
        window = changes[first : first + 1_000]
        number = store.open_window(run, PLAN, "api", [intent for intent, _ in window]).number
        store.settle(number, [outcome for _, outcome in window])
        store.close_window(number)


def _create(base: Base) -> tuple[Intent, Settled]:
    name = user(base.source_id)
    sent = {path: pair[0] for path, pair in base.fields.items()}
    intent = Intent(name, "user", "create", base.source_id, None, base.quiet[0], ABSENT_FP, sent, base)
    return intent, Settled(name, "done", base.destination_id, base.source_id, base)


def _join(source_id: str, group: str) -> tuple[Intent, Settled]:
    name = address("group_member", source_id, group)
    intent = Intent(name, "group_member", "add", source_id, None, secrets.token_bytes(8), ABSENT_FP)
    elements = {secrets.token_bytes(8): (True, True)}
    return intent, Settled(name, "done", person=source_id, elements=elements)


def test_a_person_takes_at_most_250_bytes_of_the_file(tmp_path: Path) -> None:
    """14 fields and 3 memberships, ids included, windows folded; the people are still whole."""
    store = open_store(tmp_path, "acme", {}, {}, write=True)
    rule_set = store.rule_set(RULES)
    ids = [str(uuid.uuid4()) for _ in range(PEOPLE)]
    store.open_plan(PLAN, "digest")
    run = store.begin_run("apply", PLAN)
    _apply(store, run, [_create(_base(one, rule_set)) for one in ids])
    _apply(store, run, [_join(one, group) for one in ids for group in GROUPS])
    store.close_plan(PLAN)
    store.end_run(run, 0, {"done": 4 * PEOPLE})
    assert {(len(base.fields), len(base.elements)) for base in store.people()} == {(14, 3)}
    assert store.count_people() == PEOPLE
    store.close()
    assert state_path(tmp_path, "acme", {}).stat().st_size / PEOPLE <= 250


def test_a_compaction_that_finds_no_room_is_put_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The plan is closed and the base is right even where the file cannot be written anew."""
    store = open_store(tmp_path, "acme", {}, {}, write=True)
    assert isinstance(store, SqliteStore)
    insert(store, *map(str, range(5_000)))
    store.record([Settled(user(str(one)), "done", person=str(one), drop=True) for one in range(4_000)])
    store.open_plan(PLAN, "digest")

    def no_room() -> None:
        raise StateUnusable.of("STATE_FULL", "the disk is full")

    store._connection.vacuum = no_room  # type: ignore[attr-defined]
    store.close_plan(PLAN)
    assert "not made smaller: the disk is full" in caplog.text
    assert store.plan_status(PLAN) == "closed"
    assert store.count_people() == 1_000
    store.close()
