"""The short version of `make faults`: a sample of every group ends as a clean run does."""

from dataclasses import replace

import pytest
from faults import calls, fuzz, kill, race, suspended
from faults.ends import PAIRS
from faults.options import Options

pytestmark = pytest.mark.slow


QUICK = [pair for pair in PAIRS if "keycloak" not in pair]
"""A Keycloak of its own takes longer to start than all the rest: it has its turn in `make faults`."""


@pytest.mark.parametrize(("source", "destination"), QUICK)
def test_calls_that_go_wrong(options: Options, source: str, destination: str) -> None:
    """A sample of the faults at both ends, planned and applied: the same people, no message, then quiet."""
    section = calls.measure(replace(options, scale=0.02), [(source, destination)])
    assert section.troubles == []
    assert sum(int(row[1]) for row in section.rows) >= 2


def test_deaths(options: Options) -> None:
    """At every kind of point: the next apply ends where an undisturbed one does."""
    section = kill.measure(replace(options, scale=0.016))
    assert section.troubles == []
    assert sum(int(row[1]) for row in section.rows) >= 15


def test_races(options: Options) -> None:
    """One works, the other exits 8; of two that wait for an expired lease one works, and its holder wakes in vain."""
    section = race.measure(replace(options, scale=0.02))
    assert section.troubles == []
    assert [row[1] for row in section.rows] == ["4", "1", "4", "1"]


def test_suspended(options: Options) -> None:
    """In each backend, behind the question whether a call may start and while they leave: nothing after waking."""
    section = suspended.measure(replace(options, scale=0.2))
    assert section.troubles == []
    assert [row[1] for row in section.rows] == ["2", "2"]


def test_hostile_specs(options: Options) -> None:
    """Refused or loaded; new lines are reached on the way."""
    section = fuzz.measure(replace(options, scale=0.01))
    assert section.troubles == []
    assert all(int(row[3]) > 10 for row in section.rows)
