"""The calls of local providers: confined to the spec's folder, read-only for readers, clear about what is missing."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from poolshift.errors import AccessDenied, InputError, Interrupted
from poolshift.provider.calls import SessionCalls, WriteRefused
from poolshift.provider.schema import Quota


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "people.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1);")
    connection.close()
    return path


def test_a_reader_cannot_open_a_database_to_write(tmp_path: Path, database: Path) -> None:
    """A session that only reads refuses before it opens."""
    with pytest.raises(WriteRefused, match="READ_ONLY"):
        SessionCalls(tmp_path).database("people.db", writes=True)


@pytest.mark.parametrize("may_write", [False, True])
def test_a_database_opened_to_read_refuses_every_write(tmp_path: Path, database: Path, may_write: bool) -> None:
    """Whatever the session may do, what was opened to read stays as it is."""
    with SessionCalls(tmp_path, writes=may_write) as calls:
        connection = calls.database("people.db", writes=False)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("INSERT INTO t VALUES (2)")
        assert connection.execute("SELECT x FROM t").fetchall() == [(1,)]


def test_a_writer_writes_what_the_next_session_reads(tmp_path: Path, database: Path) -> None:
    """Two sessions on one file: what one commits, the other sees."""
    with SessionCalls(tmp_path, writes=True) as calls, SessionCalls(tmp_path) as reading:
        calls.database("people.db", writes=True).execute("INSERT INTO t VALUES (2)")
        assert reading.database(str(database), writes=False).execute("SELECT sum(x) FROM t").fetchone() == (3,)


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A missing file is exit 9, names the file, and stays missing."""
    with pytest.raises(AccessDenied, match=r"people.db: error DIRECTORY_NOT_FOUND") as error:
        SessionCalls(tmp_path, writes=True).database("people.db", writes=True)
    assert error.value.exit_code == 9
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"email,sub\n", b"SQLite format 2\0"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is not SQLite is not turned into it."""
    (tmp_path / "people.db").write_bytes(content)
    with pytest.raises(AccessDenied, match="DIRECTORY_NOT_OURS"):
        SessionCalls(tmp_path, writes=True).database("people.db", writes=True)
    assert (tmp_path / "people.db").read_bytes() == content


KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE t SET x = 99")
connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(100000)])
os._exit(9)
"""


def test_a_reader_sees_the_last_commit_after_a_writer_was_killed(tmp_path: Path, database: Path) -> None:
    """A transaction that died half-way into the file is rolled back, though the reader itself may not write."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(database)], check=False)
    assert done.returncode == 9
    assert (tmp_path / "people.db-journal").stat().st_size > 0
    with SessionCalls(tmp_path) as calls:
        assert calls.database("people.db", writes=False).execute("SELECT x FROM t").fetchall() == [(1,)]


def test_pages_are_sorted_by_the_numbers_in_their_names(tmp_path: Path) -> None:
    """Page 10 follows page 9; folders and hidden files are no pages."""
    for name in ("users_10.json", "users_9.json", "users_1.json", ".DS_Store"):
        (tmp_path / "pages" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "pages" / name).touch()
    (tmp_path / "pages" / "groups").mkdir()
    calls = SessionCalls(tmp_path)
    assert calls.files("pages") == ("pages/users_1.json", "pages/users_9.json", "pages/users_10.json")
    assert calls.files("pages/users_9.json") == ("pages/users_9.json",)
    assert calls.files(str(tmp_path / "pages"))[0] == str(tmp_path / "pages" / "users_1.json")


USES: dict[str, Callable[[SessionCalls], object]] = {
    "files": lambda calls: calls.files("../users.json"),
    "file": lambda calls: calls.file("../users.json", "read"),
    "modified": lambda calls: calls.modified("../users.json"),
    "database": lambda calls: calls.database("../users.json", writes=False),
}


@pytest.mark.parametrize("use", USES)
def test_a_relative_path_does_not_leave_the_folder_of_the_spec(tmp_path: Path, use: str) -> None:
    """``../`` is refused wherever a path is taken, whether or not something is there."""
    folder = tmp_path / "migration"
    folder.mkdir()
    (tmp_path / "users.json").write_text("[]")
    with pytest.raises(InputError, match=r"\.\./users.json: error PATH_OUTSIDE"):
        USES[use](SessionCalls(folder))


def test_a_link_out_of_the_folder_is_outside_too(tmp_path: Path) -> None:
    """A symbolic link is followed before it is judged."""
    folder = tmp_path / "migration"
    folder.mkdir()
    (tmp_path / "users.json").write_text("[]")
    (folder / "users.json").symlink_to(tmp_path / "users.json")
    with pytest.raises(InputError, match="PATH_OUTSIDE"):
        SessionCalls(folder).file("users.json", "read")


def test_a_missing_file_is_told_in_one_line(tmp_path: Path) -> None:
    """Missing input is exit 65 with the name as it was given."""
    with pytest.raises(InputError, match=r"no/users.json: error FILE_NOT_FOUND: no such file"):
        SessionCalls(tmp_path).file("no/users.json", "read")
    with pytest.raises(InputError, match="FILE_NOT_FOUND"):
        SessionCalls(tmp_path).modified("users.json")
    with pytest.raises(InputError, match="FILE_UNREADABLE"):
        SessionCalls(tmp_path).file(".", "read")


def test_an_artefact_is_new_confined_and_refused_to_readers(tmp_path: Path) -> None:
    """A file for a person is never written over another and never outside the folder."""
    with pytest.raises(WriteRefused):
        SessionCalls(tmp_path).file("out.csv", "artefact")
    calls = SessionCalls(tmp_path, writes=True)
    with calls.file("out.csv", "artefact") as stream:
        stream.write(b"x")
    with pytest.raises(InputError, match="FILE_EXISTS"):
        calls.file("out.csv", "artefact")
    with pytest.raises(InputError, match="PATH_OUTSIDE"):
        calls.file(str(tmp_path.parent / "out.csv"), "artefact")


def test_a_spool_file_leaves_nothing_behind(tmp_path: Path) -> None:
    """A private file has no name that could outlive it."""
    with SessionCalls(tmp_path).file("rows", "spool") as stream:
        stream.write(b"x")
        stream.seek(0)
        assert stream.read() == b"x"
        assert os.listdir(tmp_path) == []


def test_spending_waits_for_the_rate_of_the_spec(tmp_path: Path) -> None:
    """The second call of a rate of one an hour waits, and ends by Interrupted when the run is told to stop."""
    stop = threading.Event()
    stop.set()
    calls = SessionCalls(tmp_path, rates={"writes": (1, 3600)}, quotas=[Quota("writes", ((2000, 1),))], stop=stop)
    calls.spend("writes")
    with pytest.raises(Interrupted):
        calls.spend("writes")


def test_an_undeclared_quota_is_a_bug(tmp_path: Path) -> None:
    """A provider names a quota its schema declares."""
    with pytest.raises(KeyError):
        SessionCalls(tmp_path).spend("writes")
