"""Keys: the master key of a folder wraps one random data key per lineage; everything else derives from that one.

The master key is ``POOLSHIFT_KEY`` (32 bytes in base64; wins) or ``<spec folder>/.poolshift/key``, which is generated
only when there is no state yet: a new key could not open an old state, and would hide that the old key is gone.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from poolshift.diagnostics import Place
from poolshift.errors import StateUnusable
from poolshift.privacy import Fingerprinter
from poolshift.state.private_file import create_folder, write_new, writing

VARIABLE: Final = "POOLSHIFT_KEY"
NEW_VARIABLE: Final = "POOLSHIFT_NEW_KEY"
FOLDER: Final = ".poolshift"
_FILE: Final = "key"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MAKE_ONE: Final = "Set it to 32 random bytes in base64, for instance from `openssl rand -base64 32`."


class LineageKeys:
    """Keys of one lineage. Shows nothing of them, whoever prints it."""

    __slots__ = ("_data_key", "_derived", "_fingerprints")

    def __init__(self, data_key: bytes) -> None:
        self._data_key = data_key
        self._derived: dict[str, bytes] = {}
        self._fingerprints: Fingerprinter | None = None

    @property
    def fingerprints(self) -> Fingerprinter:
        if self._fingerprints is None:
            self._fingerprints = Fingerprinter(self.derive("fingerprints"))
        return self._fingerprints

    def derive(self, label: str) -> bytes:
        """32 bytes for a purpose: HKDF-SHA256 with ``poolshift/v1/<label>`` as its info."""
        if label not in self._derived:
            info = f"poolshift/v1/{label}".encode()
            hkdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info)
            self._derived[label] = hkdf.derive(self._data_key)
        return self._derived[label]

    def __repr__(self) -> str:
        return "LineageKeys()"


def key_file(folder: Path) -> Path:
    return folder / FOLDER / _FILE


def master_key(folder: Path, environ: Mapping[str, str], *, generate: bool) -> bytes:
    """The 32 bytes that wrap the data keys of the states beside a spec.

    generate: there is no state yet, so that a missing key may be made up and kept in a file.
    Raises StateUnusable: KEY_MALFORMED, KEY_MISSING, STATE_UNWRITABLE.
    """
    if VARIABLE in environ:
        return _decoded(environ[VARIABLE], VARIABLE)
    path = key_file(folder)
    kept = _kept(path)
    if kept is not None:
        return kept
    if not generate or _has_states(folder):
        summary = f"neither {VARIABLE} is set, nor is there a key file, and none may be made up for this state"
        remedy = f"Set {VARIABLE} to the key this state was created with, or bring the file back from a backup."
        raise StateUnusable.of("KEY_MISSING", summary, remedy, Place(str(path)))
    return _generated(path)


def new_master_key(environ: Mapping[str, str]) -> bytes:
    """The key that is to wrap the data key from now on. Raises StateUnusable: KEY_MISSING, KEY_MALFORMED."""
    if NEW_VARIABLE not in environ:
        raise StateUnusable.of("KEY_MISSING", f"{NEW_VARIABLE} is not set", _MAKE_ONE)
    return _decoded(environ[NEW_VARIABLE], NEW_VARIABLE)


def _kept(path: Path) -> bytes | None:
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StateUnusable.of(
            "KEY_MALFORMED", f"cannot be read: {type(error).__name__}", "Restore it from a backup.", Place(str(path))
        ) from error
    return _decoded(text, str(path))


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise StateUnusable.of("KEY_MALFORMED", f"{where} is not base64", _MAKE_ONE) from error
    if len(key) != _KEY_BYTES:
        raise StateUnusable.of(
            "KEY_MALFORMED", f"{where} holds {len(key)} bytes instead of {_KEY_BYTES}, in base64", _MAKE_ONE
        )
    return key


def _has_states(folder: Path) -> bool:
    """Whether another migration beside the same spec folder has a state, which needs the key that is missing."""
    return any((folder / FOLDER).glob("*/state.db"))


def _generated(path: Path) -> bytes:
    text = base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n"
    with writing(path):
        create_folder(path.parent)
        write_new(path, text)
    kept = _kept(path)
    if kept is None:
        raise StateUnusable.of("KEY_MISSING", "the key file vanished while it was made", "", Place(str(path)))
    return kept


def new_data_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)


def wrap(data_key: bytes, master: bytes, lineage: str) -> bytes:
    """The data key as it may lie in the state: AES-256-GCM, bound to its lineage."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, data_key, lineage.encode())


def unwrap(wrapped: bytes, master: bytes, lineage: str) -> LineageKeys:
    """Raises StateUnusable KEY_WRONG when another master key wrapped it."""
    return LineageKeys(data_key(wrapped, master, lineage))


def data_key(wrapped: bytes, master: bytes, lineage: str) -> bytes:
    """The data key itself: to be wrapped again, and for nothing else. Raises StateUnusable KEY_WRONG."""
    try:
        return AESGCM(master).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], lineage.encode())
    except (InvalidTag, ValueError) as error:
        summary = f"the master key does not open the state of lineage {lineage}"
        remedy = f"Set {VARIABLE} to the key this state was created with."
        raise StateUnusable.of("KEY_WRONG", summary, remedy) from error
