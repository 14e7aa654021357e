"""Bad specs, exports and directories: the right exit code, where, why and what to do; nothing is left behind."""

import json
import re
import sqlite3
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Final

import pytest

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import DIRECTORY, SPEC_FILE, Migration, Ran
from tests.population.export import record_of
from tests.population.people import people
from tests.population.spec import SPEC

EVERYBODY: Final = people(300)
_PLACED: Final = re.compile(r"^(\S+?):(\d+):(\d+): error ([A-Z0-9_]+): \S.*\n    \S", re.MULTILINE)


def _refused(migration: Migration, code: int, *codes: str) -> Ran:
    """A plan that is refused, and leaves no file."""
    before = migration.files()
    ran = migration.run("plan", SPEC_FILE, "--out", "refused.plan")
    assert ran.code == code, ran.err
    assert ran.out == ""
    assert set(codes) <= ran.codes(), ran.err
    new = migration.files() - before
    assert {path.parts[0] for path in new} <= {".poolshift"}
    assert not [path for path in new if "work" in path.parts]
    return ran


def test_every_error_of_a_spec_is_told_at_once(fresh: Migration) -> None:
    """Each with file, line, column, code and remedy; validate and plan agree."""
    wrong = SPEC.replace("login: [email]", "login: [e-mail]").replace("duplicates: merge", "duplicates: join")
    fresh.write_spec(
        wrong.replace("disabled: keep", "disable: keep").replace("migration: people", "migration: People!")
    )
    wanted = {"SPEC_VALUE", "SPEC_KEY_UNKNOWN", "SPEC_NAME"}
    for words in (("validate", SPEC_FILE), ("plan", SPEC_FILE)):
        ran = fresh.run(*words)
        assert ran.code == 65, ran.err
        told = _PLACED.findall(ran.err)
        assert wanted <= {code for *_, code in told}, ran.err
        assert {Path(file).name for file, *_ in told} == {SPEC_FILE}
        assert len(told) == ran.err.count(" error "), ran.err
    assert "disabled" in ran.err


def test_an_unknown_option_reads_nothing(tmp_path: Path) -> None:
    """64 comes first: the spec that does not exist is not even looked for."""
    (tmp_path / "m").mkdir()
    ran = Migration(tmp_path / "m").run("plan", "nowhere.yaml", "--ouput", "secret-value")
    assert ran.code == 64
    assert "--out" in ran.err
    assert "secret-value" not in ran.err
    assert Migration(tmp_path / "m").files() == set()


def test_a_missing_spec_is_named(tmp_path: Path) -> None:
    """65, with the name that was asked for."""
    ran = Migration(tmp_path).run("plan", "nowhere.yaml")
    assert ran.code == 65
    assert "nowhere.yaml" in ran.err


def test_all_missing_variables_are_named(fresh: Migration) -> None:
    """Of the command line and of the environment, in one go."""
    text = SPEC.replace("path: users,", "path: '${var:export}',").replace(
        "path: people.directory", "path: '${env:POOL}'"
    )
    fresh.write_spec(text.replace("\nsource:", "\nvars: {export: {}, unused: {default: x}}\n\nsource:", 1))
    ran = _refused(fresh, 65, "SPEC_VAR_UNSET")
    assert "export" in ran.err
    assert "POOL" in ran.err
    assert fresh.run("plan", SPEC_FILE, "--var", "export=users", environ={"POOL": DIRECTORY}).code == 0


def _cut_in_the_middle(folder: Path) -> None:
    page = folder / "users-3.json"
    page.write_bytes(page.read_bytes()[:-700])


def _without_sub(folder: Path) -> None:
    page = folder / "users-2.json"
    document = json.loads(page.read_text("utf-8"))
    own = document["Users"][6]["Attributes"]
    document["Users"][6]["Attributes"] = [pair for pair in own if pair["Name"] != "sub"]
    page.write_text(json.dumps(document), encoding="utf-8")


def _without_the_last_page(folder: Path) -> None:
    (folder / "users-5.json").unlink()


def _with_an_empty_page(folder: Path) -> None:
    (folder / "users-4.json").write_bytes(b"")


def _in_utf16(folder: Path) -> None:
    page = folder / "users-1.json"
    page.write_text(page.read_text("utf-8"), encoding="utf-16")


def _half_a_download(folder: Path) -> None:
    (folder / "users-6.json.part").write_bytes(b"{")


@pytest.mark.parametrize(
    ("damage", "code", "where"),
    [
        (_cut_in_the_middle, "EXPORT_DAMAGED", "users/users-3.json"),
        (_without_sub, "EXPORT_NO_ID", "users/users-2.json"),
        (_without_the_last_page, "EXPORT_CUT", "users/users-4.json"),
        (_with_an_empty_page, "EXPORT_DAMAGED", "users/users-4.json"),
        (_in_utf16, "EXPORT_DAMAGED", "users/users-1.json"),
        (_half_a_download, "EXPORT_FORM", "users/users-6.json.part"),
    ],
)
def test_a_damaged_export_makes_no_plan(
    fresh: Migration, damage: Callable[[Path], None], code: str, where: str
) -> None:
    """65, with the file, and the record where it is one; a plan of an export cut short would be a lie."""
    damage(fresh.folder / "users")
    ran = _refused(fresh, 65, code)
    assert where in ran.err
    if damage is _without_sub:
        assert "record 7" in ran.err


