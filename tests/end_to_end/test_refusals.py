"""Plans, keys, locks, limits and approvals that do not fit: nothing is written, and the exit code says why."""

import base64
import re
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from poolshift.state.opening import open_store
from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import KEY, SPEC_FILE, STATE, Migration, Ran, accepts
from tests.population.people import Person, people
from tests.population.spec import SPEC

EVERYBODY: Final = people(300)


def _refused(ran: Ran, code: int, *codes: str) -> None:
    assert ran.code == code, ran.err
    assert set(codes) <= ran.codes(), ran.err


def _accepted(migration: Migration) -> list[str]:
    return accepts(migration.run("show", "first.plan", "--format", "json").document)


def _runs(migration: Migration) -> int:
    with closing(sqlite3.connect(migration.folder / STATE)) as connection:
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:4000] = secrets.token_bytes(3900)
    path.write_bytes(data)


def _foreign(path: Path) -> None:
    path.write_text("not a plan", encoding="utf-8")


@pytest.mark.parametrize("damage", [_cut, _flip, _foreign])
def test_a_damaged_plan_file_is_refused(fresh: Migration, damage: Callable[[Path], None]) -> None:
    """7, from apply and from show."""
    accept = _accepted(fresh)
    damage(fresh.folder / "first.plan")
    _refused(fresh.apply("first.plan", *accept), 7, "PLAN_DAMAGED")
    _refused(fresh.run("show", "first.plan"), 7, "PLAN_DAMAGED")
    assert fresh.directory() == {}


def test_a_missing_plan_file_is_a_mistake_of_usage(fresh: Migration) -> None:
    """64: nothing was looked at."""
    assert fresh.apply("nowhere.plan").code == 64
    assert fresh.run("show", "nowhere.plan").code == 64
    assert _runs(fresh) == 0


def test_a_used_plan_is_refused(settled: Migration) -> None:
    """7: what it held is done."""
    before = settled.directory()
    _refused(settled.apply("migrate.plan", *_accepted(settled)), 7, "PLAN_USED")
    assert settled.directory() == before


def test_an_expired_plan_is_refused(fresh: Migration) -> None:
    """7: what was read is too old to act on."""

    def expire(document: dict[str, Any]) -> None:
        document["plan"]["expires_at"] = "2026-01-01T00:00:00Z"

    accept = _accepted(fresh)
    _edit(fresh.folder / "first.plan", expire)
    _refused(fresh.apply("first.plan", *accept), 7, "PLAN_EXPIRED")
    assert fresh.directory() == {}


def test_a_plan_of_another_spec_is_refused(fresh: Migration) -> None:
    """7: the spec that was reviewed is not the one that lies there."""
    fresh.write_spec(SPEC.replace("free}", "none}"))
    _refused(fresh.apply("first.plan", *_accepted(fresh)), 7, "PLAN_SPEC")
    assert fresh.directory() == {}


def test_a_plan_of_another_lineage_is_refused(fresh: Migration) -> None:
    """7: fingerprints of another key say nothing here."""
    (fresh.folder / STATE).unlink()
    _refused(fresh.apply("first.plan", *_accepted(fresh)), 7, "PLAN_LINEAGE")


def test_a_missing_key_is_told_before_any_read(settled: Migration) -> None:
    """11: a new key would hide that the old one is gone."""
    (settled.folder / KEY).unlink()
    (settled.folder / "users" / "users-1.json").write_bytes(b"")
    _refused(settled.run("plan", SPEC_FILE), 11, "KEY_MISSING")
    assert not (settled.folder / KEY).exists()


def test_a_wrong_key_is_told_before_any_read(settled: Migration) -> None:
    """11, whether it lies in the file or in the variable."""
    wrong = base64.b64encode(secrets.token_bytes(32)).decode()
    (settled.folder / "users" / "users-1.json").write_bytes(b"")
    _refused(settled.run("plan", SPEC_FILE, environ={"POOLSHIFT_KEY": wrong}), 11, "KEY_WRONG")
    _refused(settled.run("plan", SPEC_FILE, environ={"POOLSHIFT_KEY": "short"}), 11, "KEY_MALFORMED")
    (settled.folder / KEY).write_text(wrong, encoding="utf-8")
    _refused(settled.run("plan", SPEC_FILE), 11, "KEY_WRONG")


def test_a_second_apply_waits_for_nobody(fresh: Migration) -> None:
    """8 while another one holds the lock; afterwards the same plan is applied."""
    accept = _accepted(fresh)
    store = open_store(fresh.folder, "people", {}, {}, write=True)
    try:
        _refused(fresh.apply("first.plan", *accept), 8)
    finally:
        store.close()
    assert fresh.directory() == {}
    assert fresh.apply("first.plan", *accept).code == 4
    assert fresh.directory() == expected(EVERYBODY)[0]


