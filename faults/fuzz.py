"""Hostile specs and expressions: refused or loaded, in bounded time and memory, with nothing opened or started."""

import json
import subprocess
import sys
from typing import Any, Final

from faults.options import Options
from faults.runs import ROOT
from faults.section import Section

EXECUTIONS: Final = {"spec": 20_000, "expression": 100_000}
_TOLD: Final = 10


def measure(options: Options) -> Section:
    """So many texts a target, guided by what they reach."""
    rows, troubles = [], []
    for target, full in EXECUTIONS.items():
        count = options.of(full)
        found = run(target, count, options.seed)
        own = found["troubles"]
        rows.append(
            [target, f"{count:,}", str(len(own)), str(found["corpus"]), f"{found['pairs']:,}", str(found["megabytes"])]
        )
        troubles += [f"{target}: {one['trouble']}\n{one['text']!r}" for one in own[:_TOLD]]
    head = ("target", "executions", "troubles", "texts that found something new", "pairs of lines", "peak MB")
    note = (
        "A trouble is an error that is no refusal, more than ten seconds or 1.5 GB, a file or connection that was "
        "opened, a process that was started. Specs may read the files they name."
    )
    return Section(head, rows, [note], troubles)


def run(target: str, executions: int, seed: int) -> dict[str, Any]:
    """What the fuzzer told. Raises RuntimeError where its process died."""
    command = [sys.executable, "-m", "faults.hostile", target, str(executions), str(seed)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"the fuzzer of {target} ended with {ran.returncode}: {ran.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(ran.stdout)
    return found
