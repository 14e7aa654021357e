"""Opening a state: where it lies, how it begins, and what is said of one that cannot be used."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from poolshift.errors import InputError, StateUnusable
from poolshift.state.keyring import key_file
from poolshift.state.opening import open_store, state_path
from poolshift.state.sqlite import SqliteStore
from poolshift.state.store import Settled, Store
from tests.state.contract import PLAN, base_of, insert, intent_of, landed, user

ROOT = Path(__file__).parents[2]
KEY = {"POOLSHIFT_KEY": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}
OTHER_KEY = {"POOLSHIFT_KEY": "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="}


@contextmanager
def opened(folder: Path, environ: dict[str, str] | None = None, *, write: bool = True) -> Iterator[Store]:
    store = open_store(folder, "acme", {}, environ or {}, write=write)
    try:
        yield store
    finally:
        store.close()


def refusal(folder: Path, environ: dict[str, str] | None = None, *, write: bool = True) -> str:
    """The code with which a state is refused; the message is one line with a remedy, and names the place."""
    with pytest.raises(StateUnusable) as error, opened(folder, environ, write=write):
        pytest.fail("it was opened")
    (diagnostic,) = error.value.diagnostics
    assert "\n" not in diagnostic.summary
    assert diagnostic.remedy
    assert error.value.exit_code == 11
    return diagnostic.code


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The file of a state with 2,000 people."""
    with opened(tmp_path) as store:
        insert(store, *map(str, range(2000)))
    return state_path(tmp_path, "acme", {})


@pytest.mark.parametrize("write", [True, False])
def test_a_new_state_is_made_beside_the_spec(tmp_path: Path, write: bool) -> None:
    """A plan makes one too: its fingerprints need a lineage. Files are 0600, folders 0700, nothing else lies there."""
    with opened(tmp_path, write=write) as store:
        lineage = store.lineage
    folder = tmp_path / ".poolshift"
    modes = {path.relative_to(folder): stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert modes.pop(Path("acme/state.db-journal"), 0o600) == 0o600
    assert modes == {Path("."): 0o700, Path("key"): 0o600, Path("acme"): 0o700, Path("acme/state.db"): 0o600}
    with opened(tmp_path) as again:
        assert again.lineage == lineage


def test_the_path_of_the_settings_wins(tmp_path: Path) -> None:
    """`path` is taken relative to the spec's folder, or as it is when absolute."""
    assert state_path(tmp_path, "acme", {"path": "elsewhere/one.db"}) == tmp_path / "elsewhere" / "one.db"
    assert state_path(tmp_path, "acme", {"path": "/srv/one.db"}) == Path("/srv/one.db")
    store = open_store(tmp_path, "acme", {"path": "elsewhere/one.db"}, {}, write=True)
    store.close()
    assert (tmp_path / "elsewhere" / "one.db").exists()
    assert key_file(tmp_path).exists()


@pytest.mark.parametrize("path", [3, "", ["a"]])
def test_a_path_that_is_none_is_refused(tmp_path: Path, path: object) -> None:
    """Settings are the user's."""
    with pytest.raises(InputError, match="SPEC_STATE"):
        state_path(tmp_path, "acme", {"path": path})


def test_a_missing_key_is_no_new_key(state: Path, tmp_path: Path) -> None:
    """With a state but without its key nothing is read and nothing is made."""
    key_file(tmp_path).unlink()
    before = state.read_bytes()
    assert refusal(tmp_path) == "KEY_MISSING"
    assert refusal(tmp_path, write=False) == "KEY_MISSING"
    assert state.read_bytes() == before
    assert not key_file(tmp_path).exists()


def test_a_wrong_key_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    """Another key is KEY_WRONG even where the tables behind it are gone."""
    with opened(tmp_path, KEY):
        pass
    with closing(sqlite3.connect(state_path(tmp_path, "acme", {}))) as connection:
        connection.execute("DROP TABLE rule_sets")
    assert refusal(tmp_path, OTHER_KEY) == "KEY_WRONG"
    assert refusal(tmp_path, OTHER_KEY, write=False) == "KEY_WRONG"
    assert refusal(tmp_path, KEY) == "STATE_DAMAGED"


def test_the_state_of_another_migration_is_refused(tmp_path: Path) -> None:
    """Two migrations do not share a file."""
    open_store(tmp_path, "acme", {"path": "one.db"}, {}, write=True).close()
    with pytest.raises(StateUnusable, match="STATE_FOREIGN") as error:
        open_store(tmp_path, "other", {"path": "one.db"}, KEY | _file_key(tmp_path), write=True)
    assert "acme" in error.value.diagnostics[0].summary


def _file_key(folder: Path) -> dict[str, str]:
    return {"POOLSHIFT_KEY": key_file(folder).read_text()}


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("content", "code"),
    [(b"# notes\n" * 200, "STATE_FOREIGN"), (b"short", "STATE_FOREIGN"), (b"", "STATE_DAMAGED")],
)
def test_a_file_that_is_no_state_is_left_alone(state: Path, write: bool, content: bytes, code: str) -> None:
    """Text is somebody else's, an empty file a damaged one; neither is written to."""
    state.write_bytes(content)
    assert refusal(state.parents[2], write=write) == code
    assert state.read_bytes() == content


