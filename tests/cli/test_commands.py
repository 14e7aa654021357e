"""Each command asks the engine for the right thing, and prints what it answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from poolshift.cli import main
from poolshift.cli.apply import spec_of
from poolshift.cli.engine import Engine
from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import InputError
from tests.cli.fake_engine import FakeEngine
from tests.render.golden import document_of, markdown_of, text_of

SPEC = Path("migration.yaml")
LATER = Diagnostic("SPEC_NOT_YET", "phases come later", Place("migration.yaml", 9, 1), "Leave it out.", "warning")


def test_plan_hands_over_everything() -> None:
    """Variables, files, accepted limits and the output file reach the engine; variables' values not the command."""
    engine = FakeEngine()
    words = ["plan", str(SPEC), "--out", "new.plan", "--var", "env=prod=1", "--vars", "a.yaml", "--accept", "adopt=3"]
    assert main([*words, "--accept", "delete=0"], engine) == 0
    assert engine.asked == [
        ("load", SPEC, {"env": "prod=1"}, [Path("a.yaml")]),
        ("session", False),
        ("plan", Path("new.plan"), {"adopt": 3, "delete": 0}, "plan migration.yaml"),
    ]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["explain", "migration.yaml", "s-1"], "explain-update"),
        (["verify", "migration.yaml"], "verify-clean"),
        (["drift", "migration.yaml"], "drift-none"),
        (["status", "migration.yaml"], "status-open"),
        (["recover", "migration.yaml"], "recovery-settled"),
        (["report", "migration.yaml", "--run", "r2"], "report-part"),
        (["apply", "m.plan"], "report-done"),
        (["show", "m.plan"], "plan-first"),
    ],
)
def test_a_document_is_shown_in_every_format(words: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """text, markdown and json print the very document."""
    here = Path("migration.yaml").read_text("utf-8")
    for form, expected in (("text", text_of(name)), ("markdown", markdown_of(name))):
        assert main([*words, "--format", form], FakeEngine()) in {0, 2}
        assert capsys.readouterr() == (expected, "")
    assert main([*words, "--format", "json"], FakeEngine()) == 0
    assert json.loads(capsys.readouterr().out) == document_of(name)
    assert Path("migration.yaml").read_text("utf-8") == here


def test_show_names_the_spec_as_seen_from_here(capsys: pytest.CaptureFixture[str]) -> None:
    """A plan holds the spec's path from its own folder; the proposed command works where `show` was typed."""
    main(["show", "plans/m.plan"], FakeEngine())
    assert "poolshift apply plans/migration.yaml --approve" in capsys.readouterr().out


def test_plan_names_the_file_it_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """The next command is the file when there is one, else the token."""
    engine = FakeEngine(documents={"plan": document_of("plan-first")})
    main(["plan", "migration.yaml", "--out", "x.plan"], engine)
    assert "poolshift apply x.plan --accept adopt=312" in capsys.readouterr().out
    main(["plan", "migration.yaml"], engine)
    assert "poolshift apply x.plan" not in capsys.readouterr().out


def test_warnings_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """A result can be piped: warnings are beside it."""
    warning = Diagnostic("SPEC_VAR_UNUSED", "unused", severity="warning")
    assert main(["plan", "migration.yaml", "--format", "json"], FakeEngine(warnings=(warning,))) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["format_version"] == "1.0"
    assert err == "warning SPEC_VAR_UNUSED: unused\n"


def test_show_lists_a_class() -> None:
    """`--class` asks for the changes of one class."""
    engine = FakeEngine()
    assert main(["show", "m.plan", "--class", "00000005"], engine) == 0
    assert engine.asked[-1] == ("plan_class", Path("m.plan"), "00000005")


@pytest.mark.parametrize(
    ("words", "code"), [(["show", "no.plan"], 64), (["apply", "no.plan"], 64), (["show", "m.plan"], 7)]
)
def test_a_plan_file_must_be_one(words: list[str], code: int) -> None:
    """Missing is 64, damaged is 7; nothing else was opened."""
    assert main(words) == code
    assert not Path(".poolshift").exists()


def test_show_needs_no_spec() -> None:
    """A plan is shown where the spec and the state are not."""
    engine = FakeEngine()
    main(["show", "m.plan"], engine)
    assert engine.names_asked() == ["plan_file"]


def test_apply_reads_the_spec_the_plan_names() -> None:
    """The plan file says which spec; the session may write."""
    engine = FakeEngine()
    assert main(["apply", "m.plan", "--accept", "adopt=312"], engine) == 0
    folder = Path.cwd()
    assert engine.asked == [
        ("plan_file", Path("m.plan")),
        ("load", folder / "migration.yaml", {}, []),
        ("session", True),
        ("apply_file", Path("m.plan"), {"adopt": 312}),
    ]


def test_apply_with_an_approval_plans_from_the_spec() -> None:
    """No plan file is opened."""
    engine = FakeEngine()
    assert main(["apply", "migration.yaml", "--approve", "ps1.x"], engine) == 0
    assert engine.names_asked() == ["load", "session", "apply_approved"]
    assert engine.asked[-1] == ("apply_approved", "ps1.x", {})


def test_the_spec_is_looked_for_beside_the_plan_first(tmp_path: Path) -> None:
    """Beside the plan file, else in the working directory, else exit 65 with both places."""
    plans = tmp_path / "plans"
    plans.mkdir()
    assert spec_of(plans / "m.plan", "migration.yaml") == Path("migration.yaml")
    (plans / "migration.yaml").write_text("", "utf-8")
    assert spec_of(plans / "m.plan", "migration.yaml") == plans / "migration.yaml"
    with pytest.raises(InputError, match="other") as raised:
        spec_of(plans / "m.plan", "other.yaml")
    assert str(plans / "other.yaml") in str(raised.value)


def test_validate_tells_what_comes_later(capsys: pytest.CaptureFixture[str]) -> None:
    """Keys whose execution comes later are warnings here, and the spec is valid."""
    engine = FakeEngine(not_yet=(LATER,))
    assert main(["validate", "migration.yaml"], engine) == 0
    out, err = capsys.readouterr()
    assert out == "migration.yaml: valid, 1 to look at.\n"
    assert err == "migration.yaml:9:1: warning SPEC_NOT_YET: phases come later\n    Leave it out.\n"
    assert engine.names_asked() == ["load"]


@pytest.mark.parametrize("write", [False, True])
def test_a_session_refuses_what_comes_later(write: bool) -> None:
    """plan and apply end with 65 before a state or a provider is touched."""

    class Later(FakeEngine):
        session = Engine.session  # type: ignore[assignment]

    words = ["apply", "m.plan"] if write else ["plan", "migration.yaml"]
    engine = Later(not_yet=(LATER,))
    assert main(words, engine) == 65
    assert not Path(".poolshift").exists()


@pytest.mark.parametrize("fails", [True, False])
def test_validate_as_json(fails: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Diagnostics as data, the exit code the same as in text."""
    wrong = InputError.of("SPEC_TYPE", "wrong", "Do.", Place("migration.yaml", 2, 5))
    engine = FakeEngine(fails={"load": wrong} if fails else {}, not_yet=(LATER,))
    assert main(["validate", "migration.yaml", "--format", "json"], engine) == (65 if fails else 0)
    document = json.loads(capsys.readouterr().out)
    found: list[dict[str, Any]] = document["diagnostics"]
    expected = ("SPEC_TYPE", "error", 2, 5) if fails else ("SPEC_NOT_YET", "warning", 9, 1)
    assert [(one["code"], one["severity"], one["line"], one["column"]) for one in found] == [expected]
    assert document["exit_code"] == (65 if fails else 0)


def test_resolve_records_who_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict reaches the engine with a name and a reason, in a session that may write."""
    engine = FakeEngine()
    words = ["resolve", "migration.yaml", 'user["s-1"]', "--field", "email", "--keep", "source"]
    assert main([*words, "--who", "ann", "--why", "asked her"], engine) == 0
    assert engine.asked[1:] == [("session", True), ("resolve", 'user["s-1"]', "email", "source", "ann", "asked her")]
    assert "the source stands, decided by ann" in capsys.readouterr().out


def test_resolve_takes_the_user_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--who` the name is the login's; without any name the command asks for one."""
    words = ["resolve", "migration.yaml", 'user["s-1"]', "--keep", "destination"]
    engine = FakeEngine()
    monkeypatch.setattr("getpass.getuser", lambda: "bob")
    assert main(words, engine) == 0
    assert engine.asked[-1] == ("resolve", 'user["s-1"]', "", "destination", "bob", "")

    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert main(words, engine) == 64


def test_state_is_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A row a line; JSON a row a line, too."""
    rows = [{"address": 'user["s-1"]', "destination_id": "u-1"}, {"address": 'user["s\n2"]', "destination_id": "u-2"}]
    engine = FakeEngine(rows=rows)
    assert main(["state", "list", "migration.yaml", "user"], engine) == 0
    assert capsys.readouterr().out == 'user["s-1"]  u-1\nuser["s\\u000a2"]  u-2\n'
    assert engine.asked[-1] == ("list_state", "user")
    assert main(["state", "list", "migration.yaml", "--format", "json"], engine) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == rows
    assert main(["state", "show", "migration.yaml", 'user["s-1"]'], engine) == 0
    assert capsys.readouterr().out == 'address: user["s-1"]\nfields:\n  email: 0011\n'
