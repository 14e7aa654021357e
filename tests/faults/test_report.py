"""The report holds what was measured last of every group."""

from pathlib import Path

from faults import report
from faults.options import Options
from faults.section import Section


def test_a_group_that_was_not_run_keeps_its_section(tmp_path: Path) -> None:
    """Its numbers, date, commit and share stay; the group that was run has its new ones, in a fixed order."""
    path = tmp_path / "reliability.md"
    old, new = (Section(("ends", "deaths"), [("directory", count)], ["A note."]) for count in ("17", "99"))
    options = Options(1.0, 1, tmp_path)
    report.write({"fuzz": old, "kill": old}, options, path)
    before = path.read_text()
    report.write({"kill": new}, Options(0.25, 2, tmp_path), path)
    after = path.read_text()
    assert after.partition("## Hostile specs")[2] == before.partition("## Hostile specs")[2]
    assert after.index("## Deaths") < after.index("## Hostile specs")
    assert "| directory | 99 |" in after.partition("## Hostile specs")[0]
    assert "25% of the full number, seed 2" in after
    assert "| directory | 17 |" not in after.partition("## Hostile specs")[0]


def test_a_section_can_be_written_again_and_again(tmp_path: Path) -> None:
    """Nothing grows."""
    path = tmp_path / "reliability.md"
    section = Section(("ends", "cases"), [("directory", "3")])
    texts = []
    for _ in range(3):
        report.write({"calls": section, "race": section}, Options(1.0, 1, tmp_path), path)
        texts.append(path.read_text())
    assert len(set(texts)) == 1