@pytest.mark.parametrize("write", [True, False])
def test_another_programs_database_is_left_alone(state: Path, write: bool) -> None:
    """A database without our mark is somebody else's."""
    state.unlink()
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("CREATE TABLE meta (name, value)")
    before = state.read_bytes()
    assert refusal(state.parents[2], write=write) == "STATE_FOREIGN"
    assert state.read_bytes() == before


@pytest.mark.parametrize("write", [True, False])
def test_the_state_of_a_newer_poolshift_is_left_alone(state: Path, write: bool) -> None:
    """What we do not know we do not touch."""
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA user_version = 2")
    assert refusal(state.parents[2], write=write) == "STATE_NEWER"


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("kept", [50, 1000, 5000, 100_000])
def test_a_truncated_state_is_damaged(state: Path, write: bool, kept: int) -> None:
    """A file cut anywhere is refused before anything is read from it."""
    os.truncate(state, kept)
    assert refusal(state.parents[2], write=write) == "STATE_DAMAGED"


def test_damage_in_the_middle_is_found_when_it_is_read(state: Path) -> None:
    """Overwritten pages end the command with STATE_DAMAGED, not with wrong people."""
    size = state.stat().st_size
    with state.open("r+b") as file:
        file.seek(4096 * 12)
        file.write(b"\xa5" * (size - 4096 * 13))
    with opened(state.parents[2], write=False) as store, pytest.raises(StateUnusable, match="STATE_DAMAGED"):
        list(store.people())


def test_a_folder_where_the_state_should_be_is_unwritable(tmp_path: Path) -> None:
    """So is a file where its folder should be."""
    state_path(tmp_path, "acme", {}).mkdir(parents=True)
    assert refusal(tmp_path) == "STATE_UNWRITABLE"
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / ".poolshift").touch()
    assert refusal(blocked, KEY) == "STATE_UNWRITABLE"


_AS_NOBODY = """
import os, sys
from pathlib import Path
from poolshift.errors import StateUnusable
from poolshift.state.opening import open_store
os.seteuid(65534) if os.geteuid() == 0 else None
write = sys.argv[2] == "write"
try:
    open_store(Path(sys.argv[1]), "acme", {}, dict(os.environ), write=write).close()
except StateUnusable as error:
    print(error.diagnostics[0].code)
else:
    print("opened")
"""


def _as_nobody(folder: Path, mode: str) -> str:
    command = [sys.executable, "-c", _AS_NOBODY, str(folder), mode]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **KEY}, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


