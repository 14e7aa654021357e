"""Who holds the lock of a state: a note beside it for the message of those who have to wait.

The lock itself is the operating system's on the state file; a note left by a killed command means nothing.
"""

import os
import socket
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import Locked
from poolshift.state.private_file import replace


class Holder:
    """The note of this process. Written once the lock is held, removed before it is let go."""

    def __init__(self, state: Path) -> None:
        self._path = _note(state)
        self._since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        # The name of the command only: what follows it may name files, people or variables.
        self._command = Path(sys.argv[0]).name if sys.argv else ""

    def write(self, command: str = "") -> None:
        """Raises OSError."""
        self._command = command or self._command
        note = {"pid": os.getpid(), "host": socket.gethostname(), "command": self._command, "since": self._since}
        replace(self._path, orjson.dumps(note))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def _note(state: Path) -> Path:
    return state.with_name(f"{state.name}.holder")


def read(state: Path) -> Mapping[str, object]:
    """pid, host, command, since of the holder; empty without a readable note, or when its process is gone."""
    try:
        note = orjson.loads(_note(state).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return note if isinstance(note, dict) and not _is_gone(note) else {}


def _is_gone(note: Mapping[str, object]) -> bool:
    """Whether the process is known to have ended; of another host's nothing is known."""
    pid = note.get("pid")
    if note.get("host") != socket.gethostname() or not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def locked(state: Path) -> Locked:
    """The error of a command that found the state held by another."""
    note = read(state)
    if note:
        who = f"{note.get('command') or 'a command'} (process {note.get('pid')} on {note.get('host')})"
        summary = f"held by {who} since {note.get('since')}"
    else:
        summary = "another command is reading this state"
    remedy = "Wait until it has ended and run again."
    return Locked([Diagnostic("STATE_LOCKED", summary, Place(str(state)), remedy)])
