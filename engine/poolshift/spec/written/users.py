"""``users``: who is migrated, and what of them."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from poolshift.spec.model import Mode
from poolshift.spec.written.base import Expression, ShortForm, Text, Written

StatusRule = Literal["import", "reset", "skip", "fail"]
FactorRule = Literal["copy", "re_enroll", "skip"]
Passwords = Literal["just_in_time", "reset", "temporary", "none"]
Create = Literal["auto", "now", "at_sign_in"]
Method = Literal["auto", "api", "job", "file"]
Format = Literal["email", "e164", "lower", "upper", "trim", "bool", "number", "date", "list", "json"]


class WrittenOrigin(Written):
    """Where a value comes from: exactly one of ``from`` and ``value``, and what becomes of it."""

    source: Text | None = Field(default=None, alias="from", description="A source attribute, by its raw name.")
    value: Any = Field(default=None, description="A constant, or a text with {{ an expression }}.")
    condition: Expression | None = Field(default=None, alias="if")
    default: Any = Field(default=None, description="Where the source has none; an empty value is kept.")
    values: dict[str, Any] | None = Field(default=None, description='Source value -> destination value; "*" = any.')
    format: Format | None = None
    region: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(default=None, description="For format e164.")


class WrittenField(WrittenOrigin):
    """``users.fields.<destination field>``."""

    mode: Mode = "authority"


ONE_RULE = ShortForm({"type": "string", "enum": list(get_args(FactorRule))})
TEXT_ORIGIN = ShortForm({"type": "string", "minLength": 1})


class WrittenUsers(Written):
    condition: Expression | None = Field(default=None, alias="if", description="Who is migrated; everyone by default.")
    login: list[Literal["email", "username", "phone_number"]] = Field(default=["email"], min_length=1)
    source_id: Text = Field(description='The destination field that keeps the source\'s id, or "none".')
    match: list[Literal["source_id", "verified_email", "username", "verified_phone_number"]] = Field(
        default=["source_id", "verified_email"]
    )
    copy_: list[Text] = Field(default=[], alias="copy", description="OIDC claim names, and username.")
    fields_: dict[str, Annotated[WrittenField, TEXT_ORIGIN]] = Field(default={}, alias="fields")
    statuses: dict[str, StatusRule] = Field(default={})
    disabled: Literal["keep", "skip", "fail"] = "keep"
    duplicates: Literal["fail", "skip", "merge"] = "fail"
    passwords: Passwords = "reset"
    factors: Annotated[dict[str, FactorRule], ShortForm({"type": "string", "enum": ["copy", "re_enroll", "skip"]})] = (
        Field(default={"*": "re_enroll"})
    )
    create: Create = "auto"
    method: Method = "auto"