def test_a_group_without_members_file_makes_no_plan(fresh: Migration) -> None:
    """Nobody is taken out of a group whose members were never read."""
    (fresh.folder / "groups" / "members" / "3.json").unlink()
    assert "team-blue" in _refused(fresh, 65, "EXPORT_GROUP_UNREAD").err


def test_a_missing_export_is_named(fresh: Migration) -> None:
    """65 and the path of the settings."""
    fresh.write_spec(SPEC.replace("path: users,", "path: elsewhere,"))
    assert "elsewhere" in _refused(fresh, 65, "FILE_NOT_FOUND").err


def test_what_cannot_be_mapped_is_told_and_the_rest_planned(fresh: Migration) -> None:
    """The finding has its address, and the counts add up."""
    document = fresh.plan()
    there, left = expected(EVERYBODY)
    unmappable = {sub for sub, why in left.items() if why == "unmappable"}
    finding = next(own for own in document["findings"] if own["code"] == "VALUE_TYPE")
    assert finding["count"] == len(unmappable) > 0
    assert all(any(f'user["{sub}"]' in sample for sub in unmappable) for sample in finding["samples"])
    counts = document["counts"]
    assert counts["unmappable"] == len(unmappable)
    assert counts["source"] == sum(counts[name] for name in ("repeated", "unselected", "unmappable", "verdicts"))
    users = {own["action"]: own["count"] for own in document["summary"] if own["kind"] == "user"}
    assert users["create"] == len(there)


def test_a_repeated_page_is_counted_and_changes_nothing(fresh: Migration) -> None:
    """The same plan, with the repetitions named."""
    before = fresh.plan()
    folder = fresh.folder / "users"
    (folder / "users-6.json").write_bytes((folder / "users-5.json").read_bytes())
    after = fresh.plan()
    assert after["counts"] == before["counts"] | {
        "source": before["counts"]["source"] + 60,
        "repeated": before["counts"]["repeated"] + 60,
    }
    assert after["classes"] == before["classes"]
    assert after["plan"]["digest"] == before["plan"]["digest"]


def test_two_people_with_one_sub_are_a_conflict(fresh: Migration) -> None:
    """Two pools in one folder: neither person is written."""
    there, _ = expected(EVERYBODY)
    first = next(person for person in EVERYBODY if person.sub in there)
    other = deepcopy(first)
    other.username, other.created = "somebody-else", first.created + 1000
    other.attributes["email"] = "somebody.else@example.com"
    page = {"Users": [record_of(other)]}
    (fresh.folder / "users" / "users-6.json").write_text(json.dumps(page), encoding="utf-8")
    finding = next(own for own in fresh.plan()["findings"] if own["code"] == "SOURCE_ID_TWICE")
    assert (finding["count"], finding["samples"]) == (1, [f'user["{first.sub}"]'])
    fresh.migrate()
    assert fresh.directory().keys() == there.keys() - {first.sub}


def test_links_that_cannot_be_read_hold_the_person(fresh: Migration) -> None:
    """Without their links people could not sign in; the others are planned."""
    there, _ = expected(EVERYBODY)
    linked = next(person for person in EVERYBODY if person.sub in there and person.status == "EXTERNAL_PROVIDER")
    for page in (fresh.folder / "users").iterdir():
        document = json.loads(page.read_text("utf-8"))
        for user in document["Users"]:
            own = {pair["Name"]: pair for pair in user["Attributes"]}
            if own["sub"]["Value"] == linked.sub:
                own["identities"]["Value"] = own["identities"]["Value"][:-3]
        page.write_text(json.dumps(document), encoding="utf-8")
    finding = next(own for own in fresh.plan()["findings"] if own["code"] == "LINK_UNREADABLE")
    assert finding["count"] == 1
    assert linked.sub in finding["samples"][0]
    fresh.migrate()
    assert fresh.directory().keys() == there.keys() - {linked.sub}


def test_a_file_that_is_no_directory_is_refused(fresh: Migration) -> None:
    """9, and the file stays as it is: text, somebody's database, or nothing at all."""
    path = fresh.folder / DIRECTORY
    path.write_bytes(b"name,email\n")
    _refused(fresh, 9, "DIRECTORY_NOT_OURS")
    assert path.read_bytes() == b"name,email\n"
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE users (id TEXT)")
    connection.close()
    before = path.read_bytes()
    _refused(fresh, 9, "DIRECTORY_NOT_OURS")
    assert path.read_bytes() == before
    path.unlink()
    _refused(fresh, 9, "DIRECTORY_NOT_FOUND")
    assert not path.exists()


def test_another_directory_is_refused_after_an_apply(settled: Migration) -> None:
    """9: a plan against an empty file would create everybody again."""
    path = settled.folder / DIRECTORY
    path.unlink()
    Migration.create(settled.folder, EVERYBODY)
    _refused(settled, 9, "TENANT_CHANGED")
    assert settled.directory() == {}
