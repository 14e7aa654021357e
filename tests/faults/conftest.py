"""The share of `make faults` that the tests run, drawn by a seed."""

from pathlib import Path

import pytest
from faults.options import Options

SEED = 7


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """One lane: the test machine has other things to do."""
    return Options(scale=1.0, seed=SEED, folder=tmp_path, lanes=1)
