"""Where the laws put specs and states: what is synced to disk hundreds of times is better off in memory."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_MEMORY: Final = "/dev/shm"


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A new empty folder, in memory where there is such a place; removed afterwards."""
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="poolshift-laws-", dir=memory) as folder:
        yield Path(folder)
