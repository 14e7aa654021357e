"""Keys: where the master key comes from, what it opens, and that nothing shows."""

import base64
import hmac
import os
import stat
from pathlib import Path

import pytest

from poolshift.errors import StateUnusable
from poolshift.privacy import Fingerprinter
from poolshift.state.keyring import LineageKeys, key_file, master_key, new_data_key, unwrap, wrap

KEY = bytes(range(32))
OTHER = bytes(reversed(range(32)))


def spelled(key: bytes) -> str:
    return base64.b64encode(key).decode()


def code_of(error: pytest.ExceptionInfo[StateUnusable]) -> str:
    return error.value.diagnostics[0].code


def test_the_variable_wins_over_the_file(tmp_path: Path) -> None:
    """POOLSHIFT_KEY is used even where a key file lies."""
    master_key(tmp_path, {}, generate=True)
    assert master_key(tmp_path, {"POOLSHIFT_KEY": spelled(KEY) + "\n"}, generate=False) == KEY


def test_the_variable_is_never_written_to_a_file(tmp_path: Path) -> None:
    """A key of a CI system stays there."""
    master_key(tmp_path, {"POOLSHIFT_KEY": spelled(KEY)}, generate=True)
    assert list(tmp_path.rglob("*")) == []


def test_a_generated_key_is_private_and_kept(tmp_path: Path) -> None:
    """A key is made once, for its owner's eyes only."""
    first = master_key(tmp_path, {}, generate=True)
    assert master_key(tmp_path, {}, generate=True) == first == master_key(tmp_path, {}, generate=False)
    assert stat.S_IMODE(os.stat(key_file(tmp_path)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(key_file(tmp_path).parent).st_mode) == 0o700
    assert len(first) == 32


def test_keys_are_not_made_for_an_old_state(tmp_path: Path) -> None:
    """A state whose key is gone is an error, and no new key hides it."""
    with pytest.raises(StateUnusable) as error:
        master_key(tmp_path, {}, generate=False)
    assert code_of(error) == "KEY_MISSING"
    assert not key_file(tmp_path).exists()


def test_a_neighbours_state_keeps_a_new_key_from_being_made(tmp_path: Path) -> None:
    """The key file serves all migrations of a folder, so the state of any of them needs the old one."""
    neighbour = tmp_path / ".poolshift" / "neighbour" / "state.db"
    neighbour.parent.mkdir(parents=True)
    neighbour.touch()
    with pytest.raises(StateUnusable) as error:
        master_key(tmp_path, {}, generate=True)
    assert code_of(error) == "KEY_MISSING"


@pytest.mark.parametrize("text", ["", "no base64!", spelled(KEY[:31]), spelled(KEY + b"x"), KEY.hex(), "schlüssel"])
def test_a_malformed_key_is_named_and_not_shown(tmp_path: Path, text: str) -> None:
    """Neither a malformed variable nor a malformed file passes for "no key"; the message does not repeat it."""
    with pytest.raises(StateUnusable) as error:
        master_key(tmp_path, {"POOLSHIFT_KEY": text}, generate=True)
    assert code_of(error) == "KEY_MALFORMED"
    key_file(tmp_path).parent.mkdir()
    key_file(tmp_path).write_text(text, encoding="utf-8")
    with pytest.raises(StateUnusable) as of_file:
        master_key(tmp_path, {}, generate=True)
    assert code_of(of_file) == "KEY_MALFORMED"
    assert not text or text not in str(error.value) + str(of_file.value)


def test_a_wrapped_key_opens_with_its_master_and_lineage_only() -> None:
    """Another master key, another lineage, one flipped bit: all are KEY_WRONG."""
    data_key = new_data_key()
    wrapped = wrap(data_key, KEY, "lineage")
    assert unwrap(wrapped, KEY, "lineage").derive("spill") == LineageKeys(data_key).derive("spill")
    flipped = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for blob, master, lineage in [
        (wrapped, OTHER, "lineage"),
        (wrapped, KEY, "another"),
        (flipped, KEY, "lineage"),
        (b"", KEY, "lineage"),
    ]:
        with pytest.raises(StateUnusable) as error:
            unwrap(blob, master, lineage)
        assert code_of(error) == "KEY_WRONG"


def test_keys_derive_by_label() -> None:
    """HKDF-SHA256 (RFC 5869) of the data key without salt, the label in its info."""
    keys = LineageKeys(KEY)
    extracted = hmac.digest(bytes(32), KEY, "sha256")
    assert keys.derive("spill") == hmac.digest(extracted, b"poolshift/v1/spill\x01", "sha256")
    assert len({keys.derive(label) for label in ("spill", "token", "fingerprints")}) == 3
    assert keys.fingerprints.of_bytes(b"x") == Fingerprinter(keys.derive("fingerprints")).of_bytes(b"x")
    assert keys.fingerprints is keys.fingerprints


def test_printing_keys_shows_none() -> None:
    """No key, whole or in part, is in what is printed or wrapped."""
    keys = LineageKeys(KEY)
    assert repr(keys) == str(keys) == "LineageKeys()"
    assert KEY not in wrap(KEY, OTHER, "lineage")
