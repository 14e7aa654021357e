"""``attributes``, ``organizations``, ``groups`` and ``links``: what people share or are linked to."""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import Field, WithJsonSchema

from poolshift.spec.written.base import Template, Text, Written, judged
from poolshift.spec.written.users import TEXT_ORIGIN, WrittenOrigin

_SCOPE: Final = re.compile("global|organization|application:.+")


def _scope(value: Any) -> str:
    if not isinstance(value, str) or not _SCOPE.fullmatch(value):
        raise ValueError("use global, organization, or application: and the id of one")
    return value


Scope = Annotated[
    str,
    judged(_scope, "SPEC_GROUP_IN"),
    WithJsonSchema({"type": "string", "pattern": f"^({_SCOPE.pattern})$"}),
]


class WrittenAttribute(Written):
    type: Literal["string", "number", "boolean", "date"] = "string"
    max_length: int | None = Field(default=None, ge=1)


class WrittenAttributes(Written):
    """Written as ``auto``, ``none``, or the attributes by name; in this form after normalising."""

    mode: Literal["auto", "none", "listed"] = "auto"
    items: dict[str, WrittenAttribute] = Field(default={})


class WrittenOrganization(Written):
    """``organizations.items.<key>``: what one organization has of its own."""

    name: Text | None = None
    domains: list[Text] = Field(default=[])
    settings: dict[str, Any] = Field(default={})


class WrittenOrganizations(Written):
    origin: Annotated[WrittenOrigin, TEXT_ORIGIN] = Field(alias="from", description="What holds the key.")
    split: Text | None = Field(default=None, description="What separates several keys in one value.")
    name: Template | None = None
    domains: Template | None = None
    create: bool = True
    missing: Text = Field(default="fail", description="For a user without one: fail, skip, or a key.")
    settings: dict[str, Any] = Field(default={})
    items: dict[str, WrittenOrganization] = Field(default={})


class WrittenGroupRule(Written):
    match: Text = Field(description="A glob on the source group's name.")
    target: Literal["group", "role", "organization", "field", "skip"] = Field(alias="as")
    name: Template | None = None
    scope: Scope = Field(default="global", alias="in", description="global, organization, or application:<id>.")
    organization: Template | None = None
    field: Text | None = None
    privileged: bool = False
    create: bool = True


class WrittenLink(Written):
    to: Text | None = Field(default=None, description="The destination's word for the identity provider.")
    mode: Literal["create", "rebind", "skip"] = "create"
    trust_email: bool = False
