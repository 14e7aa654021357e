"""Documents made by `docs/generate.py` are what it would make now."""

import re
import runpy
from pathlib import Path

import pytest

from poolshift.cli.dispatch import COMMANDS
from poolshift.identity.findings import FINDINGS
from poolshift.render.rules import RULES
from tests.docs.document import ROOT

GENERATOR = runpy.run_path(str(ROOT / "docs" / "generate.py"))
PAGES = GENERATOR["PAGES"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_current(name: str) -> None:
    """Run `python docs/generate.py` when this fails."""
    assert (ROOT / "docs" / name).read_text("utf-8") == PAGES[name]()


def test_the_readme_has_the_table_of_what_moves() -> None:
    """Every installed provider has a line an end; run `python docs/generate.py` when this fails."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert GENERATOR["with_table"](readme) == readme
    for provider in GENERATOR["providers"]():
        words = {"source": "from", "destination": "to"}
        assert [end for end in provider.ends if f"| {words[end]} `{provider.name}` |" not in readme] == []


def test_writing_makes_every_page(tmp_path: Path) -> None:
    """The script writes all pages, none empty."""
    GENERATOR["write"](tmp_path)
    assert {path.name for path in tmp_path.iterdir() if path.stat().st_size > 100} == set(PAGES)


@pytest.mark.parametrize(
    ("name", "words"), [("findings.md", FINDINGS), ("rules.md", RULES), ("cli.md", COMMANDS)], ids=lambda word: ""
)
def test_nothing_is_left_out(name: str, words: dict[str, object]) -> None:
    """Every code, rule and command has its line."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    assert [word for word in words if f"`{word}`" not in text and f"poolshift {word}" not in text] == []


def test_codes_of_conflicts_and_holds_are_told() -> None:
    """Every code a verdict can carry stands on the page of findings or in the concepts."""
    sources = (ROOT / "engine" / "poolshift" / "plan").glob("*.py")
    codes = {code for path in sources for code in re.findall(r'code="([A-Z_]+)"', path.read_text("utf-8"))}
    told = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("findings.md", "concepts.md"))
    assert {"AMBIGUOUS", "WAITS_FOR"} <= codes
    assert {code for code in codes if f"`{code}`" not in told} == set()
