"""A bug of ours is told without a single value; diagnostics cannot carry one either."""

import io

import pytest

from poolshift import errors
from poolshift.cli import main
from poolshift.cli.failure import report
from poolshift.diagnostics import Diagnostic, Place
from tests.cli.fake_engine import FakeEngine

CANARY = "mary.canary@example.com"


def test_a_bug_is_located_and_holds_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1, the type, the modules and lines, how to report; neither the message nor a local."""
    engine = FakeEngine(fails={"plan": KeyError(CANARY)})
    assert main(["plan", "migration.yaml"], engine) == 1
    err = capsys.readouterr().err
    assert "a bug of ours (KeyError)" in err
    assert "tests.cli.fake_engine:" in err
    assert "Please report" in err
    assert "canary" not in err
    assert "Traceback" not in err


def test_a_bug_beside_an_error_is_first() -> None:
    """1 is the most urgent of all codes."""
    stream = io.StringIO()
    group = ExceptionGroup("", [errors.Locked.of("K", "locked"), ValueError(CANARY)])
    assert report(group, stream) == 1
    assert "error K: locked" in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_diagnostics_are_redacted() -> None:
    """A library's message that slipped into a diagnostic shows no address and no phone number."""
    stream = io.StringIO()
    error = errors.InputError.of("X", f"refused {CANARY}", "Call +32 468 15 83 49.", Place("migration.yaml", 3, 1))
    assert report(error, stream) == 65
    assert stream.getvalue() == "migration.yaml:3:1: error X: refused ***@***\n    Call +***.\n"


def test_diagnostics_cannot_repaint_the_terminal() -> None:
    """Control characters of a file's name or a vendor's message are spelled out, lines stay lines."""
    stream = io.StringIO()
    report(errors.InputError([Diagnostic("X", "a\x1b[2Jb\nc", Place("f\x1b[m"))]), stream)
    assert stream.getvalue() == "f\\u001b[m: error X: a\\u001b[2Jb\n    c\n"


def test_a_translated_error_is_told_once() -> None:
    """What an error was made from, on purpose, is not told beside it."""
    stream = io.StringIO()
    with pytest.raises(errors.AccessDenied) as outer:
        _translate()
    assert report(outer.value, stream) == 9
    assert "INNER" not in stream.getvalue()


def _translate() -> None:
    try:
        raise errors.ProviderDown.of("INNER", "inner")
    except errors.ProviderDown as inner:
        raise errors.AccessDenied.of("OUTER", "outer") from inner
