"""`--help` is cheap: nothing heavy is imported before it is needed."""

import json
import os
import statistics
import subprocess
import sys
import time

import pytest

HEAVY = {
    "dataclasses",
    "inspect",
    "pydantic",
    "yaml",
    "rich",
    "jinja2",
    "cryptography",
    "orjson",
    "phonenumbers",
    "sqlite3",
}
PROBE = """
import io, json, sys
from contextlib import redirect_stdout
from poolshift.cli import main
with redirect_stdout(io.StringIO()):
    code = main(sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted(sys.modules)}))
"""


def _imported(*words: str) -> set[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROBE, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    answer = json.loads(done.stdout)
    assert answer["code"] == 0
    return set(answer["modules"])


@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"], ["apply", "--help"], ["state", "list", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """No library and no layer below the command line is loaded for a help text."""
    modules = _imported(*words)
    assert not HEAVY & modules
    assert not {
        name for name in modules if name.startswith(("poolshift.planning", "poolshift.render", "poolshift.spec"))
    }


def test_the_overview_does_without_argparse() -> None:
    """`poolshift --help` builds no parser at all."""
    assert "argparse" not in _imported("--help")


def test_a_command_imports_no_other_command() -> None:
    """Only what was asked for is loaded."""
    modules = _imported("plan", "--help")
    assert "poolshift.cli.plan" in modules
    assert "poolshift.cli.verify" not in modules


@pytest.mark.slow
@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"]])
def test_help_costs_at_most_five_bare_starts(words: list[str]) -> None:
    """The median of interleaved rounds, so that a busy machine slows both down."""

    def seconds(program: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True, env=environment, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = f"from poolshift.cli import main; main({words!r})"
    seconds(program)
    rounds = [seconds(program) / seconds("pass") for _ in range(11)]
    assert statistics.median(rounds) <= 5
