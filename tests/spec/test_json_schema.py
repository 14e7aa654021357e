"""The schema that editors use: current, and of one mind with the loader about the routes."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from poolshift.errors import InputError
from poolshift.spec import document, nodes
from poolshift.spec.json_schema import spec_schema
from poolshift.spec.load import load
from poolshift.spec.problems import Problems
from tests.spec.providers import VENDORS, Catalogue
from tests.spec.test_routes import ENVIRON, NAMES, ROUTES

SCHEMAS = Path(__file__).parents[2] / "schemas"
VENDOR_SCHEMA = spec_schema({name: vendor.settings for name, vendor in VENDORS.items()})


def written(path: Path) -> Any:
    """A spec as an editor sees it: before references are filled and short forms written out."""
    node = document.read(path.read_bytes(), path.name, Problems())
    assert node is not None
    return nodes.plain(node)


def errors(schema: dict[str, Any], spec: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(spec)]


def generated() -> str:
    module_spec = importlib.util.spec_from_file_location("generate", SCHEMAS / "generate.py")
    assert module_spec is not None
    assert module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    text = module.generate()
    assert isinstance(text, str)
    return text


def test_the_committed_schema_is_current() -> None:
    """Whoever changes the language or a provider's settings runs `python schemas/generate.py`."""
    assert (SCHEMAS / "spec.schema.json").read_text("utf-8") == generated()


def test_the_schemas_are_schemas() -> None:
    """Valid by the dialect they name."""
    for schema in (VENDOR_SCHEMA, json.loads(generated())):
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", NAMES)
def test_a_route_is_valid_as_it_is_written(name: str) -> None:
    """With the settings of its vendor, and with the committed schema, where unknown vendors' settings are open."""
    assert errors(VENDOR_SCHEMA, written(ROUTES / name)) == []
    assert errors(json.loads((SCHEMAS / "spec.schema.json").read_text("utf-8")), written(ROUTES / name)) == []


MISTAKES = [
    ("users: {", "users: {nonsense: 1, "),
    ("passwords: reset", "passwords: resett"),
    ("as: role", "as: rolle"),
    ("{UNCONFIRMED: skip}", "{UNCONFIRMED: leave}"),
    ("project_id: P2abc", "projectid: P2abc"),
    ("missing: skip", "missing: 5"),
    ("version: 1", "version: 2"),
    ("fields: {status: {value: enabled}}", "fields: {status: {value: enabled, mode: always}}"),
]


@pytest.mark.parametrize(("right", "wrong"), MISTAKES)
def test_the_schema_and_the_loader_refuse_the_same_mistakes(right: str, wrong: str, tmp_path: Path) -> None:
    """What an editor underlines, `validate` reports."""
    text = (ROUTES / "10a-descope.yaml").read_text("utf-8")
    assert right in text
    path = tmp_path / "spec.yaml"
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    assert errors(VENDOR_SCHEMA, written(path)) != []
    with pytest.raises(InputError):
        load(path, Catalogue(), environ=ENVIRON)


def test_short_forms_and_references_are_valid(tmp_path: Path) -> None:
    """An editor does not underline what the language allows."""
    path = tmp_path / "spec.yaml"
    path.write_text(
        "version: 1\n"
        "migration: acme-${var:env}\n"
        "vars: {env: {allowed: [a, b]}}\n"
        "source: {provider: elsewhere, settings: {anything: [1]}}\n"
        "destination: {provider: cognito, settings: {pool_id: p}, rates: {UserCreation: 5/s}}\n"
        'users: {source_id: "custom:sub", passwords: "${var:env}", factors: skip, fields: {name: name}}\n'
        "attributes: auto\n"
        "organizations: {from: custom:tenant}\n"
        "links: {Google: google}\n"
        "limits: {delete: 5, disable: 1%}\n",
        "utf-8",
    )
    assert errors(VENDOR_SCHEMA, written(path)) == []
