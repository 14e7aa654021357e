"""Runs one side of a comparison in a process of its own, and tells what it cost."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON: Final = sys.executable
POOLSHIFT: Final = str(Path(sys.executable).with_name("poolshift"))
_TAIL: Final = 2000


class Failed(Exception):
    """A side that ended otherwise than it should: it would count as fast."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU and wall in seconds of the process and of those it waited for; peak: its largest resident set in KB.

    harness: our own peak, which a child's peak starts with.
    """

    cpu: float
    wall: float
    peak: int
    harness: int
    out: str

    @property
    def megabytes(self) -> float:
        """Raises Failed where a large harness would be measured instead of the child."""
        if self.harness >= self.peak:
            raise Failed(f"the harness itself takes {self.harness // 1024} MB: it hides the peak of what it measures")
        return self.peak / 1024

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def cost_of(
    command: Sequence[str],
    cwd: Path,
    *,
    codes: Sequence[int] = (0,),
    environ: Mapping[str, str] | None = None,
    stdin: str = "",
) -> Cost:
    """Run to the end. Raises Failed for an exit code that is not among ``codes``."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as fed:
        fed.write(stdin.encode())
        fed.seek(0)
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, env=_environ(environ), stdin=fed, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            raise Failed(f"{' '.join(command[:4])} ended with {process.returncode}: {_text(err)[-_TAIL:]}")
        harness = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss, harness, _text(out))


def call(function: str, *arguments: object, cwd: Path) -> Any:
    """``module:name`` called in a fresh interpreter with words; what it returns, through JSON."""
    return cost_of(command_of(function, *arguments), cwd).document


def command_of(function: str, *arguments: object) -> list[str]:
    """The command that calls ``module:name`` and prints what it returns as JSON."""
    module, _, name = function.partition(":")
    code = f"import sys, json, {module} as own; print(json.dumps(own.{name}(*sys.argv[1:])))"
    return [PYTHON, "-c", code, *map(str, arguments)]


def _environ(more: Mapping[str, str] | None) -> dict[str, str]:
    """Ours, with the repository importable and nothing that keeps .pyc files from being used."""
    left_out = {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "POOLSHIFT_KEY"}
    own = {name: value for name, value in os.environ.items() if name not in left_out}
    return own | {"PYTHONPATH": str(ROOT)} | dict(more or {})


def _text(file: Any) -> str:
    file.seek(0)
    text: str = file.read().decode()
    return text
