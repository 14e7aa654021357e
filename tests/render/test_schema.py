"""The committed JSON Schemas are the ones the code generates."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from poolshift.render import json
from poolshift.render.schema import plan_schema, report_schema

SCHEMAS = Path(__file__).parents[2] / "schemas"


@pytest.mark.parametrize(("kind", "generate"), [("plan", plan_schema), ("report", report_schema)])
def test_committed_schema_is_current(kind: str, generate: Callable[[], dict[str, Any]]) -> None:
    """`poolshift schema --kind KIND` prints the committed file; run it again after changing a document."""
    assert (SCHEMAS / f"{kind}.schema.json").read_text("utf-8") == json.in_order(generate())
