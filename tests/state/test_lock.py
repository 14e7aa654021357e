"""One writer, or any number of readers; the operating system frees what a killed command held."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from poolshift.errors import Locked
from poolshift.state.opening import open_store, state_path
from poolshift.state.store import Settled
from tests.state.contract import PLAN, base_of, landed, user

ROOT = Path(__file__).parents[2]
Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a command of another process against the folder of the test; ends it afterwards."""
    started: list[subprocess.Popen[str]] = []

    def begin(deed: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.state.commands", deed, str(tmp_path)]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("write", [True, False])
def test_a_writer_keeps_everybody_else_out_at_once(tmp_path: Path, start: Start, write: bool) -> None:
    """Who comes second is told who holds the state, without a long wait."""
    holder = start("hold")
    assert line_of(holder) == "ready"
    before = time.monotonic()
    with pytest.raises(Locked) as error:
        open_store(tmp_path, "acme", {}, {}, write=write)
    assert time.monotonic() - before < 2
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "STATE_LOCKED"
    assert "apply" in diagnostic.summary
    assert f"process {holder.pid} on " in diagnostic.summary


def test_another_command_ends_with_the_code_of_the_lock(tmp_path: Path, start: Start) -> None:
    """The lock holds between two transactions, after a compaction too, against other processes."""
    state = state_path(tmp_path, "acme", {})
    store = open_store(tmp_path, "acme", {}, {}, write=True)
    store.open_plan(PLAN, "digest")
    store.record([landed(base_of(store, str(number))) for number in range(5_000)])
    large = state.stat().st_size
    everybody = [base.source_id for base in store.people()]
    store.record([Settled(user(one), "done", person=one, drop=True) for one in everybody[1:]])
    store.close_plan(PLAN)
    assert state.stat().st_size < large / 2
    assert start("look").wait() == 8
    store.close()
    assert start("look").wait() == 0


def test_a_killed_writer_frees_the_lock(tmp_path: Path, start: Start) -> None:
    """SIGKILL leaves no lock behind, and its note names nobody any more."""
    holder = start("hold")
    assert line_of(holder) == "ready"
    holder.kill()
    holder.wait()
    reader = open_store(tmp_path, "acme", {}, {}, write=False)
    with pytest.raises(Locked) as error:
        open_store(tmp_path, "acme", {}, {}, write=True)
    assert "reading" in error.value.diagnostics[0].summary
    assert str(holder.pid) not in error.value.diagnostics[0].summary
    reader.close()
    open_store(tmp_path, "acme", {}, {}, write=True).close()


def test_readers_do_not_keep_each_other_out(tmp_path: Path, start: Start) -> None:
    """Two plans at once are fine; a writer waits for both."""
    store = open_store(tmp_path, "acme", {}, {}, write=True)
    store.record([landed(base_of(store, "a"))])
    store.close()
    readers = [start("read"), start("read")]
    assert [line_of(reader) for reader in readers] == ["ready 1", "ready 1"]
    reader = open_store(tmp_path, "acme", {}, {}, write=False)
    assert reader.count_people() == 1
    reader.close()
    with pytest.raises(Locked):
        open_store(tmp_path, "acme", {}, {}, write=True)


@pytest.mark.kills
@pytest.mark.parametrize("lines", [1, 7, 60])
def test_a_writer_killed_in_a_window_leaves_what_it_committed(tmp_path: Path, start: Start, lines: int) -> None:
    """Outcome and base row are there or not there together, for everybody who was reported and at most one more."""
    worker = start("work")
    reported = [line_of(worker) for _ in range(lines)]
    worker.kill()
    rest, _ = worker.communicate()
    reported += rest.splitlines()
    store = open_store(tmp_path, "acme", {}, {}, write=True)
    people = {base.source_id for base in store.people()}
    (window,) = store.open_windows()
    left = [intent.person for intent in window.open_rows]
    assert set(reported) <= people
    assert left
    assert len(people) <= len(reported) + 1
    assert left == [f"person {number}" for number in range(len(people), 1000)]
    assert people.isdisjoint(left)
    assert len(store.finished(PLAN)) == len(people)
    store.close()


def test_commands_that_make_a_state_at_once_share_it(tmp_path: Path, start: Start) -> None:
    """Whoever comes first makes key and state; the others use them, and nothing is left over."""
    readers = [start("look") for _ in range(6)]
    assert [reader.wait() for reader in readers] == [0] * 6
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["key", "state.db"]
    open_store(tmp_path, "acme", {}, {}, write=False).close()
