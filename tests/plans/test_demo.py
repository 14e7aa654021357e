"""The demo does what the README says: who arrived, who did not and why, and nobody else was touched."""

import json
import os
import re
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plans.harbour_books import BIN, DEMO, HarbourBooks, copied, run

LEFT_OUT = {
    "noracase": "ID_EMAIL_CASE_DUP",
    "noracase2": "ID_EMAIL_CASE_DUP",
    "tomreed": "LOGIN_COLLISION",
    "timreed": "LOGIN_COLLISION",
    "ottoletter": "ID_MISSING",
    "victaken": "UNVERIFIED_MATCH",
    "olganumber": "VALUE_TYPE",
}
UNMAPPABLE = {"olganumber"}
"""Known to the plan, and without anything to compare: verify does not list them."""
PLANS = {"r": "reader", "c": "collector", "s": "supporter", None: "reader"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> HarbourBooks:
    """The demo, run once."""
    folder = copied(tmp_path_factory.mktemp("demo"))
    done = run(folder, BIN / "poolshift")
    assert done.returncode == 0, done.stdout + done.stderr
    return HarbourBooks(folder / "work", done.stdout)


def arrivals(demo: HarbourBooks) -> Iterator[dict[str, object]]:
    """Everybody of the export who should have arrived."""
    for person in demo.exported():
        if person["UserStatus"] != "UNCONFIRMED" and person["Username"] not in LEFT_OUT:
            yield person


def test_commands_end_as_announced(demo: HarbourBooks) -> None:
    """Validate, plan and show, the refused apply, the accepted one, the plan with conflicts only, and verify."""
    assert demo.codes == [0, 0, 0, 6, 4, 4, 4]
    assert "No changes. 6 conflicts and 1 hold open." in demo.printed


def test_people_arrive_as_the_spec_maps_them(demo: HarbourBooks) -> None:
    """Each person is at the destination once, by the old id, with mapped values and the owner marker."""
    found = {row["external_id"]: row for row in demo.rows("SELECT * FROM users WHERE owner = 'harbour-books'")}
    wanted = {str(person["sub"]): person for person in arrivals(demo)}
    assert found.keys() == wanted.keys()
    assert len(wanted) == 195
    for sub, person in wanted.items():
        row = found[sub]
        extra = json.loads(row["attributes"])
        assert row["email"] == str(person["email"]).lower()
        assert bool(row["email_verified"]) == (person["email_verified"] == "true")
        assert bool(row["enabled"]) == person["Enabled"]
        assert row["username"] == person["Username"]
        assert extra["attributes.plan"] == PLANS[person.get("custom:plan")]  # type: ignore[index]
        assert extra["attributes.points"] == int(str(person["custom:points"]))
        assert str(extra["attributes.customer_since"])[:16] == str(person["UserCreateDate"])[:16]


def test_groups_become_groups_and_roles(demo: HarbourBooks) -> None:
    """Names are mapped, one rule skips a group, and each member is a member once."""
    arrived = {str(person["sub"]) for person in arrivals(demo)}
    members = (
        'SELECT g.name, u.external_id FROM {0}_members m JOIN users u ON u.id = m.user JOIN {0}s g ON g.id = m."{0}"'
    )
    groups = Counter(row["name"] for row in demo.rows(members.format("group")))
    roles = Counter(row["name"] for row in demo.rows(members.format("role")))
    names = {"administrators": "admins", "book-club": "book-club", "newsletter": "newsletter"}
    assert groups == {name: len(demo.members(source) & arrived) for name, source in names.items()}
    assert roles == {name: len(demo.members(f"staff-{name}") & arrived) for name in ("till", "stock")}
    assert {row["name"] for row in demo.rows("SELECT name FROM groups")} == set(names)


def test_federated_people_keep_their_link(demo: HarbourBooks) -> None:
    """Who signed in with Google is linked to the same account of Google."""
    found = demo.rows("SELECT u.external_id, l.provider, l.subject FROM links l JOIN users u ON u.id = l.user")
    wanted = {
        str(person["sub"]): json.loads(str(person["identities"]))[0]["userId"]
        for person in arrivals(demo)
        if person["UserStatus"] == "EXTERNAL_PROVIDER"
    }
    assert len(wanted) == 24
    assert {row["external_id"]: row["subject"] for row in found} == wanted
    assert {row["provider"] for row in found} == {"google"}


def test_people_who_were_there_before_keep_what_is_theirs(demo: HarbourBooks) -> None:
    """Verified ones are taken over without losing a value; strangers and unknown people stay untouched."""
    rows = {row["email"]: row for row in demo.rows("SELECT * FROM users")}
    assert rows["pim.early@example.com"]["nickname"] == "Pim of the pier"
    assert rows["pim.early@example.com"]["given_name"] == "Pim"
    assert rows["rita.renamed@example.com"]["family_name"] == "Married"
    assert rows["rita.renamed@example.com"]["external_id"] is not None
    for address in ("vic.taken@example.com", "keeper@example.org", "harbour.master@example.org"):
        assert (rows[address]["owner"], rows[address]["external_id"], rows[address]["attributes"]) == (None, None, "{}")
    assert rows["vic.taken@example.com"]["given_name"] == "Mallory"
    assert len(rows) == 195 + 3


def test_verify_finds_the_intended_conflicts_and_nothing_else(demo: HarbourBooks) -> None:
    """Each difference is an open conflict the demo was made to show."""
    done = demo.poolshift("verify", "migration.yaml", "--format", "json")
    report = json.loads(done.stdout)
    subs = {person["Username"]: person["sub"] for person in demo.exported()}
    wanted = {f'user["{subs[name]}"]': code for name, code in LEFT_OUT.items() if name not in UNMAPPABLE}
    wanted[f'user["{subs["ritarenamed"]}"]'] = "DIFFERS"
    assert done.returncode == 4
    assert {row["address"]: row["code"] for row in report["differences"]} == wanted
    assert report["verdict"]["conflicts"] == report["verdict"]["differences"] == len(wanted)


def test_nothing_that_is_kept_or_printed_names_a_person(demo: HarbourBooks) -> None:
    """Plans, state and output hold no e-mail address and no name of anybody in the export."""
    kept = [*demo.work.glob("*.plan"), *(path for path in demo.work.glob(".poolshift/**/*") if path.is_file())]
    assert {path.name for path in kept} >= {"first.plan", "second.plan", "state.db", "key"}
    texts = [demo.printed.encode(), *(path.read_bytes() for path in kept)]
    for person in demo.exported():
        for value in (person.get("email"), f"{person['given_name']} {person['family_name']}"):
            assert value is None or not any(value.encode() in text for text in texts)


def test_accounting_of_the_plan_adds_up(demo: HarbourBooks) -> None:
    """Everybody of the source is decided, left out by the spec, or could not be mapped."""
    document = json.loads(demo.poolshift("show", "second.plan", "--format", "json").stdout)
    counts = document["counts"]
    assert (counts["source"], counts["unselected"], counts["unmappable"]) == (206, 4, len(UNMAPPABLE))
    assert sum(counts[word] for word in ("repeated", "unselected", "unmappable", "verdicts")) == counts["source"]
    assert document["verdict"]["changes"] == 0


def test_committed_people_are_what_the_script_makes(tmp_path: Path) -> None:
    """The export, the groups and the pool are made by people.py from its seed, and from nothing else."""
    runpy.run_path(str(DEMO / "people.py"))["write"](tmp_path)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {
        path.relative_to(DEMO): path.read_bytes()
        for name in ("export", "groups", "pool.json")
        for path in ([DEMO / name] if (DEMO / name).is_file() else (DEMO / name).rglob("*.json"))
    }
    assert made == committed
    assert len(made) == 12


def test_people_are_invented() -> None:
    """Every address lies in a domain that belongs to nobody."""
    texts = [path.read_text("utf-8") for path in DEMO.rglob("*.json") if "work" not in path.relative_to(DEMO).parts]
    domains = {domain for text in texts for domain in re.findall(r"@([\w.-]+)", text)}
    assert domains == {"example.com", "example.org"}


@pytest.mark.parametrize(("code", "message"), [(1, "expected exit code 0, got 1"), (6, "expected exit code 0, got 6")])
def test_demo_stops_at_an_unexpected_exit_code(tmp_path: Path, code: int, message: str) -> None:
    """A command that ends otherwise than announced ends the demo with 1, and says so."""
    folder = copied(tmp_path)
    (tmp_path / "poolshift").write_text(f"#!/bin/sh\nexit {code}\n", "utf-8")
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{BIN / "python"}" "$@"\n', "utf-8")
    for name in ("poolshift", "python"):
        os.chmod(tmp_path / name, 0o700)
    done = run(folder, tmp_path / "poolshift")
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stdout.count("\n$ ") == 1
