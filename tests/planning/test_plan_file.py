"""The plan file: whole or not at all, refused with the right exit code where it is not ours."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from poolshift.errors import PlanUnusable, PoolshiftError, StateUnusable, UsageError
from poolshift.plan.change import Change, FieldDecision
from poolshift.planning.compute import compute
from poolshift.planning.plan_file import PlanFile, PlanRow, PlanWriter, open_plan_file
from tests.planning.rehearsal import Rehearsal, person, rehearse

SCHEMA = Path(__file__).parents[2] / "schemas" / "plan.schema.json"
CHANGE = Change(
    'user["s1"]',
    "user",
    "update",
    "R7",
    "s1",
    "d1",
    (FieldDecision("email", "F12", "authority", "set", b"v" * 8, b"w" * 8),),
    b"d" * 8,
    b"a" * 8,
    code="CODE",
    partner="s2",
    candidates=("d1", "d2"),
)


def written(path: Path, *changes: Change) -> PlanFile:
    with PlanWriter(path) as writer:
        for change in changes:
            writer.add(change, "0badcafe")
        writer.finish({"plan": {"id": "x", "digest": writer.digest({})}, "classes": [{"id": "0badcafe"}]})
    return open_plan_file(path)


def sample() -> Rehearsal:
    people = [person(f"s{number}", f"p{number}@example.com", given_name="Ann") for number in range(5)]
    rehearsal = rehearse(*people, groups=[("s1", "staff"), ("s2", "admins")])
    rehearsal.destination.users = {
        "d1": {"email": "P1@example.com", "email_verified": True, "enabled": True, "given_name": "Kim"},
        "d2": {"email": "p2@example.com", "email_verified": False, "enabled": True},
    }
    return rehearsal


def kept(path: Path, rehearsal: Rehearsal) -> None:
    with compute(rehearsal.session, out=path, partitions=4):
        pass


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Every column of a row, its fields and its class."""
    with closing(written(tmp_path / "a.plan", CHANGE)) as plan:
        (row,) = plan.rows()
        assert (row.address, row.action, row.rule, row.person, row.destination_id) == (
            ('user["s1"]', "update", "R7", "s1", "d1")
        )
        assert (row.desired, row.actual, row.candidates, row.partner) == (b"d" * 8, b"a" * 8, ("d1", "d2"), "s2")
        assert row.fields[0]["desired"] == (b"v" * 8).hex()
        assert plan.find('user["s1"]') == row
        assert plan.find('user["s9"]') is None
        assert list(plan.of_class("0badcafe")) == [row]


def test_a_write_is_found_before_a_conflict_of_the_same_person(tmp_path: Path) -> None:
    """Beside an open conflict of one field stands the update of the others."""
    conflict = Change('user["s1"]', "user", "conflict", "R7", "s1", "d1")
    with closing(written(tmp_path / "a.plan", conflict, CHANGE)) as plan:
        found = plan.find('user["s1"]')
        assert isinstance(found, PlanRow)
        assert found.action == "update"


def test_the_digest_is_of_the_rows_in_their_order(tmp_path: Path) -> None:
    """Equal rows have one digest; another order, row or binding has another."""
    other = Change('user["s2"]', "user", "create", "R1", "s2")

    def digest(*changes: Change, bound: str = "") -> str:
        with PlanWriter(tmp_path / "a.plan") as writer:
            for change in changes:
                writer.add(change, "c")
            return writer.digest({"bound": bound})

    assert digest(CHANGE, other) == digest(CHANGE, other)
    assert len({digest(CHANGE, other), digest(other, CHANGE), digest(CHANGE), digest(CHANGE, bound="x")}) == 4


