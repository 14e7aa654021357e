"""The registry of strictnesses holds what it says, and docs/testing.md is made of it."""

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import botocore.session  # type: ignore[import-untyped]
import pytest
import yaml

from tests.servers.strictness import Strictness, strictnesses

ROOT = Path(__file__).parents[2]
ALL = strictnesses()


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("documentation_of_testing", ROOT / "docs" / "testing.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_is_current() -> None:
    """Run `python docs/testing.py` when this fails."""
    assert (ROOT / "docs" / "testing.md").read_text("utf-8") == generator().page()


def test_every_strictness_is_told() -> None:
    """Each rule has its line, with its source and what proves it."""
    lines = [line for line in generator().page().splitlines() if line.startswith("|")]
    for case in ALL:
        assert [line for line in lines if f"`{case.name}`" in line and case.source in line and case.test in line]


def test_names_are_unique() -> None:
    """A name stands for one strictness."""
    assert len({case.name for case in ALL}) == len(ALL)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_sources(case: Strictness) -> None:
    """A source is a shape of the model, a member of one, or a section of the vendor facts."""
    kind, _, where = case.source.partition(" ")
    if kind == "vendors/cognito.md":
        assert 1 <= int(where) <= 11
        return
    assert kind == "botocore"
    model = botocore.session.get_session().get_service_model("cognito-idp")
    shape, _, member = where.partition(".")
    assert shape in model.shape_names
    assert not member or member in model.shape_for(shape).members


@pytest.mark.parametrize("case", [case for case in ALL if case.proof], ids=lambda case: case.name)
def test_proofs(case: Strictness) -> None:
    """A test that is named is there."""
    path, _, function = case.proof.partition("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_servers() -> None:
    """Each server the page names is of a known sort, and the tests that use it are there."""
    servers = yaml.safe_load((ROOT / "tests" / "servers" / "servers.yaml").read_text("utf-8"))
    assert {server["sort"] for server in servers} <= {"real", "foreign emulator", "ours"}
    for server in servers:
        assert all((ROOT / path).exists() for path in server["tests"])
        assert re.fullmatch(r"[A-Z].+\.", server["proves"])