@pytest.mark.parametrize("mode", [0o444, 0o666])
def test_a_read_only_folder_can_be_read_but_not_written(shared_folder: Path, mode: int) -> None:
    """Nothing is begun in a folder that takes no journal; a plan of what is there works."""
    with opened(shared_folder, KEY):
        pass
    folders = [shared_folder, shared_folder / ".poolshift", shared_folder / ".poolshift" / "acme"]
    state = state_path(shared_folder, "acme", {})
    for folder in folders:
        folder.chmod(0o555)
    state.chmod(mode)
    assert _as_nobody(shared_folder, "write") == "STATE_UNWRITABLE"
    assert _as_nobody(shared_folder, "read") == "opened"
    for folder in folders:
        folder.chmod(0o755)


def test_a_state_cannot_be_made_in_a_read_only_folder(shared_folder: Path) -> None:
    """The refusal names the folder, and nothing lies there afterwards."""
    shared_folder.chmod(0o555)
    assert _as_nobody(shared_folder, "read") == "STATE_UNWRITABLE"
    assert list(shared_folder.iterdir()) == []
    shared_folder.chmod(0o755)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder another user can get to, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_full_disk_leaves_nothing_half_written(state: Path) -> None:
    """The group that does not fit is not there at all; the store goes on once there is room."""
    with opened(state.parents[2]) as store:
        assert isinstance(store, SqliteStore)
        window = store.open_window("run", PLAN, "api", [intent_of(f"new {number}") for number in range(1000)])
        (pages,) = store._connection.one("PRAGMA page_count")
        store._connection.one(f"PRAGMA max_page_count = {pages}")
        outcomes = [landed(base_of(store, f"new {number}")) for number in range(1000)]
        with pytest.raises(StateUnusable, match="STATE_FULL"):
            store.settle(window.number, outcomes)
        assert store.count_people() == 2000
        assert len(store.open_windows()[0].open_rows) == 1000
        store._connection.one("PRAGMA max_page_count = 1000000")
        store.settle(window.number, outcomes)
        store.close_window(window.number)
    with opened(state.parents[2]) as again:
        assert again.count_people() == 3000


_WITH_A_SMALL_LIMIT = """
import resource, sys
from pathlib import Path
from poolshift.errors import StateUnusable
from poolshift.state.opening import open_store
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    open_store(Path(sys.argv[1]), "acme", {}, {}, write=True)
except StateUnusable as error:
    print(error.diagnostics[0].code)
"""


@pytest.mark.parametrize("limit", [10, 1000, 20_000])
def test_a_state_is_made_whole_or_not_at_all(tmp_path: Path, limit: int) -> None:
    """Where the file cannot grow no state is left behind, so that the next command begins anew."""
    command = [sys.executable, "-c", _WITH_A_SMALL_LIMIT, str(tmp_path), str(limit)]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
    assert answer.strip() in ("STATE_FULL", "STATE_UNWRITABLE")
    left = {path.name for path in tmp_path.rglob("*")}
    assert left <= {".poolshift", "key", "acme"}
    with opened(tmp_path) as store:
        assert store.count_people() == 0


def test_no_value_reaches_the_file(tmp_path: Path) -> None:
    """Neither values nor keys are in any byte beside the spec, while a window is open and after."""
    canaries = [b"ada@example.com", b"+12025550143", b"Lovelace"]
    with opened(tmp_path) as store:
        run = store.begin_run("apply", PLAN)
        base = base_of(store, "a")
        base.fields["email"] = (store.keys.fingerprints.of_value("email", "ada@example.com"),) * 2
        window = store.open_window(run, PLAN, "api", [intent_of("a"), intent_of("b")])
        message = "ada@example.com and +12025550143 are taken"
        store.settle(window.number, [landed(base), Settled(user("b"), "failed", person="b", message=message)])
        secrets = [store.keys.derive("fingerprints"), store.keys.derive("spill")]
        store.close_window(window.number)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert not [canary for canary in canaries + secrets if canary in content]
