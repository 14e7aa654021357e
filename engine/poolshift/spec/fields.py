"""``users.copy``, ``users.login`` and ``users.fields``, merged into one list of destination fields."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from poolshift.spec.catalogue import SpecKind
from poolshift.spec.context import Context
from poolshift.spec.model import Field, Mode
from poolshift.spec.names import check_expression, check_template, is_template, source_attribute_exists
from poolshift.spec.names import source_attributes as offered
from poolshift.spec.nodes import Step
from poolshift.spec.problems import did_you_mean
from poolshift.spec.slots import login_slot, slot, slots
from poolshift.spec.written import WrittenOrigin, WrittenUsers

_FIELDS: Final = ("users", "fields")


def fields(written: WrittenUsers, declared: frozenset[str], context: Context) -> tuple[Field, ...]:
    """In the order copy, login, fields. ``declared``: attributes the spec declares.

    Errors: SPEC_FIELD_UNKNOWN, SPEC_FIELD_TWICE, SPEC_LOGIN_UNSUPPORTED, SPEC_FIELD_SOURCE, SPEC_FROM_EXPRESSION,
    SPEC_FIELD_REGION, SPEC_MODE_FIELD, and those of expressions.
    """
    own = tuple(_own(written, declared, context))
    taken: dict[str, Field] = {}
    copied = tuple(_copied(written, declared, context))
    for field, path in (*copied, *own):
        if field.path in taken:
            first = taken[field.path].place
            remedy = f"Keep one of the two; the first stands in line {first.line}."
            context.error_at_key("SPEC_FIELD_TWICE", f'"{field.path}" is filled twice', path, remedy)
        taken.setdefault(field.path, field)
    login = [field for field in _login(written, context) if field.path not in taken]
    return (*(field for field, _ in copied), *login, *(field for field, _ in own))


def _copied(
    written: WrittenUsers, declared: frozenset[str], context: Context
) -> Iterator[tuple[Field, tuple[Step, ...]]]:
    for number, name in enumerate(written.copy_):
        path = ("users", "copy", number)
        if not source_attribute_exists(context, name):
            remedy = did_you_mean(name, offered(context))
            context.error("SPEC_FIELD_UNKNOWN", f'the source has no "{name}"', path, remedy)
        found = _slot(name, declared, path, context)
        if found is not None:
            yield Field(path=found, source=name, place=context.place(*path)), path


def _login(written: WrittenUsers, context: Context) -> Iterator[Field]:
    users = context.destination_kind("user")
    for number, name in enumerate(written.login):
        path = ("users", "login", number)
        found = login_slot(users, name) if users else name
        if found is None:
            possible = [word for word in ("email", "username", "phone_number") if users and login_slot(users, word)]
            remedy = f"It has: {', '.join(possible)}." if possible else "Name what people sign in with there."
            context.error("SPEC_LOGIN_UNSUPPORTED", f'nobody signs in with "{name}" there', path, remedy)
        else:
            yield Field(path=found, source=name, place=context.place(*path))


def _own(written: WrittenUsers, declared: frozenset[str], context: Context) -> Iterator[tuple[Field, tuple[Step, ...]]]:
    for name, field in written.fields_.items():
        path = (*_FIELDS, name)
        check_origin(field, path, context)
        found = _slot(name, declared, path, context)
        if found is None:
            continue
        _check_mode(found, field.mode, path, context)
        origin: dict[str, Any] = {
            "source": field.source,
            "value": field.value,
            "is_template": is_template(field.value),
            "condition": field.condition,
            "default": field.default,
            "has_default": "default" in field.model_fields_set,
            "values": field.values,
            "format": field.format,
            "region": field.region,
        }
        yield Field(path=found, mode=field.mode, place=context.key_place(*path), **origin), path


def _slot(name: str, declared: frozenset[str], path: tuple[Step, ...], context: Context) -> str | None:
    users = context.destination_kind("user")
    if users is None:
        return name
    found = slot(users, name, declared)
    if found is None:
        remedy = did_you_mean(name, slots(users) | declared)
        context.error_at_key("SPEC_FIELD_UNKNOWN", f'the destination has no field "{name}"', path, remedy)
    return found


def check_origin(origin: WrittenOrigin, path: tuple[Step, ...], context: Context) -> None:
    """Where a value comes from. Errors: SPEC_FIELD_SOURCE, SPEC_FROM_EXPRESSION, SPEC_FIELD_REGION, SPEC_VALUE."""
    has_value = "value" in origin.model_fields_set
    if has_value == (origin.source is not None):
        summary = "both `from` and `value` are given" if has_value else "neither `from` nor `value` is given"
        remedy = "Write `from` for a source attribute, or `value` for a constant or a text with {{ }}."
        context.error_at_key("SPEC_FIELD_SOURCE", summary, path, remedy)
    if origin.source is not None:
        _check_source(origin.source, (*path, "from"), context)
    if origin.condition is not None:
        check_expression(context, (*path, "if"), origin.condition)
    check_template(context, (*path, "value"), origin.value)
    if origin.region is not None:
        _check_region(origin, path, context)


def _check_source(name: str, path: tuple[Step, ...], context: Context) -> None:
    if "{" in name or "}" in name:
        remedy = "`from` takes the name of one attribute; write the expression under `value`."
        context.error("SPEC_FROM_EXPRESSION", "`from` holds an expression", path, remedy)
    elif name.startswith("custom.") or not source_attribute_exists(context, name):
        raw = name.replace("custom.", "custom:", 1)
        known = offered(context) | ({raw} if source_attribute_exists(context, raw) else set())
        context.error("SPEC_NAME_UNKNOWN", f'the source has no "{name}"', path, did_you_mean(name, known))


def _check_region(origin: WrittenOrigin, path: tuple[Step, ...], context: Context) -> None:
    if origin.format != "e164":
        remedy = "Add `format: e164`, or leave `region` out."
        context.error("SPEC_FIELD_REGION", "`region` means something with format e164 only", (*path, "region"), remedy)
        return
    from phonenumbers import SUPPORTED_REGIONS  # its tables take a while to load

    if origin.region not in SUPPORTED_REGIONS:
        remedy = "Use the two letters of ISO 3166, such as BE."
        context.error("SPEC_VALUE", f'"{origin.region}" is no region', (*path, "region"), remedy)


def _check_mode(name: str, mode: Mode, path: tuple[Step, ...], context: Context) -> None:
    users = context.destination_kind("user")
    field = users.field_at(name) if users else None
    if field is None:
        return
    reason = ""
    if mode == "merge_set" and field.type != "set":
        reason = f"is no set but {field.type}"
    elif mode in ("merge_set", "observe") and field.read == "never":
        reason = "cannot be read"
    elif mode != "observe" and field.write == "never":
        reason = "cannot be written"
    if reason:
        where = (*path, "mode") if context.has(*path, "mode") else path
        context.error("SPEC_MODE_FIELD", f'mode {mode}: "{name}" {reason}', where, _modes(field.type, field.write))


def _modes(kind: str, write: str) -> str:
    if write == "never":
        return "Use mode observe, or leave the field out."
    words = ["authority", "enforce", "seed", "observe", "write_once", "write_only"]
    return f"Use one of: {', '.join([*words, 'merge_set'] if kind == 'set' else words)}."


def expected_types(found: Iterable[Field], users: SpecKind | None) -> Mapping[str, str]:
    """The attribute type each field's values have, where that is known: string, number, boolean or date."""
    by_format = {"number": "number", "bool": "boolean", "date": "date"}
    by_type = {"text": "string", "number": "number", "bool": "boolean", "time": "date"}
    types: dict[str, str] = {}
    for field in found:
        if field.format is not None:
            types[field.path] = by_format.get(field.format, "string")
        elif field.source is not None and users and field.values is None:
            known = users.field_at(field.source)
            if known is not None and known.type in by_type:
                types[field.path] = by_type[known.type]
    return types
