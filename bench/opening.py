"""Opens a plan file as a command does; in a process of its own."""

import time
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Final

from poolshift.planning.plan_file import open_plan_file

_TIMES: Final = 21


def seconds(path: str) -> float:
    """Median wall time of opening the file, reading its summary and closing it."""
    return median(_once(Path(path)) for _ in range(_TIMES))


def _once(path: Path) -> float:
    began = time.perf_counter()
    with closing(open_plan_file(path)) as plan:
        if not plan.document["summary"]:
            raise ValueError("an empty summary")
    return time.perf_counter() - began
