"""Prism between a client and a fake."""

import re
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.servers.foreign import installed
from tests.servers.ports import free_port

_SECONDS: Final = 60.0
_LISTENING: Final = re.compile(rb"is listening on")


class Prism:
    """``prism proxy --errors``: a request or an answer that breaks the description becomes an error.

    description: the OpenAPI file. upstream: address of the fake.
    """

    def __init__(self, description: Path, upstream: str) -> None:
        self.port = free_port()
        self._command = [
            "node",
            str(installed("prism") / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"),
            "proxy",
            *("--host", "127.0.0.1"),
            *("--port", str(self.port)),
            "--errors",
            str(description),
            upstream,
        ]
        # Appended to: the process shares our place in the file, and reading it would make it write over what it said.
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - lives as long as the process
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def violations(self) -> list[str]:
        """The lines of the log about requests and answers that the description does not allow."""
        return [line for line in self.log.splitlines() if "terminated with error" in line or "iolation" in line]

    @property
    def log(self) -> str:
        """What it has said so far: each violation with its place in the description."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=self._log, stderr=subprocess.STDOUT)
        end = time.monotonic() + _SECONDS
        while not _LISTENING.search(self.log.encode()):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"prism did not start: {self.log[-2000:]}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._log.close()
