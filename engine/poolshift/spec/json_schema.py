"""The JSON Schema of a spec as users write it, for editors: short forms and every installed provider's settings."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaValue

from poolshift.identity.codes import FINDING_CODES
from poolshift.spec.written import WrittenSpec

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Final[JsonSchemaValue] = {"type": "string", "pattern": r"\$\{(env|file|var|aws-secret):"}
_ENDS: Final = ("WrittenSource", "WrittenDestination")


def spec_schema(settings: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """Draft 2020-12. ``settings``: models by provider; those of other providers are open."""
    root = WrittenSpec.model_json_schema()
    definitions = root.pop("$defs")
    for provider, model in settings.items():
        definitions |= _settings(provider, model)
    _write_out_attributes(definitions)
    for end in _ENDS:
        definitions[end]["allOf"] = _bound(sorted(settings))
    root["properties"]["checks"]["propertyNames"] = {"enum": list(FINDING_CODES)}
    schema = {"$schema": DIALECT, **root, "title": "poolshift spec", "$defs": dict(sorted(definitions.items()))}
    cleaned = _clean(schema)
    assert isinstance(cleaned, dict)
    return cleaned


def _settings(provider: str, model: type[BaseModel]) -> dict[str, JsonSchemaValue]:
    """Definitions of one provider's settings, under names no other provider has."""
    schema = model.model_json_schema(ref_template=f"#/$defs/{provider}_{{model}}")
    nested = {f"{provider}_{name}": value for name, value in schema.pop("$defs", {}).items()}
    return {**nested, f"{provider}_settings": schema}


def _write_out_attributes(definitions: dict[str, Any]) -> None:
    """``attributes`` is normalised to a form nobody writes: replace it by the two that are written."""
    listed = definitions["WrittenAttributes"]["properties"]["items"]
    words = {"type": "string", "enum": ["auto", "none"]}
    definitions["WrittenAttributes"] = {"title": "Attributes", "anyOf": [words, {**listed, "title": "By name"}]}


def _bound(providers: list[str]) -> list[JsonSchemaValue]:
    """The settings of an end are those of its provider."""
    return [
        {
            "if": {"properties": {"provider": {"const": name}}, "required": ["provider"]},
            "then": {"properties": {"settings": {"$ref": f"#/$defs/{name}_settings"}}},
        }
        for name in providers
    ]


def _clean(node: Any, *, of_names: bool = False) -> Any:
    """Null is absent, references may stand for texts, and defaults are told where they can be written.

    ``of_names``: the keys of this mapping are names a user or we gave, not keywords of JSON Schema.
    """
    if isinstance(node, list):
        return [_clean(item) for item in node]
    if not isinstance(node, dict):
        return node
    cleaned = {
        key: _clean(value, of_names=not of_names and key in ("properties", "$defs"))
        for key, value in node.items()
        if of_names or key != "default" or isinstance(value, (str, bool, int))
    }
    if of_names:
        return cleaned
    choices = [choice for choice in cleaned.pop("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        cleaned = {**choices[0], **cleaned}
    elif choices:
        cleaned["anyOf"] = choices
    return _or_reference(cleaned)


def _or_reference(node: dict[str, Any]) -> dict[str, Any]:
    """A text of few values may be filled from outside, too."""
    if node.get("type") != "string" or not {"enum", "const", "pattern"} & node.keys() or node == _REFERENCE:
        return node
    outer = {key: value for key, value in node.items() if key in ("title", "description", "default")}
    inner = {key: value for key, value in node.items() if key not in outer}
    return {**outer, "anyOf": [inner, dict(_REFERENCE)]}
