"""An export that cannot be used is refused as a whole, with the file, the record and the way out."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from poolshift.errors import InputError
from tests.providers.cognito_export.export import users

GOOD = {
    "Username": "ann",
    "UserStatus": "CONFIRMED",
    "Enabled": True,
    "Attributes": [{"Name": "sub", "Value": "s1"}, {"Name": "email", "Value": "secret@example.com"}],
}
TEXT = orjson.dumps({"Users": [GOOD, GOOD]}).decode()
CSV = "sub,status,enabled\ns1,CONFIRMED,true\n"


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


def lines(*documents: Any) -> bytes:
    return b"".join(orjson.dumps(document) + b"\n" for document in documents)


def refuse(tmp_path: Path, name: str, content: bytes, **settings: Any) -> InputError:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        users(tmp_path, path=name, **settings)
    assert error.value.exit_code == 65
    assert "secret" not in str(error.value)
    return error.value


@pytest.mark.parametrize(
    ("name", "content", "code", "told"),
    [
        ("u.json", b"", "EXPORT_DAMAGED", "the file is empty"),
        ("u.json", b" \n\n", "EXPORT_DAMAGED", "the file is empty"),
        ("u.json", b"<html>", "EXPORT_DAMAGED", "neither an object nor an array"),
        ("u.json", TEXT[:-20].encode(), "EXPORT_DAMAGED", "ends in the middle of a record"),
        ("u.json", TEXT[:-1].encode(), "EXPORT_DAMAGED", "ends in the middle of a record"),
        ("u.json", TEXT[:-3].encode(), "EXPORT_DAMAGED", "ends in the middle of a record"),
        ("u.json", b"[1, 2", "EXPORT_DAMAGED", "ends in the middle of a record"),
        ("u.json", TEXT.replace('"Enabled"', "Enabled").encode(), "EXPORT_DAMAGED", "not JSON"),
        ("u.json", f"{TEXT}\n\n]".encode(), "EXPORT_DAMAGED", "u.json:3"),
        ("u.json", TEXT.encode("utf-16"), "EXPORT_DAMAGED", "UTF-16"),
        ("u.json", b'[\n{"a": "\xff"}]', "EXPORT_DAMAGED", "not UTF-8"),
        ("u.json", b'[\n{"a": "\\ud800"}]', "EXPORT_DAMAGED", "half of a surrogate pair"),
        ("u.json", b"[" * 100_000, "EXPORT_DAMAGED", "u.json"),
        ("u.json", b'{"Users": [1]}', "EXPORT_DAMAGED", "record 1: not a user"),
        ("u.json", b'{"Users": [{"Attributes": 1}]}', "EXPORT_DAMAGED", "record 1: not a user"),
        ("u.json", b'{"Users": [{"Attributes": [{}]}]}', "EXPORT_DAMAGED", "record 1: not a user"),
        ("u.json", b'{"UserPool": {}}', "EXPORT_DAMAGED", "record 1"),
        ("u.jsonl", lines(GOOD, GOOD)[:-30], "EXPORT_DAMAGED", "u.jsonl:2: error EXPORT_DAMAGED: the line is cut"),
        ("u.jsonl", lines(GOOD) + b"x\n" + lines(GOOD), "EXPORT_DAMAGED", "u.jsonl:2"),
        ("u.jsonl", lines(GOOD) + b"1\n", "EXPORT_DAMAGED", "u.jsonl:2"),
        ("u.jsonl", lines(GOOD, GOOD | {"UserCreateDate": "soon"}), "EXPORT_DAMAGED", "u.jsonl:2.*record 2: a date"),
        ("u.json", orjson.dumps([GOOD | {"UserLastModifiedDate": 1e300}]), "EXPORT_DAMAGED", "record 1: a date"),
        ("u.json", orjson.dumps([GOOD | {"UserCreateDate": "2024-02-30T00:00:00Z"}]), "EXPORT_DAMAGED", "a date"),
        ("u.json", orjson.dumps([GOOD | {"UserCreateDate": "2024-01-01T00:00:00+01:00Z"}]), "EXPORT_DAMAGED", "a date"),
        ("u.json", orjson.dumps([GOOD | {"Enabled": "yes"}]), "EXPORT_DAMAGED", "enabled is neither"),
        ("u.json", orjson.dumps([GOOD, without("Attributes")]), "EXPORT_NO_ID", "record 2: it has no sub"),
        ("u.json", orjson.dumps([{"email": "secret@example.com"}]), "EXPORT_NO_ID", "record 1: it has no sub.*--query"),
        ("u.jsonl", lines(GOOD, without("UserStatus")), "EXPORT_INCOMPLETE", "u.jsonl:2.*it has no UserStatus.*assume"),
        ("u.json", orjson.dumps([without("Enabled")]), "EXPORT_INCOMPLETE", "record 1: it has no Enabled"),
        ("u.json", orjson.dumps([{"sub": "s", "a": {}}]), "EXPORT_DAMAGED", "neither text nor a number"),
        ("u.json", orjson.dumps({"Users": [GOOD], "PaginationToken": "t"}), "EXPORT_CUT", "1 users were read"),
        ("u.json", orjson.dumps({"Users": [GOOD], "NextToken": "t"}), "EXPORT_CUT", "--starting-token"),
        ("u.jsonl", lines({"Users": [GOOD]}, {"Users": [GOOD], "PaginationToken": "t"}), "EXPORT_CUT", "2 users"),
        ("u.csv", b"email,name\nsecret@example.com,x\n", "EXPORT_NO_ID", r"u.csv:1.*no column sub.*jq -r"),
        ("u.csv", b"", "EXPORT_NO_ID", "no column sub"),
        ("u.csv", b"sub,email,email\n", "EXPORT_DAMAGED", "names twice: email"),
        ("u.csv", (CSV + "s2,CONFIRMED\n").encode(), "EXPORT_DAMAGED", "u.csv:3.*2 cells under 3 columns"),
        ("u.csv", (CSV + "s2,CONFIRMED,perhaps\n").encode(), "EXPORT_DAMAGED", "u.csv:3.*record 2: enabled"),
        ("u.csv", (CSV + ",CONFIRMED,true\n").encode(), "EXPORT_NO_ID", "u.csv:3.*record 2"),
        ("u.csv", b"sub,email\ns1,secret@example.com\n", "EXPORT_INCOMPLETE", "no UserStatus and no Enabled"),
        ("u.csv", CSV.encode("utf-16"), "EXPORT_DAMAGED", "not a CSV file in UTF-8"),
        ("u.csv", (CSV + 's2,"CONFIRMED').encode(), "EXPORT_DAMAGED", "u.csv:3"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, name: str, content: bytes, code: str, told: str) -> None:
    """The error has its code, names file and record, and holds no value of a record."""
    error = refuse(tmp_path, name, content)
    assert {diagnostic.code for diagnostic in error.diagnostics} == {code}
    assert all(diagnostic.remedy for diagnostic in error.diagnostics)
    assert all(diagnostic.place and diagnostic.place.file == name for diagnostic in error.diagnostics)
    assert re.search(f"(?s){told}", str(error))


def test_all_faults_of_a_file_are_told_at_once_up_to_twenty(tmp_path: Path) -> None:
    """Nobody repairs an export one record at a time."""
    bad = without("UserStatus")
    error = refuse(tmp_path, "u.json", orjson.dumps([bad, GOOD, bad, GOOD]))
    assert [diagnostic.summary.partition(":")[0] for diagnostic in error.diagnostics] == ["record 1", "record 3"]
    assert len(refuse(tmp_path, "u.json", orjson.dumps([bad] * 50)).diagnostics) == 20


def test_half_an_assumption_is_not_enough(tmp_path: Path) -> None:
    """Each of status and enabled is either read or assumed."""
    error = refuse(tmp_path, "u.json", orjson.dumps([without("UserStatus", "Enabled")]), assume={"status": "CONFIRMED"})
    assert error.diagnostics[0].code == "EXPORT_INCOMPLETE"


def test_an_assumption_never_overrides_what_is_read(tmp_path: Path) -> None:
    """A disabled user stays disabled."""
    (tmp_path / "u.json").write_bytes(orjson.dumps([GOOD | {"Enabled": False}]))
    (found,) = users(tmp_path, path="u.json", assume={"status": "CONFIRMED", "enabled": True})
    assert found.values["enabled"] is False


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({}, "EXPORT_EMPTY", "pages"),
        ({"1.json": TEXT, "2.json.part": "{"}, "EXPORT_FORM", "pages/2.json.part"),
        ({"1.json": TEXT, "2.json": TEXT[:-9]}, "EXPORT_DAMAGED", "pages/2.json"),
        ({"9.json": TEXT, "10.json": TEXT[:-1] + ',"PaginationToken":"t"}'}, "EXPORT_CUT", "pages/10.json"),
    ],
)
def test_a_faulty_folder_is_refused_with_the_page(tmp_path: Path, files: dict[str, str], code: str, named: str) -> None:
    """A page that is missing, half-written or not the last one makes the export unusable."""
    (tmp_path / "pages").mkdir()
    for name, content in files.items():
        (tmp_path / "pages" / name).write_text(content)
    with pytest.raises(InputError, match=f"{named}(:1)?: error {code}"):
        users(tmp_path, path="pages")


def test_a_missing_export_is_told(tmp_path: Path) -> None:
    """No such file is exit 65."""
    with pytest.raises(InputError, match=r"users.json: error FILE_NOT_FOUND"):
        users(tmp_path, path="users.json")
