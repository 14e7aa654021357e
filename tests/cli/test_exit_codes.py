"""Exit codes are a contract with scripts."""

import itertools
from typing import Any

import pytest

from poolshift import errors
from poolshift.cli import main
from poolshift.cli.exit_codes import PRECEDENCE, first
from tests.cli.fake_engine import FakeEngine
from tests.render.golden import document_of

CLASSES = [
    errors.InputError,
    errors.PlanUnusable,
    errors.LimitExceeded,
    errors.Locked,
    errors.AccessDenied,
    errors.ProviderDown,
    errors.StateUnusable,
    errors.NeedsPerson,
    errors.Interrupted,
]
SPEC = "migration.yaml"


def _plan(exit_code: int) -> Any:
    document = document_of("plan-first")
    document["verdict"]["exit_code"] = exit_code
    return document


def _verdict(name: str, exit_code: int) -> Any:
    document = document_of(name)
    document["verdict"]["exit_code"] = exit_code
    return document


def _report(exit_code: int) -> Any:
    return {**document_of("report-part"), "exit_code": exit_code}


OUTCOMES = [
    (["plan", SPEC], "plan", _plan(0), 0),
    (["plan", SPEC], "plan", _plan(2), 0),
    (["plan", SPEC], "plan", _plan(4), 0),
    (["plan", SPEC], "plan", _plan(6), 6),
    (["plan", SPEC, "--detailed-exitcode"], "plan", _plan(0), 0),
    (["plan", SPEC, "--detailed-exitcode"], "plan", _plan(2), 2),
    (["plan", SPEC, "--detailed-exitcode"], "plan", _plan(4), 4),
    (["show", "m.plan"], "plan_file", _plan(4), 0),
    (["explain", SPEC, "s-1"], "explain", {**document_of("explain-update"), "exit_code": 4}, 4),
    (["drift", SPEC], "drift", _verdict("drift-some", 2), 0),
    (["drift", SPEC, "--detailed-exitcode"], "drift", _verdict("drift-some", 2), 2),
    (["drift", SPEC, "--detailed-exitcode"], "drift", _verdict("drift-none", 0), 0),
    (["verify", SPEC], "verify", _verdict("verify-clean", 0), 0),
    (["verify", SPEC], "verify", _verdict("verify-differs", 2), 2),
    (["verify", SPEC], "verify", _verdict("verify-differs", 4), 4),
    (["apply", "m.plan"], "apply_file", _report(0), 0),
    (["apply", "m.plan"], "apply_file", _report(4), 4),
    (["apply", "m.plan"], "apply_file", _report(5), 5),
    (["apply", "m.plan"], "apply_file", _report(13), 13),
    (["apply", SPEC, "--approve", "t"], "apply_approved", _report(5), 5),
    (["recover", SPEC], "recover", document_of("recovery-settled"), 0),
    (["recover", SPEC], "recover", document_of("recovery-person"), 12),
    (["report", SPEC], "report", _report(5), 0),
    (["status", SPEC], "status", document_of("status-open"), 0),
]


@pytest.mark.parametrize(("words", "method", "document", "code"), OUTCOMES)
def test_a_document_decides_the_code(words: list[str], method: str, document: Any, code: int) -> None:
    """2 and 4 are told by plan and drift only when asked for; the other commands tell theirs always."""
    engine = FakeEngine(documents={method: document})
    assert main(words, engine) == code
    assert method in engine.names_asked()
    assert engine.open_sessions == 0


@pytest.mark.parametrize("error", CLASSES)
@pytest.mark.parametrize(
    ("words", "method"),
    [
        (["plan", SPEC], "plan"),
        (["apply", "m.plan"], "apply_file"),
        (["verify", SPEC], "session"),
        (["status", SPEC], "load"),
        (["show", "m.plan"], "plan_file"),
    ],
)
def test_an_error_class_owns_its_code(
    error: type[errors.PoolshiftError], words: list[str], method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the command, code and diagnostic are the error's."""
    engine = FakeEngine(fails={method: error.of("SOME_CODE", "what happened", "What to do.")})
    assert main(words, engine) == error.exit_code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "error SOME_CODE: what happened\n    What to do.\n"
    assert engine.open_sessions == 0


def test_all_diagnostics_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything wrong is reported at once, each with its place."""
    from poolshift.diagnostics import Diagnostic, Place

    wrong = [Diagnostic(f"SPEC_{number}", "wrong", Place(SPEC, number, 1)) for number in (1, 2, 3)]
    assert main(["validate", SPEC], FakeEngine(fails={"load": errors.InputError(wrong)})) == 65
    assert capsys.readouterr().err.splitlines() == [
        f"migration.yaml:{number}:1: error SPEC_{number}: wrong" for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(PRECEDENCE, 2)))
def test_the_more_urgent_code_wins(one: int, other: int) -> None:
    """Law: of two codes the earlier in the settled order is returned, in whatever order they come."""
    assert first([one, other]) == first([other, one]) == one


def test_the_order_is_the_settled_one() -> None:
    """The order is part of the contract."""
    assert PRECEDENCE == (1, 13, 8, 11, 9, 10, 65, 12, 7, 6, 5, 4, 2)
    assert first([]) == first([0]) == 0


def test_several_errors_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A group of errors tells all of them and ends with the most urgent code."""
    group = ExceptionGroup("several", [errors.LimitExceeded.of("L", "limit"), errors.Locked.of("K", "locked")])
    assert main(["plan", SPEC], FakeEngine(fails={"plan": group})) == 8
    err = capsys.readouterr().err
    assert "error L: limit" in err
    assert "error K: locked" in err


def test_an_error_while_closing_hides_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """When closing fails as well, both errors are told and the more urgent code is returned."""
    fails = {"plan": errors.ProviderDown.of("DOWN", "no answer"), "close": errors.StateUnusable.of("DISK", "disk full")}
    assert main(["plan", SPEC], FakeEngine(fails=fails)) == 11
    err = capsys.readouterr().err
    assert "error DOWN: no answer" in err
    assert "error DISK: disk full" in err


def test_an_interrupt_is_thirteen(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is no bug."""
    assert main(["plan", SPEC], FakeEngine(fails={"plan": KeyboardInterrupt()})) == 13
    assert "BUG" not in capsys.readouterr().err
