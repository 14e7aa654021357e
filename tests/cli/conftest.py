"""What the tests of commands share."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command runs in an empty folder with a spec and a plan file, whose content is the engine's business."""
    (tmp_path / "migration.yaml").write_text("version: 1\n", "utf-8")
    (tmp_path / "m.plan").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
