"""Runs commands in processes forked from a warm parent, one at a time a nursery."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

ROOT: Final = Path(__file__).resolve().parent.parent
_ENVIRON: Final = {
    "AWS_ACCESS_KEY_ID": "AKIAINVENTED",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_LEFT_OUT: Final = ("POOLSHIFT_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION")


@dataclass(frozen=True, slots=True)
class Ran:
    """code: negative where a signal ended it. cpu: seconds of the process. began, ended: of the monotonic clock."""

    code: int
    out: str
    err: str
    cpu: float
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def document(self) -> dict[str, Any]:
        """What ``--format json`` printed."""
        document: dict[str, Any] = json.loads(self.out)
        return document


class Nursery:
    """A context manager around one warm parent."""

    def __enter__(self) -> Self:
        environ = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "faults.nursery"],
            cwd=ROOT,
            env=environ | _ENVIRON | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(60)
        self._parent.stdout.close()

    def run(
        self, folder: Path, *words: str, started: Callable[[int], None] | None = None, name: str = "", **order: Any
    ) -> Ran:
        """A command to its end. started: is told the process's id. name: of its output where several run there.

        order: environ, arm, lease, count, delay (see nursery).
        """
        out, err = folder / f".out{name}", folder / f".err{name}"
        own = {"folder": str(folder), "words": words, "out": str(out), "err": str(err), **order}
        assert self._parent.stdin is not None
        began = time.monotonic()
        self._parent.stdin.write(json.dumps(own) + "\n")
        self._parent.stdin.flush()
        pid = self._answer()["pid"]
        if started is not None:
            started(pid)
        answer = self._answer()
        return Ran(answer["code"], out.read_text(), err.read_text(), answer["cpu"], began, time.monotonic())

    def _answer(self) -> dict[str, Any]:
        assert self._parent.stdout is not None
        line = self._parent.stdout.readline()
        if not line:
            raise RuntimeError("the warm parent died")
        answer: dict[str, Any] = json.loads(line)
        return answer
