"""``organizations``: which one a person belongs to, and what the organizations are called."""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.spec.context import Context
from poolshift.spec.fields import check_origin
from poolshift.spec.model import OrganizationItem, Organizations
from poolshift.spec.names import ORGANIZATION, check_template, is_template
from poolshift.spec.nodes import Step
from poolshift.spec.problems import did_you_mean
from poolshift.spec.written import WrittenOrganizations

_HERE: Final = "organizations"


def organizations(written: WrittenOrganizations | None, context: Context) -> Organizations | None:
    """Errors: SPEC_ORGANIZATION_UNSUPPORTED, SPEC_ORGANIZATION_REQUIRED, SPEC_SETTING, and those of expressions."""
    if written is None:
        if not context.has(_HERE) and _is_required(context):
            remedy = "Add organizations: {from: …}."
            context.error("SPEC_ORGANIZATION_REQUIRED", "every user needs an organization there", (_HERE,), remedy)
        return None
    if context.destination and "organization" not in context.destination.kinds:
        remedy = "Leave `organizations` out; a field can keep the key."
        context.error_at_key("SPEC_ORGANIZATION_UNSUPPORTED", "the destination has none", (_HERE,), remedy)
    if written.missing == "skip" and _is_required(context):
        remedy = "Use missing: fail, or the key of one that takes the others."
        path = (_HERE, "missing")
        context.error("SPEC_ORGANIZATION_REQUIRED", "every user needs an organization there", path, remedy)
    check_origin(written.origin, (_HERE, "from"), context)
    check_template(context, (_HERE, "name"), written.name, ORGANIZATION, of_person=False)
    check_template(context, (_HERE, "domains"), written.domains, ORGANIZATION, of_person=False)
    _check_settings(written.settings, (_HERE, "settings"), context)
    for key, item in written.items.items():
        _check_settings(item.settings, (_HERE, "items", key, "settings"), context)
    return _model(written, context)


def _model(written: WrittenOrganizations, context: Context) -> Organizations:
    items = {
        key: OrganizationItem(name=item.name, domains=tuple(item.domains), settings=item.settings)
        for key, item in written.items.items()
    }
    return Organizations(
        source=written.origin.source,
        value=written.origin.value,
        is_template=is_template(written.origin.value),
        split=written.split,
        name=written.name,
        domains=written.domains,
        create=written.create,
        missing=written.missing,
        settings=written.settings,
        items=items,
        place=context.key_place(_HERE),
    )


def _is_required(context: Context) -> bool:
    users = context.destination_kind("user")
    return users is not None and any(field.required and field.ref == "organization" for field in users.fields.values())


def _check_settings(settings: Mapping[str, Any], path: tuple[Step, ...], context: Context) -> None:
    kind = context.destination_kind("organization")
    for name in settings if kind else ():
        if kind and kind.field_at(name) is None:
            remedy = did_you_mean(name, kind.fields)
            context.error_at_key("SPEC_SETTING", f'an organization has no "{name}" there', (*path, name), remedy)
