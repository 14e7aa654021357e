"""SECURITY.md names a proof for each promise; a proof that is named exists."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
_PROOF: Final = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
PROOFS: Final = sorted(set(_PROOF.findall((ROOT / "SECURITY.md").read_text("utf-8"))))


@pytest.mark.parametrize(("file", "name"), PROOFS, ids=[name for _, name in PROOFS])
def test_a_proof_that_is_named_exists(file: str, name: str) -> None:
    """A test that was renamed or taken away takes its promise along, until somebody looks."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_promise_and_every_threat_has_a_proof() -> None:
    """A row of the table, or a threat, that names no test is a wish."""
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    promises, threats = text.partition("## Promises")[2].partition("## Threats")[::2]
    rows = [line for line in promises.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    sections = threats.partition("## Out of scope")[0].split("\n### ")[1:]
    assert len(rows) >= 14
    assert len(sections) == 5
    assert [part.splitlines()[0] for part in (*rows, *sections) if not _PROOF.search(part)] == []
