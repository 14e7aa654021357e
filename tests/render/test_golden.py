"""Every case renders as its expected files say, and is a document our schemas accept."""

import json as stdlib_json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from poolshift.render import json
from poolshift.render.schema import plan_schema, report_schema
from tests.render.golden import CASES, NAMES, document_of, markdown_of, text_of


def test_there_are_cases_of_every_document() -> None:
    """The folder of cases is not empty, and no kind of document is missing from it."""
    kinds = {name.partition("-")[0] for name in NAMES}
    assert kinds == {"plan", "explain", "verify", "drift", "status", "report", "recovery"}


@pytest.mark.parametrize("name", NAMES)
def test_text_is_as_expected(name: str) -> None:
    """A case as plain text equals its .txt file."""
    assert text_of(name) == (CASES / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_markdown_is_as_expected(name: str) -> None:
    """A case as Markdown equals its .md file."""
    assert markdown_of(name) == (CASES / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_json_is_the_document_itself(name: str) -> None:
    """JSON output parses to the very document, whatever the order of its keys."""
    document = document_of(name)
    backwards = dict(reversed(list(document.items())))
    assert stdlib_json.loads(json.text(document)) == document
    assert json.text(backwards) == json.text(document)


@pytest.mark.parametrize("name", NAMES)
def test_cases_are_valid_documents(name: str) -> None:
    """Plans obey the plan schema, everything else the report schema."""
    assert _errors(name, document_of(name)) == []


@pytest.mark.parametrize(
    ("name", "without"), [("plan-first", "verdict"), ("report-done", "run"), ("explain-update", "story")]
)
def test_a_document_without_a_required_key_is_refused(name: str, without: str) -> None:
    """The schemas are able to say no."""
    document = document_of(name)
    del document[without]
    assert _errors(name, document) != []


def _errors(name: str, document: Any) -> list[str]:
    schema = plan_schema() if name.startswith("plan-") else report_schema()
    Draft202012Validator.check_schema(schema)
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]
