"""The one server of this run of pytest, started by whoever asks first, in whichever worker."""

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import pytest

from tests.servers.foreign import ROOT, installed

_SECONDS: Final = 200.0


def shared_server() -> str:
    """Its address. A keeper of its own stops it once pytest has ended: see `keeper`."""
    home = installed("keycloak") / "server"
    folder = _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "used").touch()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "started").exists():
            _start(home, folder)
            (folder / "started").touch()
    end = time.monotonic() + _SECONDS
    while not (folder / "url").exists():
        if (folder / "failed").exists():
            pytest.fail((folder / "failed").read_text("utf-8"))
        if time.monotonic() > end:
            pytest.fail(f"no Keycloak after {_SECONDS:g} s")
        time.sleep(0.1)
    return (folder / "url").read_text("utf-8")


def _start(home: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "tests.servers.keycloak.keeper", str(home), str(folder), str(_controller())]
    with (folder / "keeper.log").open("wb") as log:
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)


def _folder() -> Path:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"pid{os.getpid()}"
    return Path(tempfile.gettempdir(), f"poolshift-keycloak-{os.getuid()}-{run}")


def _controller() -> int:
    """The process that lives as long as the run: of a worker, the one that started it."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
