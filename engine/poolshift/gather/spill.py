"""Append-only files of rows, encrypted by block; they die with the run.

A row is bytes without a newline. The key is random and kept in memory only, so nothing of a killed run can be read.
"""

import os
from array import array
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from poolshift.errors import StateUnusable

BLOCK_BYTES: Final = 32 * 1024
PAYLOAD_BUFFER_BYTES: Final = 256 * 1024
TAG_BYTES: Final = 16


class SealedFile:
    """One private file of sealed blocks, addressed by offset and length."""

    def __init__(self, path: Path, cipher: AESGCM, number: int) -> None:
        self._path = path
        self._cipher = cipher
        self._number = number.to_bytes(4, "big")
        self._offset = 0
        self._descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)

    def seal(self, data: bytes) -> tuple[int, bytes]:
        """The offset the block will have, and its bytes; blocks are appended in the order they were sealed."""
        offset = self._offset
        sealed = self._cipher.encrypt(self._nonce(offset), data, None)
        self._offset += len(sealed)
        return offset, sealed

    def append(self, sealed: bytes) -> None:
        """Raises StateUnusable when the disk is full."""
        view = memoryview(sealed)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            raise StateUnusable.of(
                "WORK_FULL",
                f"the work folder cannot be written: {error.strerror}",
                "Free space on the disk that holds .poolshift/, then run the command again.",
            ) from error

    def open_at(self, offset: int, length: int) -> bytes:
        """The data of the block of `length` plain bytes at `offset`."""
        sealed = os.pread(self._descriptor, length + TAG_BYTES, offset)
        return self._cipher.decrypt(self._nonce(offset), sealed, None)

    def discard(self) -> None:
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)

    def _nonce(self, offset: int) -> bytes:
        return self._number + offset.to_bytes(8, "big")


class Spill:
    """Rows by partition. Write everything, `close`, then read any partition any number of times.

    Blocks of one partition lie scattered in one file; an index of 8 bytes a block (32 KB) stays in memory.
    """

    def __init__(self, file: SealedFile, partitions: int) -> None:
        self.rows = array("Q", bytes(8 * partitions))
        self._file = file
        self._buffers = [bytearray() for _ in range(partitions)]
        self._blocks: list[array[int]] = [array("Q") for _ in range(partitions)]

    def add(self, partition: int, row: bytes) -> None:
        buffer = self._buffers[partition]
        buffer += row
        buffer += b"\n"
        if len(buffer) >= BLOCK_BYTES:
            self._flush(partition)

    def close(self) -> None:
        """Flush; from here on the spill is immutable."""
        for partition, buffer in enumerate(self._buffers):
            if buffer:
                self._flush(partition)
        self._buffers = []

    def read(self, partition: int) -> Iterator[bytes]:
        """The rows of one partition, in the order they were added."""
        return chain.from_iterable(
            self._file.open_at(block >> 24, block & 0xFFFFFF).split(b"\n") for block in self._blocks[partition]
        )

    def _flush(self, partition: int) -> None:
        buffer = self._buffers[partition]
        data = bytes(buffer[:-1])
        if len(data) >= 1 << 24:
            raise ValueError("a spill block is limited to 16 MiB")
        self.rows[partition] += buffer.count(b"\n")
        buffer.clear()
        offset, sealed = self._file.seal(data)
        self._file.append(sealed)
        self._blocks[partition].append(offset << 24 | len(data))


class Payload:
    """Records written once and read back one at a time, by place: most of them are never wanted again."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file
        self._buffer: list[bytes] = []
        self._buffered = 0

    def add(self, row: bytes) -> int:
        """The row's place."""
        offset, sealed = self._file.seal(row)
        self._buffer.append(sealed)
        self._buffered += len(sealed)
        if self._buffered >= PAYLOAD_BUFFER_BYTES:
            self.close()
        return offset << 24 | len(row)

    def close(self) -> None:
        if self._buffer:
            self._file.append(b"".join(self._buffer))
            self._buffer = []
            self._buffered = 0

    def read_at(self, place: int) -> bytes:
        return self._file.open_at(place >> 24, place & 0xFFFFFF)
