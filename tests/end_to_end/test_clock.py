"""The time of day is wrong: a plan past its time is refused, and so is one that nobody can have made yet."""

import sys
from pathlib import Path
from typing import Final

import pytest

from tests.end_to_end.expectation import expected
from tests.end_to_end.migration import SPEC_FILE, Migration, Ran, accepts
from tests.population.people import people

HOUR: Final = 3600
_SHIFTED: Final = """\
import sys, time
own, shift = time.time, float(sys.argv[1])
time.time = lambda: own() + shift
sys.argv = ["poolshift", *sys.argv[2:]]
from poolshift.cli import main
sys.exit(main())
"""


def _run_at(migration: Migration, shift: float, *words: str) -> Ran:
    """The command with its time of day so many seconds later."""
    return migration.run(*words, command=(Path(sys.executable), "-c", _SHIFTED, str(shift)))


@pytest.mark.parametrize(
    ("shift", "file_code", "token_code"),
    [(7 * HOUR, "PLAN_EXPIRED", "APPROVAL_EXPIRED"), (-7 * HOUR, "PLAN_CLOCK", "APPROVAL_CLOCK")],
)
def test_a_plan_of_another_time_is_refused(fresh: Migration, shift: float, file_code: str, token_code: str) -> None:
    """7 with the reason, by file and by token; nobody was written, and at the right time the same plan goes."""
    document = fresh.run("show", "first.plan", "--format", "json").document
    accept, token = accepts(document), document["approval"]["token"]
    for words, code in (
        (("apply", "first.plan", *accept), file_code),
        (("apply", SPEC_FILE, "--approve", token), token_code),
    ):
        ran = _run_at(fresh, shift, *words)
        assert (ran.code, ran.codes()) == (7, {code}), ran.err
    assert fresh.directory() == {}
    assert _run_at(fresh, 0, "apply", "first.plan", *accept).code == 4
    assert fresh.directory() == expected(people(300))[0]


def test_clocks_may_differ_by_minutes(fresh: Migration) -> None:
    """Planned on one machine, applied on another that is three minutes behind."""
    accept = accepts(fresh.run("show", "first.plan", "--format", "json").document)
    assert _run_at(fresh, -180, "apply", "first.plan", *accept).code == 4
    assert fresh.directory() == expected(people(300))[0]


def test_a_clock_set_back_lets_nobody_in_and_nobody_wait(settled: Migration) -> None:
    """A day back: the next plan is as quiet, the lease is taken and given back as ever."""
    for verb in ("plan", "verify", "status"):
        ran = _run_at(settled, -24 * HOUR, verb, SPEC_FILE)
        assert ran.code == settled.run(verb, SPEC_FILE).code, ran.err
    assert _run_at(settled, -24 * HOUR, "lock", "status", SPEC_FILE).out.count("status: free") == 1
