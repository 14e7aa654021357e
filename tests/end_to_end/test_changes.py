"""One thing moves at either end: the next plan holds exactly that, by its rule, and after it there is nothing left."""

from copy import deepcopy
from typing import Any
from uuid import UUID

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import SPEC_FILE, STATE, Migration
from tests.population.people import Person, people

EVERYBODY = people(300)


def _somebody(*, group: str = "", without: str = "") -> Person:
    """A plain person who was migrated."""
    there, _ = expected(EVERYBODY)
    return next(
        person
        for person in EVERYBODY
        if person.sub in there
        and person.status == "CONFIRMED"
        and not person.identities
        and not there[person.sub]["links"]
        and (not group or group in person.groups)
        and (not without or without not in person.groups)
    )


def _without(sub: str) -> list[Person]:
    return [person for person in EVERYBODY if person.sub != sub]


def _bent(person: Person, **attributes: str) -> list[Person]:
    """Everybody, with this person's attributes changed."""
    other = deepcopy(person)
    other.attributes |= attributes
    other.modified += 1
    return [other if own.sub == person.sub else own for own in EVERYBODY]


def _only(migration: Migration) -> dict[str, Any]:
    rows = migration.rows()
    assert len(rows) == 1, rows
    return rows[0]


def _story(migration: Migration, person: Person) -> tuple[set[tuple[str, str]], str]:
    """What explain says: (action, rule) of each change that is not for the state alone, and the lines of the story."""
    ran = migration.run("explain", SPEC_FILE, f'user["{person.sub}"]', "--format", "json")
    assert ran.code == 0, ran.err
    document = ran.document
    lines = "\n".join(line for chapter in document["story"] for line in chapter["lines"])
    return {(own["action"], own["rule"]) for own in document["changes"] if own["action"] != "noop"}, lines


def _nothing_left(migration: Migration) -> None:
    migration.migrate()
    assert migration.rows() == []
    assert migration.plan()["verdict"]["changes"] == 0


def test_a_changed_person_is_updated(settled: Migration) -> None:
    """F12: the source moved, the destination did not."""
    person = _somebody()
    settled.export(_bent(person, family_name="Nieuwenhuis", **{"custom:plan": "s"}))
    row = _only(settled)
    assert (row["address"], row["action"], row["rule"]) == (f'user["{person.sub}"]', "update", "R7")
    rules = {own["path"]: own["rule"] for own in row["fields"]}
    assert set(rules.values()) == {"F12"}
    assert {"family_name", "name"} <= rules.keys() <= {"family_name", "name", "attributes.plan"}
    changes, _ = _story(settled, person)
    assert changes == {("update", "R7")}
    before = settled.directory()
    _nothing_left(settled)
    after = settled.directory()
    assert after == expected(_bent(person, family_name="Nieuwenhuis", **{"custom:plan": "s"}))[0]
    assert [sub for sub in after if after[sub] != before[sub]] == [person.sub]


def test_a_new_person_is_created(settled: Migration) -> None:
    """R1, with the memberships that come with it (S2)."""
    person = deepcopy(_somebody(group="beta"))
    person.sub, person.username = str(UUID(int=7)), "newcomer"
    person.attributes |= {"email": "newcomer@example.com"}
    person.attributes.pop("phone_number", None)
    settled.export([*EVERYBODY, person])
    own = settled.rows()
    assert all(person.sub in row["address"] for row in own)
    users = [row for row in own if row["address"].startswith("user[")]
    assert [(row["action"], row["rule"]) for row in users] == [("create", "R1")]
    assert {(row["action"], row["rule"]) for row in own if row not in users} == {("add", "S2")}
    changes, lines = _story(settled, person)
    assert ("create", "R1") in changes
    assert "State does not know this person" in lines
    _nothing_left(settled)
    assert settled.directory() == expected([*EVERYBODY, person])[0]


def test_a_deleted_person_is_retained(settled: Migration) -> None:
    """R9: gone from the source, kept at the destination; a plan that says so has no change."""
    person = _somebody()
    before = settled.directory()
    settled.export(_without(person.sub))
    row = _only(settled)
    assert (row["address"], row["action"], row["rule"]) == (f'user["{person.sub}"]', "retain", "R9")
    document = settled.plan()
    assert document["verdict"]["changes"] == 0
    assert next(own["count"] for own in document["findings"] if own["code"] == "SOURCE_GONE") == 1
    assert _story(settled, person)[0] == {("retain", "R9")}
    settled.migrate()
    assert settled.directory() == before


def test_a_local_edit_is_restored(settled: Migration) -> None:
    """F11: before handover the source rules."""
    person = _somebody()
    before = settled.directory()
    settled.execute("UPDATE users SET given_name = 'Edited' WHERE external_id = ?", person.sub)
    row = _only(settled)
    assert (row["address"], row["action"]) == (f'user["{person.sub}"]', "update")
    assert [(own["path"], own["rule"]) for own in row["fields"]] == [("given_name", "F11")]
    drift = settled.run("drift", SPEC_FILE, "--format", "json", "--detailed-exitcode")
    assert drift.code == 2
    changes, lines = _story(settled, person)
    assert changes == {("update", "R7")}
    assert "Applied before to record" in lines
    _nothing_left(settled)
    assert settled.directory() == before


