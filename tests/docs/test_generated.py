"""Documents made by `docs/generate.py` are what it would make now."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from poolshift.cli.dispatch import COMMANDS
from poolshift.identity.findings import FINDINGS
from poolshift.render.rules import RULES
from tests.docs.document import ROOT


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGES = generator().PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_current(name: str) -> None:
    """Run `python docs/generate.py` when this fails."""
    assert (ROOT / "docs" / name).read_text("utf-8") == PAGES[name]()


def test_writing_makes_every_page(tmp_path: Path) -> None:
    """The script writes all pages, none empty."""
    generator().write(tmp_path)
    assert {path.name for path in tmp_path.iterdir() if path.stat().st_size > 100} == set(PAGES)


@pytest.mark.parametrize(
    ("name", "words"), [("findings.md", FINDINGS), ("rules.md", RULES), ("cli.md", COMMANDS)], ids=lambda word: ""
)
def test_nothing_is_left_out(name: str, words: dict[str, object]) -> None:
    """Every code, rule and command has its line."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    assert [word for word in words if f"`{word}`" not in text and f"poolshift {word}" not in text] == []
