"""Every console block of every document is run, and prints what the document shows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.docs.document import DOCUMENTS, ROOT, commands, excerpt, shown
from tests.docs.transcript import differences, matches, run
from tests.docs.volatile import steady

EXECUTED: Final = [path for path in DOCUMENTS if commands(path.read_text("utf-8"))]
README: Final = ROOT / "README.md"
BIN: Final = Path(sys.prefix) / "bin"


def checkout(folder: Path) -> Path:
    """What a reader has after cloning, as far as the documents use it."""
    shutil.copytree(ROOT / "plans", folder / "plans", ignore=shutil.ignore_patterns("work", "__pycache__"))
    return folder


def demo(folder: Path) -> str:
    """Run the demo of a checkout, as `make demo` does, and return what it prints."""
    command = ["sh", str(folder / "plans" / "demo" / "run.sh"), str(BIN / "poolshift")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", [path for path in EXECUTED if path != README], ids=shown)
def test_commands_print_what_the_document_shows(path: Path, tmp_path: Path) -> None:
    """A reader who types the commands in order sees what is written."""
    folder = checkout(tmp_path)
    transcript = run(commands(path.read_text("utf-8")), folder, f"{BIN}:{os.defpath}")
    found = list(differences(transcript, folder))
    assert not found, "\n\n".join(found)


def test_readme_shows_the_demo_and_what_follows(tmp_path: Path) -> None:
    """The README's excerpt is what the demo prints, and its commands go on from there."""
    text = README.read_text("utf-8")
    folder = checkout(tmp_path)
    printed = demo(folder)
    assert matches(steady(excerpt(text, "demo")), steady(printed)), printed
    transcript = run(commands(text), folder, f"{BIN}:{os.defpath}")
    found = list(differences(transcript, folder))
    assert not found, "\n\n".join(found)


def test_readme_and_tutorial_are_executed() -> None:
    """The two documents a newcomer follows have console blocks."""
    assert {"README.md", "docs/tutorial.md"} <= set(map(shown, EXECUTED))