def test_an_edit_at_both_ends_is_a_conflict(settled: Migration) -> None:
    """F15: nobody wins until a person says who; the value at the destination stays."""
    person = _somebody()
    settled.execute("UPDATE users SET nickname = 'kept', given_name = 'Edited' WHERE external_id = ?", person.sub)
    settled.export(_bent(person, given_name="Moved"))
    conflicts = settled.plan()["verdict"]["conflicts"] - 1
    assert _story(settled, person)[0] == {("update", "R7"), ("conflict", "R7")}
    settled.migrate()
    assert settled.directory()[person.sub]["given_name"] == "Edited"
    assert settled.plan()["verdict"]["changes"] == 0
    keep = settled.run(
        "resolve", SPEC_FILE, f'user["{person.sub}"]', "--field", "given_name", "--keep", "source", "--why", "agreed"
    )
    assert keep.code == 0, keep.err
    assert settled.plan()["verdict"]["conflicts"] == conflicts
    _nothing_left(settled)
    assert settled.directory()[person.sub]["given_name"] == "Moved"


def test_somebody_erased_at_the_destination_is_held(settled: Migration) -> None:
    """R8: it may have been an erasure request; nobody comes back unasked."""
    person = _somebody(without="admins")
    for table in ("group_members", "role_members", "organization_members"):
        own = f"DELETE FROM {table} WHERE user = (SELECT id FROM users WHERE external_id = ?)"
        settled.execute(own, person.sub, at_least=0)
    settled.execute("DELETE FROM users WHERE external_id = ?", person.sub)
    holds = settled.plan()["verdict"]["holds"]
    assert settled.rows() == []
    changes, lines = _story(settled, person)
    assert changes == {("hold", "R8")}
    assert "not at the destination any more" in lines
    settled.migrate()
    assert person.sub not in settled.directory()
    assert settled.plan()["verdict"]["holds"] == holds


def test_a_lost_membership_is_removed(settled: Migration) -> None:
    """S4: we gave it, the source took it back."""
    person = deepcopy(_somebody(group="beta"))
    person.groups = tuple(name for name in person.groups if name != "beta")
    everybody = [*_without(person.sub), person]
    settled.export(everybody)
    row = _only(settled)
    assert (row["address"], row["action"], row["rule"]) == (f'group_member["{person.sub}","beta"]', "remove", "S4")
    assert _story(settled, person)[0] == {("remove", "S4")}
    _nothing_left(settled)
    assert settled.directory() == expected(everybody)[0]


def test_a_membership_an_administrator_removed_is_given_back(settled: Migration) -> None:
    """S6: before handover the source rules; of a privileged group it would be a conflict."""
    person = _somebody(group="beta")
    before = settled.directory()
    _take_away(settled, person, "beta")
    row = _only(settled)
    assert (row["address"], row["action"], row["rule"]) == (f'group_member["{person.sub}","beta"]', "add", "S6")
    assert _story(settled, person)[0] == {("add", "S6")}
    _nothing_left(settled)
    assert settled.directory() == before


def test_a_privilege_an_administrator_removed_is_not_given_back(settled: Migration) -> None:
    """S6 of a privileged group: a conflict, and the person keeps what is left."""
    person = _somebody(group="admins")
    _take_away(settled, person, "administrators")
    conflicts = settled.plan()["verdict"]["conflicts"]
    assert settled.rows() == []
    assert _story(settled, person)[0] == {("conflict", "S6")}
    settled.migrate()
    assert "administrators" not in settled.directory()[person.sub]["groups"]
    assert settled.plan()["verdict"]["conflicts"] == conflicts


def test_a_lost_state_is_found_again_by_the_markers(settled: Migration) -> None:
    """R2: without its state but with its key the migration takes everybody up again and writes nothing else."""
    before = settled.directory()
    (settled.folder / STATE).unlink()
    document = settled.plan()
    assert {
        (own["kind"], own["action"]) for own in document["summary"] if own["action"] in ("create", "update")
    } == set()
    adopted = next(own["count"] for own in document["summary"] if (own["kind"], own["action"]) == ("user", "adopt"))
    assert adopted == len(before)
    assert all(own["verdict"] == "ok" for own in document["limits"])
    settled.migrate()
    assert settled.directory() == before
    second, third = settled.plan(), settled.plan()
    assert second["verdict"]["changes"] == 0
    assert second["plan"]["digest"] == third["plan"]["digest"]


def _take_away(migration: Migration, person: Person, group: str) -> None:
    migration.execute(
        "DELETE FROM group_members WHERE user = (SELECT id FROM users WHERE external_id = ?)"
        ' AND "group" = (SELECT id FROM groups WHERE name = ?)',
        person.sub,
        group,
    )
