"""The clock of leases: seconds since the machine began, those it slept or the process was stopped included."""

import time
from typing import Final

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def seconds() -> float:
    """Never set back, whatever is done to the time of day; comparable between processes of one boot."""
    return time.clock_gettime(_CLOCK)
