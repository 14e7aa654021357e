"""The work folder and its spill files: private, sealed, and gone with the run."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from poolshift.errors import StateUnusable
from poolshift.gather.work import Work
from tests.planning.rehearsal import Rehearsal, person, rehearse

SECRETS = (b"@example.com", b"Annabel", b"subject-of", b"name-s")


def sample() -> Rehearsal:
    people = [
        person(
            f"s{number}",
            f"p{number}@example.com",
            given_name="Annabel",
            identities=[{"provider": "Google", "subject": f"subject-of-{number}"}],
        )
        for number in range(40)
    ]
    rehearsal = rehearse(*people, groups=[(f"s{number}", "staff") for number in range(20)])
    rehearsal.destination.users = {
        f"d{number}": {"email": f"p{number}@example.com", "email_verified": True, "given_name": "Annabel"}
        for number in range(10)
    }
    return rehearsal


def test_spill_files_hold_no_readable_value() -> None:
    """While the run lives, its folder is 0700, its files 0600, and no byte of them tells a person's value."""
    rehearsal = sample()
    with rehearsal.gathered() as (gathered, _):
        files = [path for path in gathered.folder.iterdir() if path.name != "pid"]
        assert stat.S_IMODE(gathered.folder.stat().st_mode) == 0o700
        content = b"".join(path.read_bytes() for path in files)
        assert len(content) > 10_000
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
        assert not [secret for secret in SECRETS if secret in content]
    assert not gathered.folder.exists()


def test_equal_rows_do_not_make_equal_blocks(tmp_path: Path) -> None:
    """Nothing can be learned by comparing blocks: of one row written twice, no eight bytes are equal."""
    with Work(tmp_path, "run", 1) as work:
        payload = work.payload("payload")
        first, second = payload.add(b"the same person"), payload.add(b"the same person")
        payload.close()
        content = (work.folder / "payload").read_bytes()
        half = len(content) // 2
        assert payload.read_at(first) == payload.read_at(second) == b"the same person"
        assert content[:half] != content[half:]


def stopped_with_a_plan(rehearsal: Rehearsal) -> None:
    with rehearsal.computed() as computed:
        assert computed.plan.path.is_relative_to(rehearsal.session.work_folder)
        raise RuntimeError("stopped")


def test_a_plan_leaves_nothing_in_the_work_folder() -> None:
    """Not the spills, not the plan of a run that keeps none; also when the caller fails."""
    rehearsal = sample()
    work = rehearsal.session.work_folder
    with pytest.raises(RuntimeError, match="stopped"):
        stopped_with_a_plan(rehearsal)
    assert not work.exists()


def test_leftovers_of_killed_runs_are_removed(tmp_path: Path) -> None:
    """The folder of a process that is gone goes, with all it holds; that of one that lives stays."""
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    for name, pid in (("killed", done.stdout.decode().strip()), ("living", str(os.getpid()))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pid").write_text(pid)
        (tmp_path / name / "computed.plan").write_text("")
    with Work(tmp_path, "mine", 1):
        assert sorted(os.listdir(tmp_path)) == ["living", "mine"]
    assert os.listdir(tmp_path) == ["living"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Exit 11, with what to do."""
    (tmp_path / "work").write_text("a file is in the way")
    with pytest.raises(StateUnusable) as caught, Work(tmp_path / "work", "run", 1):
        pass
    assert (caught.value.exit_code, caught.value.diagnostics[0].code) == (11, "WORK_UNWRITABLE")


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 11 and no spill left behind."""

    def refuse(_descriptor: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    with Work(tmp_path / "work", "run", 1) as work:
        spill = work.spill("rows")
        spill.add(0, b"row")
        monkeypatch.setattr(os, "write", refuse)
        with pytest.raises(StateUnusable) as caught:
            spill.close()
        monkeypatch.undo()
    assert (caught.value.exit_code, caught.value.diagnostics[0].code) == (11, "WORK_FULL")
    assert not list(tmp_path.rglob("*"))
