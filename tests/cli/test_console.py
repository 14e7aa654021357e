"""Results go to stdout, everything else to stderr; a reader that leaves is no failure."""

import os
import subprocess
import sys
from io import StringIO

import pytest

from poolshift.cli.console import Console
from poolshift.errors import UsageError


class Tty(StringIO):
    def isatty(self) -> bool:
        return True


class Full(StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_progress_is_drawn_on_a_terminal_and_cleared() -> None:
    """The line of progress is overwritten before a result is written."""
    out, err = StringIO(), Tty()
    with Console(out, err) as console:
        console.progress("people", 41203)
        assert err.getvalue() == "\rpeople 41,203"
        console.write("result\n")
        assert err.getvalue().endswith("\r             \r")
    assert out.getvalue() == "result\n"


def test_progress_is_silent_elsewhere() -> None:
    """A log gets no progress."""
    err = StringIO()
    with Console(StringIO(), err) as console:
        console.progress("people", 1)
    assert err.getvalue() == ""


def test_progress_is_drawn_ten_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is called."""
    clock = iter([100.0, 100.01, 100.02, 100.2])
    monkeypatch.setattr("poolshift.cli.console.time.monotonic", lambda: next(clock))
    err = Tty()
    with Console(StringIO(), err) as console:
        for count in range(4):
            console.progress("people", count)
        assert err.getvalue() == "\rpeople 0\rpeople 3"


def test_a_full_disk_is_told() -> None:
    """A result that cannot be written is an error with a reason, not a bug."""
    with Console(Full(), StringIO()) as console, pytest.raises(UsageError, match="No space left"):
        console.write("result")


def test_a_line_cannot_forge_another() -> None:
    """A line break in an address is spelled out."""
    out = StringIO()
    with Console(out, StringIO()) as console:
        console.line("a\nb")
    assert out.getvalue() == "a\\u000ab\n"


def test_a_reader_that_left_changes_no_code() -> None:
    """`poolshift … | head -1` ends with the command's own code and says nothing."""
    program = (
        "import sys; from poolshift.cli import main; from tests.cli.fake_engine import FakeEngine;"
        "pairs = [(f's-{n}', 'd' * 100) for n in range(20_000)];"
        "sys.exit(main(['export-ids', 'migration.yaml'], FakeEngine(pairs=pairs)) + 40)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b'"source_id","destination_id"\n'
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 40
