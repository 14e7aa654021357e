"""The work folder of one run: private, encrypted, gone when the run ends."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from poolshift.errors import StateUnusable
from poolshift.gather.spill import Payload, SealedFile, Spill


class Work:
    """Makes spills in ``<folder>/<run>`` (0700). The cipher's key is random and never leaves memory."""

    def __init__(self, folder: Path, run: str, partitions: int) -> None:
        if partitions < 1 or partitions & (partitions - 1):
            raise ValueError("the number of partitions is a power of two")
        self.partitions = partitions
        self.shift = 64 - (partitions.bit_length() - 1)
        self._folder = folder / run
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._files: list[SealedFile] = []

    @property
    def folder(self) -> Path:
        """Where this run may keep what is to vanish with it."""
        return self._folder

    def __enter__(self) -> Self:
        try:
            _remove_leftovers(self._folder.parent)
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, parents=True)  # a run that ends removes the parent it leaves empty
            (self._folder / "pid").write_text(str(os.getpid()))
        except OSError as error:
            self._remove()
            raise StateUnusable.of(
                "WORK_UNWRITABLE",
                f"the work folder cannot be made: {error.strerror}",
                "Make the folder of the spec writable, with room on its disk, or set state.settings.path.",
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.discard()
        self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        with suppress(OSError):  # another run is in there
            self._folder.parent.rmdir()

    def spill(self, name: str) -> Spill:
        return Spill(self._sealed_file(name), self.partitions)

    def payload(self, name: str) -> Payload:
        return Payload(self._sealed_file(name))

    def _sealed_file(self, name: str) -> SealedFile:
        file = SealedFile(self._folder / name, self._cipher, len(self._files))
        self._files.append(file)
        return file


def _remove_leftovers(folder: Path) -> None:
    """Delete the folders of runs whose process is gone: a killed run could not do it itself."""
    if not folder.is_dir():
        return
    for left in folder.iterdir():
        pid = left / "pid"
        if pid.is_file() and not _alive(pid.read_text()):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
