"""A state in a file to carry elsewhere: everything but its place and its lease, sealed under the lineage's own key.

A line of JSON (what it is, of which lineage, the wrapped data key), then blocks: length, nonce, AES-256-GCM. Each
block is bound to the head and to its number, and the last one says how many rows there were: a file that was cut,
changed or put together from two does not open.
"""

import base64
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from poolshift.diagnostics import Place
from poolshift.errors import InputError
from poolshift.state.private_file import publish, temporary_beside, writing
from poolshift.state.store import Keys

FORMAT: Final = 1
LABEL: Final = "export"
_NONCE: Final = 12
_LENGTH: Final = 4
_LONGEST: Final = 1 << 28
_HEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class Head:
    migration: str
    lineage: str
    wrapped_key: bytes

    def line(self) -> bytes:
        document = {
            "poolshift": "state",
            "format": FORMAT,
            "migration": self.migration,
            "lineage": self.lineage,
            "key": base64.b64encode(self.wrapped_key).decode(),
        }
        return orjson.dumps(document) + b"\n"


def write(path: Path, head: Head, keys: Keys, blocks: Iterator[Mapping[str, Any]]) -> None:
    """A new file, 0600, whole or not at all. Raises InputError (FILE_EXISTS), StateUnusable (no room, no right)."""
    with writing(path):
        temporary = temporary_beside(path)
        try:
            with temporary.open("wb") as file:
                _fill(file, head, keys, blocks)
        except BaseException:
            temporary.unlink()
            raise
        if not publish(temporary, path):
            raise InputError.of("FILE_EXISTS", "the file is already there", "Move it away.", Place(str(path)))


def _fill(file: BinaryIO, head: Head, keys: Keys, blocks: Iterator[Mapping[str, Any]]) -> None:
    line = head.line()
    cipher = AESGCM(keys.derive(LABEL))
    file.write(line)
    for number, block in enumerate(blocks):
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + cipher.encrypt(nonce, orjson.dumps(block, default=_bytes), line + b"%d" % number)
        file.write(len(sealed).to_bytes(_LENGTH, "big") + sealed)


def _bytes(value: object) -> Mapping[str, str]:
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def read_head(path: Path) -> Head:
    """Raises InputError: FILE_NOT_FOUND, EXPORT_UNREADABLE."""
    try:
        with path.open("rb") as file:
            document = orjson.loads(file.readline(_HEAD))
        if (document["poolshift"], document["format"]) != ("state", FORMAT):
            raise ValueError("of another format")
        return Head(document["migration"], document["lineage"], base64.b64decode(document["key"], validate=True))
    except FileNotFoundError as error:
        raise InputError.of("FILE_NOT_FOUND", "no such file", "Check the path.", Place(str(path))) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise unreadable(path) from error


def read(path: Path, keys: Keys) -> Iterator[dict[str, Any]]:
    """The blocks in their order. Raises InputError EXPORT_UNREADABLE at the first that was changed or is missing."""
    cipher = AESGCM(keys.derive(LABEL))
    with path.open("rb") as file:
        line = file.readline(_HEAD)
        number = 0
        while prefix := file.read(_LENGTH):
            length = int.from_bytes(prefix, "big")
            sealed = file.read(min(length, _LONGEST))
            try:
                if len(sealed) != length:
                    raise ValueError("cut")
                text = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], line + b"%d" % number)
            except (InvalidTag, ValueError) as error:
                raise unreadable(path) from error
            block: dict[str, Any] = orjson.loads(text)
            yield block
            number += 1


def cell(value: Any) -> Any:
    """A value of a row as it was."""
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value


def unreadable(path: Path) -> InputError:
    remedy = "Export the state anew, and carry the file as it is."
    return InputError([*InputError.of("EXPORT_UNREADABLE", "not a whole export", remedy, Place(str(path))).diagnostics])
