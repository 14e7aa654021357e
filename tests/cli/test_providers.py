"""`providers show` and `providers test`."""

import json
from pathlib import Path

import pytest

from poolshift.cli import main

GOOD = "def test_law():\n    assert True\n"


def test_show_tells_all_the_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Settings, kinds with fields and keys, ways to write, quotas, and why something is not there."""
    assert main(["providers", "show", "directory", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    kinds = {one["kind"]: one for one in document["kinds"]}
    assert kinds["user"]["keys"] == ["id", "external_id", "email", "username"]
    email = next(one for one in kinds["user"]["fields"] if one["path"] == "email")
    assert (email["required"], email["max_length"], email["roles"]) == (True, 254, ["email", "login"])
    assert {one["name"] for one in document["routes"] if one["whole"]} == {"batch"}
    assert [one["name"] for one in document["quotas"]] == ["writes"]
    assert "signs nobody in" in next(one["why"] for one in document["absent"] if one["kind"] == "factor")
    assert [one["name"] for one in document["settings"] if one["required"]] == ["path"]


@pytest.mark.parametrize("name", ["cognito", "cognito_export", "directory"])
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_show_is_readable_for_every_provider(name: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A heading a kind, and a line a field."""
    assert main(["providers", "show", name, "--format", form]) == 0
    out = capsys.readouterr().out
    assert name.replace("_", "\\_" if form == "markdown" else "_") in out.splitlines()[0]
    assert "user: " in out


def test_an_unknown_provider_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With what there is."""
    assert main(["providers", "show", "directry"]) == 65
    assert "Did you mean directory?" in capsys.readouterr().err


def test_a_package_without_a_world_is_told_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is run."""
    assert main(["providers", "test", "directory"]) == 64
    assert "poolshift.worlds" in capsys.readouterr().err


def test_a_missing_pytest_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that brings it is named."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "pytest" else object())
    assert main(["providers", "test", "directory"]) == 64
    err = capsys.readouterr().err
    assert "pytest" in err
    assert "poolshift[testing]" in err


@pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (GOOD.replace("True", "False"), 1), ("", 1)])
def test_the_code_says_whether_the_laws_hold(text: str, code: int, tmp_path: Path) -> None:
    """0 if they do; 1 if one does not, and if none was tried."""
    laws = tmp_path / "test_own.py"
    laws.write_text(text, "utf-8")
    assert main(["providers", "test", "directory", "--path", str(laws)]) == code
