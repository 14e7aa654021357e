"""A wrong command line is exit 64, and nothing was read."""

import pytest

from poolshift.cli import main, options
from poolshift.cli.dispatch import COMMANDS
from poolshift.spec.model import Limits
from tests.cli.fake_engine import FakeEngine

WRONG = [
    [],
    ["plam"],
    ["--oops"],
    ["plan"],
    ["plan", "migration.yaml", "--oops"],
    ["plan", "migration.yaml", "--detailed-exit"],
    ["plan", "migration.yaml", "extra"],
    ["plan", "migration.yaml", "--format", "html"],
    ["plan", "migration.yaml", "--out", "no/such/folder/m.plan"],
    ["plan", "migration.yaml", "--accept", "disable"],
    ["plan", "migration.yaml", "--accept", "disable=-1"],
    ["plan", "migration.yaml", "--accept", "disable=1%"],
    ["plan", "migration.yaml", "--accept", "disable=²"],
    ["plan", "migration.yaml", "--accept", "oops=1"],
    ["plan", "migration.yaml", "--accept", "disable=1", "--accept", "disable=2"],
    ["plan", "migration.yaml", "--var", "novalue"],
    ["plan", "migration.yaml", "--var", "=x"],
    ["plan", "migration.yaml", "--var", "a=1", "--var", "a=2"],
    ["show"],
    ["apply", "migration.yaml"],
    ["apply", "m.plan", "--accept", "adopt=1", "--accept", "adopt=1"],
    ["explain", "migration.yaml"],
    ["resolve", "migration.yaml", 'user["s-1"]'],
    ["resolve", "migration.yaml", 'user["s-1"]', "--keep", "both"],
    ["state"],
    ["state", "migration.yaml"],
    ["state", "list", "migration.yaml", "people"],
    ["state", "show", "migration.yaml"],
    ["schema", "--kind", "oops"],
    ["providers"],
    ["export-ids", "migration.yaml", "--format", "text"],
    ["init", "--from", "oops"],
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_wrong_command_line_reads_nothing(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 64, a reason with a remedy on stderr, nothing on stdout, and the engine was not asked."""
    engine = FakeEngine()
    assert main(words, engine) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error ")
    assert len(err.splitlines()) == 2
    assert engine.asked == []


@pytest.mark.parametrize("words", [["plan", "migration.yaml", "--vra", "x=hunter2"], ["plan", "m", "--tokn=hunter2"]])
def test_a_mistyped_option_is_not_repeated_with_its_value(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What was meant as a secret does not reach a log of the terminal."""
    assert main(words, FakeEngine()) == 64
    assert "hunter2" not in capsys.readouterr().err


def test_near_misses_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Did you mean: for commands and for options."""
    main(["plam"], FakeEngine())
    main(["plan", "migration.yaml", "--acept", "x"], FakeEngine())
    err = capsys.readouterr().err
    assert "Did you mean plan?" in err
    assert "Did you mean --accept?" in err


def test_the_limits_are_those_of_the_spec() -> None:
    """`--accept` knows exactly the limits a spec has."""
    assert set(options.LIMITS) == set(Limits.model_fields) - {"percent_from"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`poolshift COMMAND --help` is exit 0 and begins with how to call it."""
    engine = FakeEngine()
    assert main([name, "--help"], engine) == 0
    assert capsys.readouterr().out.startswith(f"usage: poolshift {name}")
    assert engine.asked == []


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`poolshift --help` lists all commands, one a line."""
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(COMMANDS)
