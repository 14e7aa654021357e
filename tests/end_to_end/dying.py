"""How a command is run that dies on its way."""

import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]


def dying(point: str, number: int) -> dict[str, Any]:
    """For `Migration.run`: the command with a death in it, see `faults.arming`."""
    command = (sys.executable, "-m", "faults.arming", point, str(number))
    return {"command": command, "environ": {"PYTHONPATH": str(ROOT)}}
