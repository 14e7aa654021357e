"""One migration of 300 people, planned once and applied once a session; each test works on a copy."""

from collections import Counter
from pathlib import Path

import pytest

from tests.end_to_end.migration import Migration
from tests.population.people import people


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """Planned into ``first.plan``, nothing applied. Never changed: copy it."""
    migration = Migration.create(tmp_path_factory.mktemp("planned") / "m", people(300))
    migration.plan_to("first.plan")
    return migration


@pytest.fixture(scope="session")
def applied(planned: Migration, tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """Everything applied that can be. Never changed: copy it."""
    migration = planned.copy(tmp_path_factory.mktemp("applied") / "m")
    migration.migrate()
    return migration


@pytest.fixture
def fresh(planned: Migration, tmp_path: Path) -> Migration:
    return planned.copy(tmp_path / "m")


@pytest.fixture
def settled(applied: Migration, tmp_path: Path) -> Migration:
    return applied.copy(tmp_path / "m")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The histogram of deaths: where an apply was stopped, and the exit codes that followed."""
    reports = [report for found in ("passed", "failed") for report in terminalreporter.stats.get(found, [])]
    deaths = Counter(value for report in reports for name, value in report.user_properties if name == "death")
    for line, count in sorted(deaths.items()):
        terminalreporter.write_line(f"{count:3} x {line}")
