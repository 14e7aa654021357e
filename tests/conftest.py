"""What holds for every test."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

# A law is not a timed test: a busy machine must not fail one.
settings.register_profile("poolshift", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("poolshift")

MEMORY: Final = Path("/dev/shm")
ROOM: Final = 6 << 30
"""Bytes that have to be free there: the files of the largest tests, twice."""

_OURS: Final = "POOLSHIFT_TESTS_TMPDIR"


def pytest_configure(config: pytest.Config) -> None:
    """Files of tests lie in memory where there is room: on a disk half of the time is spent waiting for it."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        return
    folder = tempfile.mkdtemp(prefix="poolshift-tests-", dir=MEMORY)
    os.chmod(folder, 0o711)  # a server that runs as somebody else reaches its own folder in it
    os.environ.update({"TMPDIR": folder, _OURS: folder})
    tempfile.tempdir = None


def pytest_unconfigure(config: pytest.Config) -> None:
    """The folder goes with the process that made it; workers of the same run inherit it."""
    if hasattr(config, "workerinput") or (folder := os.environ.pop(_OURS, None)) is None:
        return
    del os.environ["TMPDIR"]
    tempfile.tempdir = None
    shutil.rmtree(folder, ignore_errors=True)
