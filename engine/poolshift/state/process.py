"""Who a process is, so that another on the same machine can prove that it has ended."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """host: its name. boot: of the machine's kernel; "" where the system does not tell. space: of process numbers.

    started: ticks since the boot, which tells a process from a later one with its number.
    """

    host: str
    boot: str
    space: str
    pid: int
    started: str

    @classmethod
    def current(cls) -> Self:
        pid = os.getpid()
        return cls(socket.gethostname(), _boot(), _space(), pid, _started(pid) or "")

    def has_ended(self, here: "Process") -> bool:
        """Whether it is known to have ended, as seen by process ``here``. Of another machine nothing is known."""
        if not self.boot:
            return self.host == here.host and not _is_alive(self.pid)
        if (self.boot, self.space) != (here.boot, here.space):
            return False
        return _started(self.pid) != self.started


def _boot() -> str:
    try:
        return (_PROC / "sys" / "kernel" / "random" / "boot_id").read_bytes().decode().strip()
    except OSError:
        return ""


def _space() -> str:
    """Containers number their processes each for itself."""
    try:
        return os.readlink(_PROC / "self" / "ns" / "pid")
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """Field 22 of ``/proc/PID/stat`` (proc(5)); the name before it may hold blanks. None = no such process, or dead."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes().decode(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
