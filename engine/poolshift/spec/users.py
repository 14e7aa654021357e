"""``users``: who is migrated, by what they are found, and what becomes of their passwords and factors."""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.spec.context import Context, creatable
from poolshift.spec.fields import fields
from poolshift.spec.model import Users
from poolshift.spec.names import check_expression
from poolshift.spec.nodes import Step
from poolshift.spec.problems import did_you_mean
from poolshift.spec.slots import slot, slots
from poolshift.spec.written import WrittenUsers

STATUSES: Final[Mapping[str, str]] = {
    "CONFIRMED": "import",
    "EXTERNAL_PROVIDER": "import",
    "FORCE_CHANGE_PASSWORD": "reset",
    "RESET_REQUIRED": "reset",
    "UNCONFIRMED": "fail",
    "ARCHIVED": "fail",
    "COMPROMISED": "fail",
    "UNKNOWN": "fail",
}
"""What becomes of a source status where the spec says nothing."""

FACTORS: Final = ("sms", "totp", "email", "webauthn")


def users(written: WrittenUsers, declared: frozenset[str], checks: Mapping[str, str], context: Context) -> Users:
    """The section with defaults merged in. ``checks``: levels the spec gives; ``declared``: attributes it declares."""
    if written.condition is not None:
        check_expression(context, ("users", "if"), written.condition)
    source_id = _source_id(written, declared, checks, context)
    merged = fields(written, declared, context)
    if source_id is not None and any(field.path == source_id for field in merged):
        remedy = "The source id is written by itself; leave the field out."
        context.error("SPEC_FIELD_TWICE", f'"{source_id}" is filled twice', ("users", "source_id"), remedy)
    _check_match(written, context)
    _check_disabled(written, context)
    _check_factors(written.factors, context)
    check_method(written.method, ("users", "method"), context)
    if written.create == "at_sign_in":
        context.problems.not_yet("create: at_sign_in", context.key_place("users", "create"))
    return Users(
        condition=written.condition,
        login=tuple(written.login),
        source_id=source_id,
        match=tuple(written.match),
        fields=merged,
        statuses=_statuses(written, context),
        disabled=written.disabled,
        duplicates=written.duplicates,
        passwords=written.passwords,
        factors=written.factors,
        create=written.create,
        method=written.method,
    )


def _source_id(
    written: WrittenUsers, declared: frozenset[str], checks: Mapping[str, str], context: Context
) -> str | None:
    path = ("users", "source_id")
    if written.source_id == "none":
        if checks.get("ID_SUB_LOST", "error") == "error":
            remedy = "Name a field that keeps it, or accept the loss: checks: {ID_SUB_LOST: warn}."
            context.error("SPEC_SOURCE_ID", "the source's ids would be lost", path, remedy)
        return None
    kind = context.destination_kind("user")
    if kind is None:
        return written.source_id
    found = slot(kind, written.source_id, declared)
    if found is None:
        remedy = did_you_mean(written.source_id, slots(kind) | declared)
        context.error("SPEC_SOURCE_ID", f'the destination has no field "{written.source_id}"', path, remedy)
        return written.source_id
    field = kind.field_at(found)
    if field is not None and field.read == "never":
        context.error("SPEC_SOURCE_ID", f'no read returns "{found}"', path, "Name a field that can be read back.")
    elif field is not None and field.write == "never" and "source_id" not in field.roles:
        context.error("SPEC_SOURCE_ID", f'"{found}" cannot be written', path, "Name a field that can be written.")
    return found


def _statuses(written: WrittenUsers, context: Context) -> dict[str, Any]:
    for name in written.statuses:
        if name not in STATUSES:
            remedy = did_you_mean(name, STATUSES, "one of")
            context.error_at_key("SPEC_STATUS", f'there is no status "{name}"', ("users", "statuses", name), remedy)
    return {**STATUSES, **{name: rule for name, rule in written.statuses.items() if name in STATUSES}}


def _check_match(written: WrittenUsers, context: Context) -> None:
    kind = context.destination_kind("user")
    if kind is None:
        return
    for number, word in enumerate(written.match):
        role = {"username": "username", "verified_phone_number": "phone"}.get(word)
        if role is not None and not kind.with_role(role):
            path = ("users", "match", number)
            context.error("SPEC_FIELD_UNKNOWN", f"the destination has no {role} to match by", path, "Leave it out.")


def _check_disabled(written: WrittenUsers, context: Context) -> None:
    kind = context.destination_kind("user")
    if kind is None or written.disabled != "keep":
        return
    if not any(kind.fields[path].write != "never" for path in kind.with_role("enabled")):
        remedy = "Write disabled: skip to leave disabled users out, or disabled: fail to hold them."
        context.error("SPEC_DISABLED_UNSUPPORTED", "nobody can be disabled there", ("users", "disabled"), remedy)


def _check_factors(factors: Mapping[str, str], context: Context) -> None:
    for name, rule in factors.items():
        path = ("users", "factors", name)
        if name != "*" and name not in FACTORS:
            remedy = did_you_mean(name, FACTORS, "one of")
            context.error_at_key("SPEC_VALUE", f'there is no factor "{name}"', path, remedy)
        elif rule == "copy":
            context.problems.not_yet("copying factors", context.key_place(*path), "Use re_enroll or skip for now.")
            _check_copy(name, path, context)


def _check_copy(name: str, path: tuple[Step, ...], context: Context) -> None:
    reason = ""
    source, destination = context.source_kind("factor"), context.destination_kind("factor")
    if context.destination and not creatable(destination):
        reason = "the destination takes no factors"
    elif context.source and source is None:
        reason = "the source shows no factors"
    elif name == "totp" and source and not any(field.tier == "secret" for field in source.fields.values()):
        reason = "the source never shows the seed of a totp"
    if reason:
        context.error("SPEC_FACTOR_UNSUPPORTED", f'"{name}" cannot be copied: {reason}', path, "Use re_enroll or skip.")


def check_method(method: str, path: tuple[Step, ...], context: Context) -> None:
    """Errors: SPEC_METHOD_UNSUPPORTED."""
    if method == "auto" or context.destination is None:
        return
    offered = {route.method for route in context.destination.routes if route.kind == "user"}
    if method not in offered:
        remedy = f"Use auto, or one of: {', '.join(sorted(offered))}." if offered else "Use auto."
        context.error("SPEC_METHOD_UNSUPPORTED", f"users are not written there by {method}", path, remedy)
