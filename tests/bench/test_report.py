"""docs/benchmarks.md: a section a measure."""

from pathlib import Path

from bench.__main__ import MEASURES
from bench.figure import Figure
from bench.options import Options
from bench.report import _WHAT, Measured, write


def test_every_measure_says_what_it_measures() -> None:
    """A measure that is not described would be left out of the report."""
    assert _WHAT.keys() == MEASURES.keys()


def test_what_was_not_measured_stays(tmp_path: Path) -> None:
    """A run of one measure replaces its own section; a failed one says why."""
    path = tmp_path / "benchmarks.md"
    options = Options(2000, 1, tmp_path)
    slow = Figure("plan", "CPU against the floor", (9.0,), 3.5)
    write({"plan": Measured([slow]), "state": Measured(failed="no room")}, options, path)
    first = path.read_text("utf-8")
    assert "| CPU against the floor | 9" in first
    assert "**missed**" in first
    assert "Not measured: no room." in first
    write({"state": Measured([Figure("state", "bytes a person", (231.0,), 250.0)])}, options, path)
    second = path.read_text("utf-8")
    assert second.partition("## state")[0] == first.partition("## state")[0]
    assert "| bytes a person | 231" in second
    assert "no room" not in second
    assert second.index("## plan") < second.index("## state")
