"""``attributes``: what poolshift may declare in the destination before it fills it."""

from collections.abc import Iterable

from poolshift.spec.context import Context
from poolshift.spec.fields import expected_types
from poolshift.spec.model import Attribute, Attributes, Users
from poolshift.spec.written import WrittenAttributes


def declared_names(written: WrittenAttributes | None) -> frozenset[str]:
    return frozenset(written.items) if written else frozenset()


def attributes(written: WrittenAttributes, users: Users | None, used: Iterable[str], context: Context) -> Attributes:
    """``used``: further paths that are filled (of group rules). Errors: SPEC_ATTRIBUTE_UNUSED, SPEC_ATTRIBUTE_TYPE."""
    filled = {field.path for field in users.fields} | {users.source_id} | set(used) if users else None
    types = dict(expected_types(users.fields, context.source_kind("user"))) if users else {}
    if users and users.source_id:
        types[users.source_id] = "string"
    for name, attribute in written.items.items():
        path = ("attributes", "items", name)
        if context.destination and "attribute" not in context.destination.kinds:
            remedy = "Leave `attributes` out: there is nothing to declare."
            context.error_at_key("SPEC_ATTRIBUTE_UNUSED", "the destination declares no attributes", path, remedy)
        elif filled is not None and name not in filled and not is_owner_marker(name):
            remedy = "Fill it in users.fields, or leave it out."
            context.error_at_key("SPEC_ATTRIBUTE_UNUSED", f'nothing fills "{name}"', path, remedy)
        if attribute.max_length is not None and attribute.type != "string":
            remedy = "Leave max_length out, or use type: string."
            context.error("SPEC_ATTRIBUTE_TYPE", f"a {attribute.type} has no max_length", (*path, "max_length"), remedy)
        # A string holds anything; the other types hold their own only.
        if attribute.type != "string" and types.get(name, attribute.type) != attribute.type:
            summary = f'"{name}" is declared {attribute.type} and filled with a {types[name]}'
            context.error("SPEC_ATTRIBUTE_TYPE", summary, (*path, "type"), f"Use type: {types[name]}, or a format.")
    items = tuple(
        Attribute(path=name, type=attribute.type, max_length=attribute.max_length)
        for name, attribute in written.items.items()
    )
    return Attributes(mode=written.mode, items=items)


def is_owner_marker(name: str) -> bool:
    """The owner marker: filled by the engine wherever it is declared."""
    return name.replace(":", ".").rpartition(".")[2] == "poolshift"
