"""Keeps one Keycloak for a run of pytest: ``python -m tests.servers.keycloak.keeper HOME FOLDER PID``.

Goes to the background, writes the address to FOLDER/url (or what went wrong to FOLDER/failed), and ends, server and
all, as soon as the process PID is gone or nobody has touched FOLDER/used for a while.
"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Final

from tests.servers.keycloak.server import KeycloakServer

IDLE: Final = 1800.0
_STEP: Final = 0.5


def main(home: Path, folder: Path, pid: int) -> None:
    if os.fork():
        return  # whoever started this waits for nothing
    os.setsid()
    try:
        with KeycloakServer(home) as server:
            _tell(folder / "url", server.url)
            _wait(folder, pid, server)
    except RuntimeError as error:
        _tell(folder / "failed", str(error))
        _wait(folder, pid)
    shutil.rmtree(folder)


def _wait(folder: Path, pid: int, server: KeycloakServer | None = None) -> None:
    while _is_alive(pid) and _is_used(folder / "used") and (server is None or server.is_running):
        time.sleep(_STEP)


def _tell(file: Path, text: str) -> None:
    """Whole or not at all."""
    draft = file.with_suffix(".draft")
    draft.write_text(text, "utf-8")
    draft.rename(file)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _is_used(file: Path) -> bool:
    return not file.exists() or time.time() - file.stat().st_mtime < IDLE


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