def test_a_limit_stops_an_apply_before_any_call(fresh: Migration) -> None:
    """6: no run has begun, and the plan can still be applied."""
    _refused(fresh.apply("first.plan"), 6, "LIMIT_EXCEEDED")
    assert (fresh.directory(), _runs(fresh)) == ({}, 0)
    assert fresh.apply("first.plan", *_accepted(fresh)).code == 4


def test_an_accept_is_exact(fresh: Migration) -> None:
    """6 for a number that is not the planned one, higher ones included."""
    [option, number] = _accepted(fresh)
    name, _, count = number.partition("=")
    for other in (int(count) - 1, int(count) + 1):
        _refused(fresh.apply("first.plan", option, f"{name}={other}"), 6, "ACCEPT_DIFFERS")
        _refused(fresh.run("plan", SPEC_FILE, "--out", "b.plan", option, f"{name}={other}"), 6, "ACCEPT_DIFFERS")
    _refused(fresh.apply("first.plan", option, number, "--accept", "delete=1"), 6, "ACCEPT_DIFFERS")
    assert (fresh.directory(), _runs(fresh)) == ({}, 0)
    assert Path("b.plan") not in fresh.files()


def _edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the document of a plan file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        document = orjson.loads(connection.execute("SELECT content FROM document WHERE name = 'plan'").fetchone()[0])
        change(document)
        connection.execute("UPDATE document SET content = ? WHERE name = 'plan'", (orjson.dumps(document),))


def _enabled(there: Any) -> list[Person]:
    return [person for person in EVERYBODY if person.sub in there and person.enabled]


def _disabled(everybody: list[Person], *subs: str) -> list[Person]:
    changed = deepcopy(everybody)
    for person in changed:
        person.enabled = person.enabled and person.sub not in subs
    return changed


def _newcomers(count: int) -> list[Person]:
    return [
        Person(
            f"00000000-0000-4000-8000-{number:012d}",
            f"newcomer-{number}",
            attributes={"email": f"newcomer.{number}@example.com", "email_verified": "true"},
        )
        for number in range(count)
    ]


def test_an_approval_covers_sign_ups_and_no_disable_more(settled: Migration) -> None:
    """Inside the envelope it runs; one more disable than approved is 7, and nothing is written."""
    before = settled.directory()
    first, second = [person.sub for person in _enabled(before)][:2]
    settled.export(_disabled(EVERYBODY, first))
    token = settled.plan()["approval"]["token"]

    settled.export(_disabled(EVERYBODY, first, second))
    refused = settled.run("apply", SPEC_FILE, "--approve", token)
    _refused(refused, 7, "APPROVAL_EXCEEDED")
    assert re.search(r"class [0-9a-f]{8}, disable user.*2 planned now, 1 approved", refused.err)
    assert settled.directory() == before

    now = [*_disabled(EVERYBODY, first), *_newcomers(5)]
    settled.export(now)
    ran = settled.run("apply", SPEC_FILE, "--approve", token, "--format", "json")
    assert ran.code == 4, ran.err
    assert settled.directory() == expected(now)[0]
    assert settled.plan()["verdict"]["changes"] == 0


def test_an_approval_carries_its_accepts(fresh: Migration) -> None:
    """What was accepted while planning is in the token; one that was not is 6."""
    plain = fresh.plan()
    assert fresh.run("apply", SPEC_FILE, "--approve", plain["approval"]["token"]).code == 6
    assert fresh.directory() == {}
    token = fresh.plan(*accepts(plain))["approval"]["token"]
    assert fresh.run("apply", SPEC_FILE, "--approve", token).code == 4
    assert fresh.directory() == expected(EVERYBODY)[0]


def test_a_changed_token_is_refused(fresh: Migration) -> None:
    """7: every character counts, and so does the lineage that made it."""
    token = fresh.plan(*_accepted(fresh))["approval"]["token"]
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"
    for wrong in (token[:middle] + other + token[middle + 1 :], token[:-8], "ps1.", "nonsense"):
        _refused(fresh.run("apply", SPEC_FILE, "--approve", wrong), 7, "APPROVAL_UNREADABLE")
    assert fresh.directory() == {}


def test_an_approval_of_another_spec_is_void(fresh: Migration) -> None:
    """7: the spec is part of what was approved."""
    token = fresh.plan(*_accepted(fresh))["approval"]["token"]
    fresh.write_spec(SPEC.replace("free}", "none}"))
    _refused(fresh.run("apply", SPEC_FILE, "--approve", token), 7, "APPROVAL_VOID")
    assert fresh.directory() == {}