@pytest.mark.parametrize("name", ["plain.plan", "with space & 100%.plan", "sharp#1.plan", "what?.plan", "ünï.plan"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    """A name is a name, not a piece of a URI."""
    written(tmp_path / name, CHANGE).close()
    assert os.listdir(tmp_path) == [name]


def test_the_file_is_private(tmp_path: Path) -> None:
    """Masked samples are nobody else's business."""
    kept(tmp_path / "a.plan", sample())
    assert stat.S_IMODE((tmp_path / "a.plan").stat().st_mode) == 0o600


def code_of(path: Path) -> tuple[int, str]:
    with pytest.raises(PoolshiftError) as caught:
        open_plan_file(path)
    return caught.value.exit_code, caught.value.diagnostics[0].code


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    """Exit 64; so is a folder of that name."""
    assert code_of(tmp_path / "no.plan") == (UsageError.exit_code, "PLAN_MISSING") == (64, "PLAN_MISSING")
    assert code_of(tmp_path) == (64, "PLAN_MISSING")


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\0" * 4096])
def test_what_is_no_plan_file_is_damaged(tmp_path: Path, content: bytes) -> None:
    """Exit 7."""
    (tmp_path / "a.plan").write_bytes(content)
    assert code_of(tmp_path / "a.plan") == (PlanUnusable.exit_code, "PLAN_DAMAGED") == (7, "PLAN_DAMAGED")


def test_somebody_elses_database_is_not_a_plan(tmp_path: Path) -> None:
    """Exit 7, even where it has a table of that name."""
    with closing(sqlite3.connect(tmp_path / "a.plan")) as db:
        db.executescript("CREATE TABLE document (name, content); INSERT INTO document VALUES ('plan', '{}');")
    assert code_of(tmp_path / "a.plan") == (7, "PLAN_DAMAGED")


def test_a_newer_format_is_told_apart(tmp_path: Path) -> None:
    """Exit 7, with the two versions in the message."""
    written(tmp_path / "a.plan").close()
    with closing(sqlite3.connect(tmp_path / "a.plan")) as db:
        db.execute("PRAGMA user_version = 2")
    assert code_of(tmp_path / "a.plan") == (7, "PLAN_NEWER")


def test_a_garbled_document_is_damaged(tmp_path: Path) -> None:
    """Exit 7 for the document and for a row, never a bug of ours."""
    written(tmp_path / "a.plan", CHANGE).close()
    with closing(sqlite3.connect(tmp_path / "a.plan")) as db:
        db.execute("UPDATE rows SET content = x'7b'")
        db.commit()
    with closing(open_plan_file(tmp_path / "a.plan")) as plan, pytest.raises(PlanUnusable):
        list(plan.rows())
    with closing(sqlite3.connect(tmp_path / "a.plan")) as db:
        db.execute("UPDATE document SET content = x'7b'")
        db.commit()
    assert code_of(tmp_path / "a.plan") == (7, "PLAN_DAMAGED")


@settings(max_examples=40, deadline=None)
@given(part=st.floats(0, 0.99))
def test_a_cut_file_is_never_read_as_a_shorter_plan(tmp_path_factory: pytest.TempPathFactory, part: float) -> None:
    """Wherever a copy stopped, the file is refused, or every row is there."""
    path = tmp_path_factory.mktemp("cut") / "a.plan"
    changes = [Change(f'user["s{number}"]', "user", "create", "R1", f"s{number}") for number in range(300)]
    written(path, *changes).close()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    try:
        with closing(open_plan_file(path)) as plan:
            rows = len(list(plan.rows()))
    except PlanUnusable:
        return
    assert rows == 300


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Exit 11, and nothing is left behind."""
    with pytest.raises(StateUnusable) as caught:
        kept(tmp_path / "nowhere" / "a.plan", sample())
    assert (caught.value.exit_code, caught.value.diagnostics[0].code) == (11, "PLAN_UNWRITABLE")
    assert os.listdir(tmp_path) == []


def stopped_halfway(path: Path) -> None:
    with PlanWriter(path) as writer:
        writer.add(CHANGE, "c")
        raise RuntimeError("stopped")


def test_a_plan_that_fails_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    """Nothing half-written: neither the name nor a draft."""
    kept(tmp_path / "a.plan", sample())
    before = (tmp_path / "a.plan").read_bytes()
    rehearsal = sample()
    rehearsal.destination.members = {("d1", "")}
    rehearsal.destination.users["d\n3"] = {}
    with pytest.raises(PoolshiftError, match="ID_UNUSABLE"):
        kept(tmp_path / "a.plan", rehearsal)
    with pytest.raises(RuntimeError):
        stopped_halfway(tmp_path / "a.plan")
    assert os.listdir(tmp_path) == ["a.plan"]
    assert (tmp_path / "a.plan").read_bytes() == before


def test_the_document_is_what_the_schema_says(tmp_path: Path) -> None:
    """Of a plan with creates, adopts, conflicts, partial reads and findings; with the changes of each class, too."""
    rehearsal = sample()
    rehearsal.source.users["s9"] = person("s9", "P3@example.com")
    rehearsal.destination.partial = {"link": "cut"}
    kept(tmp_path / "a.plan", rehearsal)
    validator = Draft202012Validator(orjson.loads(SCHEMA.read_bytes()))
    with closing(open_plan_file(tmp_path / "a.plan")) as plan:
        validator.validate(plan.document)
        actions = {own["action"] for own in plan.document["classes"]}
        assert {"create", "adopt", "conflict", "add"} <= actions
        for own in plan.document["classes"]:
            document = plan.class_document(own["id"])
            validator.validate(document)
            assert len(document["changes"]) == own["count"]
        with pytest.raises(UsageError):
            plan.class_document("00000000")


def test_the_file_holds_no_value_of_a_person(tmp_path: Path) -> None:
    """Addresses and decisions only: no e-mail, name or link subject, not even in a freed page."""
    rehearsal = sample()
    rehearsal.source.users["s3"]["identities"] = [{"provider": "Google", "subject": "subject-of-s3"}]
    kept(tmp_path / "a.plan", rehearsal)
    content = (tmp_path / "a.plan").read_bytes()
    for value in (b"example.com", b"Kim", b"name-s1", b"subject-of-s3"):
        assert value not in content


def test_the_first_plan_row_of_a_shared_kind_comes_before_people(tmp_path: Path) -> None:
    """Groups are made before anybody joins them."""
    kinds = [row.kind for row in sample().plan().rows]
    assert kinds[:2] == ["group", "group"]
    assert "group" not in kinds[2:]
