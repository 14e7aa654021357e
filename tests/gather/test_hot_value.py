"""Law (e): a value that very many people hold takes no more memory than one that two hold."""

import subprocess
import sys
from pathlib import Path

import pytest

from poolshift.gather.keys import IN_MEMORY_ROWS, KeyStage
from poolshift.gather.spill import Spill
from poolshift.gather.work import Work
from poolshift.spec.model import Users

HUNDRED_MB = 100_000

MEASURE = """
import resource, sys
from pathlib import Path
from tests.gather.test_hot_value import run
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
notes, claims = run(Path(sys.argv[1]), int(sys.argv[2]), there=int(sys.argv[3]))
print(notes, claims, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def run(
    folder: Path, people: int, *, there: int = 0, flags: bytes = b"nve", duplicates: str = "fail"
) -> tuple[int, int]:
    """The key stage over one value that `people` and `there` records hold: how many notes and claims it wrote."""
    with Work(folder, "run", 1) as work:
        stage, notes, claims = _stage(work, people, there, flags, duplicates)
        stage.run(0)
        notes.close()
        claims.close()
        return notes.rows[0], claims.rows[0]


def _stage(work: Work, people: int, there: int, flags: bytes, duplicates: str) -> tuple[KeyStage, Spill, Spill]:
    keys, notes, claims, links = (work.spill(name) for name in ("keys", "notes", "claims", "links"))
    for number in range(people):
        keys.add(0, b"lone@example.com\tS\ts%d\t%s\t" % (number, flags))
    for number in range(there):
        keys.add(0, b"lone@example.com\tA\td%d\t\t" % number)
    keys.close()
    return (
        KeyStage(keys, claims, notes, links, work.shift, Users.model_validate({"duplicates": duplicates})),
        notes,
        claims,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("there", "notes"), [(0, 500_000), (3, 1_000_000)])
def test_e_half_a_million_people_with_one_address_fit_into_memory(tmp_path: Path, there: int, notes: int) -> None:
    """Everybody gets a word (two where records hold the value too), nobody a claim, within 100 MB more than at rest."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", MEASURE, str(tmp_path), "500000", str(there)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    written, claims, kilobytes = map(int, done.stdout.split())
    assert (written, claims) == (notes, 0)
    assert kilobytes < HUNDRED_MB


@pytest.mark.parametrize("flags", [b"nve", b"n", b"fve"])
@pytest.mark.parametrize("duplicates", ["fail", "skip", "merge"])
def test_a_streamed_value_says_what_a_small_one_says(tmp_path: Path, flags: bytes, duplicates: str) -> None:
    """The finding depends on who holds the value, not on how many rows happen to share a partition with it."""
    assert _codes(tmp_path / "small", 3, flags, duplicates) == _codes(
        tmp_path / "large", IN_MEMORY_ROWS + 1, flags, duplicates
    )


def _codes(folder: Path, people: int, flags: bytes, duplicates: str) -> set[bytes]:
    with Work(folder, "run", 1) as work:
        stage, notes, _ = _stage(work, people, 0, flags, duplicates)
        stage.run(0)
        notes.close()
        return {row.split(b"\t")[1] for row in notes.read(0)}


def test_many_records_with_one_value_are_not_paired(tmp_path: Path) -> None:
    """Above a thousand pairs nobody gets a claim; everybody is told that the value is ambiguous."""
    assert run(tmp_path, 1, there=1000) == (0, 1000)
    assert run(tmp_path, 1, there=1001) == (1, 0)
