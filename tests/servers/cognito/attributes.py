"""What may be written into a person: declared, writable, well-formed, and not another person's alias."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolAttribute

from tests.servers.cognito.pool import VERIFIABLE, Pool
from tests.servers.cognito.refusal import Refusal

_GENERATED: Final = ("sub", "identities")
EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
PHONE: Final = re.compile(r"\+[0-9]{1,15}")


@dataclass
class Change:
    """What a call does to a person. unsent: addresses a message was sent to and that wait for a confirmation."""

    values: dict[str, str] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)


def sent(attributes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """A request's list of name and value as a mapping; a missing value is blank."""
    return {attribute["Name"]: attribute.get("Value", "") for attribute in attributes}


def change_for_new(pool: Pool, values: Mapping[str, str]) -> Change:
    """Raises Refusal. Immutable attributes may be written now, and never again."""
    for name, value in values.items():
        _check_value(_declared(pool, name), value)
    return Change({name: value for name, value in values.items() if value})


def change_for(pool: Pool, user: CognitoIdpUser, values: Mapping[str, str]) -> Change:
    """A blank value deletes; a changed address loses its verified flag unless the same call sends one."""
    change = Change()
    for name, value in values.items():
        attribute = _declared(pool, name)
        _must_be_mutable(attribute)
        if value:
            _check_value(attribute, value)
            change.values[name] = value
        else:
            change.without.append(name)
    for name in VERIFIABLE:
        if name in change.values:
            _verification(pool, user, name, values, change)
    return change


def change_without(pool: Pool, names: Sequence[str]) -> Change:
    for name in names:
        _must_be_mutable(_declared(pool, name))
    return Change(without=list(names))


def _verification(pool: Pool, user: CognitoIdpUser, name: str, values: Mapping[str, str], change: Change) -> None:
    flag = f"{name}_verified"
    if user.attribute_lookup.get(name) == values[name]:
        return
    guarded = (pool.extended_config.get("UserAttributeUpdateSettings") or {}).get(
        "AttributesRequireVerificationBeforeUpdate", ()
    )
    if name in guarded and values.get(flag) != "true":
        del change.values[name]
        change.values.pop(flag, None)
        change.unsent.append(name)
    elif flag not in values:
        change.values[flag] = "false"


def _declared(pool: Pool, name: str) -> CognitoIdpUserPoolAttribute:
    if name in _GENERATED:
        raise Refusal.parameter(f"user.{name}: Attribute cannot be updated.")
    attribute = pool.schema_attributes.get(name)
    if attribute is None:
        raise Refusal.parameter(f"user.{name}: Attribute does not exist in the schema.")
    return attribute


def _must_be_mutable(attribute: CognitoIdpUserPoolAttribute) -> None:
    if not attribute.mutable:
        raise Refusal.parameter(f"user.{attribute.name}: Attribute cannot be updated.")


def _check_value(attribute: CognitoIdpUserPoolAttribute, value: str) -> None:
    if not value:
        return
    name = attribute.name
    match attribute.data_type:
        case "Boolean" if value.lower() not in ("true", "false"):
            raise Refusal.parameter(f"user.{name}: Value is not a boolean.")
        case "Number":
            _within(name, _number(name, value), attribute.number_constraints, ("MinValue", "MaxValue"))
        case "DateTime":
            _must_be_date(name, value)
        case "String":
            _within(name, Decimal(len(value)), attribute.string_constraints, ("MinLength", "MaxLength"))
    if name == "phone_number" and not PHONE.fullmatch(value):
        raise Refusal.parameter("Invalid phone number format.")


def _number(name: str, value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise Refusal.parameter(f"user.{name}: Value is not a number.") from error
    if not number.is_finite():
        raise Refusal.parameter(f"user.{name}: Value is not a number.")
    return number


def _must_be_date(name: str, value: str) -> None:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise Refusal.parameter(f"user.{name}: Value is not a date.") from error


def _within(name: str, size: Decimal, constraints: dict[str, Any] | None, ends: tuple[str, str]) -> None:
    least, most = ((constraints or {}).get(end) for end in ends)
    if least is not None and size < Decimal(least):
        raise Refusal.parameter(f"user.{name}: Value is below {ends[0]} of the schema.")
    if most is not None and size > Decimal(most):
        raise Refusal.parameter(f"user.{name}: Value is above {ends[1]} of the schema.")


def settle_aliases(pool: Pool, user: CognitoIdpUser | None, after: Mapping[str, str], force: bool = False) -> None:
    """Refuse what would take another person's way to sign in; with ``force``, take a verified address from them.

    user: who is changed, None for a new person; after: all attributes as they would be. Raises Refusal
    (AliasExistsException).
    """
    for name in pool.username_attributes:
        if value := after.get(name):
            _only(pool.having(name, value), user)
    for name in pool.aliases:
        value = after.get(name)
        if not value or (name in VERIFIABLE and after.get(f"{name}_verified") != "true"):
            continue
        holders = [other for other in pool.alias_holders(name, value) if other is not user]
        if force and name in VERIFIABLE:
            for holder in holders:
                pool.change(holder, {f"{name}_verified": "false"})
        else:
            _only(holders, user)


def _only(holders: Any, user: CognitoIdpUser | None) -> None:
    if any(holder is not user for holder in holders):
        raise Refusal("AliasExistsException", "An account with the given email or phone number already exists.")
