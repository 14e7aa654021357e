"""Files and folders for their owner's eyes only (0600, 0700), put in place whole or not at all."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from poolshift.diagnostics import Place
from poolshift.errors import StateUnusable

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the operating system refuses into StateUnusable: STATE_FULL or STATE_UNWRITABLE."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        if error.errno in _FULL:
            raise StateUnusable.of(
                "STATE_FULL", why, "Free some disk space and run again.", Place(str(path))
            ) from error
        remedy = "Make the folder writable, or name another place in state.settings.path."
        raise StateUnusable.of("STATE_UNWRITABLE", why, remedy, Place(str(path))) from error


def create_folder(folder: Path) -> None:
    """Creates the folder and its parents, each 0700; leaves those that exist as they are. Raises OSError."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir(mode=0o700, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def temporary_beside(path: Path) -> Path:
    """An empty file of its own, 0600, in the folder of ``path``. Raises OSError."""
    temporary = path.with_name(f"{path.name}.new-{secrets.token_hex(6)}")
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return temporary


def publish(temporary: Path, path: Path) -> bool:
    """Gives a finished file its name; False when somebody else was first. Durable when it returns. Raises OSError."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
    _sync_folder(path.parent)
    return True


def write_new(path: Path, data: bytes) -> bool:
    """Writes a file that must not exist yet; False when somebody else was first. Raises OSError."""
    temporary = temporary_beside(path)
    _fill(temporary, data)
    return publish(temporary, path)


def replace(path: Path, data: bytes) -> None:
    """Writes a file over an older one, so that a reader sees either whole. Raises OSError."""
    temporary = temporary_beside(path)
    _fill(temporary, data)
    temporary.replace(path)


def _fill(path: Path, data: bytes) -> None:
    try:
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
