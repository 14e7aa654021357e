"""Shared records the spec wants at the destination because of its fields: declared attributes."""

from collections.abc import Mapping
from typing import Final

from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema, KindSchema, Schema
from poolshift.spec.model import Attribute, Field, Spec

_OF_FORMAT: Final[Mapping[str, str]] = {"number": "number", "bool": "boolean", "date": "date"}
_OF_TYPE: Final[Mapping[str, str]] = {"number": "number", "bool": "boolean", "time": "date"}


def desired_attributes(spec: Spec, destination: Schema, source: Schema | None = None) -> tuple[dict[str, Value], ...]:
    """Attributes to declare at the destination, sorted by name: ``{"name", "type", "max_length"}``.

    name: the path people's records have it under, which is its address, too. type: string, number, boolean or date.
    max_length is left out where there is none. Empty where the destination declares nothing or the spec says
    `attributes: none`.
    """
    users = destination.kinds.get("user")
    if users is None or "attribute" not in destination.kinds or spec.attributes.mode == "none":
        return ()
    wanted: dict[str, Attribute] = {}
    for path, field in _owned_paths(spec, users).items():
        if open_map_of(users, path) is not None:
            wanted[path] = _needed(path, field, source)
    for item in spec.attributes.items:
        wanted[item.path] = item
    return tuple(_record(name, wanted[name]) for name in sorted(wanted))


def open_map_of(users: KindSchema, path: Path) -> tuple[Path, FieldSchema] | None:
    """(prefix, schema) of the open map a path lies in; None for a field of its own or an unknown one."""
    return None if path in users.fields else open_map_around(users, path)


def open_map_around(users: KindSchema, path: Path) -> tuple[Path, FieldSchema] | None:
    """The same, also of a field that is known because it was declared before."""
    head, dot, _ = path.rpartition(".")
    while dot:
        if (schema := users.fields.get(f"{head}.*")) is not None:
            return f"{head}.", schema
        head, dot, _ = head.rpartition(".")
    prefix, colon, _ = path.partition(":")
    schema = users.fields.get(f"{prefix}:*") if colon else None
    return None if schema is None else (f"{prefix}:", schema)


def _owned_paths(spec: Spec, users: KindSchema) -> dict[Path, Field | None]:
    paths: dict[Path, Field | None] = {field.path: field for field in spec.users.fields}
    for rule in spec.groups or ():
        if rule.field is not None:
            paths.setdefault(rule.field, None)
    if spec.users.source_id is not None:
        paths.setdefault(spec.users.source_id, None)
    for path in users.with_role("owner"):
        paths.setdefault(path, None)
    return paths


def _needed(path: Path, field: Field | None, source: Schema | None) -> Attribute:
    """The attribute a field needs, by its format, its constant, else by what the source says of the attribute."""
    if field is None:
        return Attribute(path=path)
    if field.format is not None and field.format in _OF_FORMAT:
        return Attribute.model_validate({"path": path, "type": _OF_FORMAT[field.format]})
    if field.source is None:
        return Attribute.model_validate({"path": path, "type": _type_of_constant(field.value)})
    users = source.kinds.get("user") if source else None
    schema = users.field_at(field.source) if users else None
    if schema is None or field.values is not None or field.format is not None:
        return Attribute(path=path)
    return Attribute.model_validate(
        {"path": path, "type": _OF_TYPE.get(schema.type, "string"), "max_length": schema.max_length}
    )


def _type_of_constant(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "string"


def _record(name: str, attribute: Attribute) -> dict[str, Value]:
    record: dict[str, Value] = {"name": name, "type": attribute.type}
    if attribute.max_length is not None:
        record["max_length"] = attribute.max_length
    return record
