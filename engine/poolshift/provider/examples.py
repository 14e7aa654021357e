"""What a provider documents where there is no spec: for settings made of the examples its model gives."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from poolshift.provider.schema import Schema
from poolshift.provider.session import Provider

_BY_TYPE: Mapping[str, Any] = {
    "string": "example",
    "integer": 1,
    "number": 1.0,
    "boolean": False,
    "array": [],
    "object": {},
}


def documented(provider: Provider) -> Schema:
    """The schema, as far as it does not depend on a tenant."""
    return provider.documented(example_settings(provider))


def example_settings(provider: Provider) -> Any:
    """The provider's own model: settings take their first example, else, where they are required, any value."""
    model = provider.settings
    schema = model.model_json_schema(by_alias=True)
    needed = schema.get("required", ())
    own = schema.get("properties", {}).items()
    given = {name: _example(one) for name, one in own if name in needed or one.get("examples")}
    try:
        return model.model_validate(given)
    except ValidationError:
        # A setting without examples, and with rules: nothing is connected to, so that any value serves.
        return model.model_construct(**given)


def _example(own: Mapping[str, Any]) -> Any:
    if own.get("examples"):
        return own["examples"][0]
    if "const" in own or "enum" in own:
        return own.get("const", own.get("enum", [None])[0])
    return _BY_TYPE.get(str(own.get("type", "string")), "example")
