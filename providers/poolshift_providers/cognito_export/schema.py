"""What an exported pool holds."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from poolshift.identity.claims import PROFILE
from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Schema, Support

Type = Literal["text", "bool", "number", "time"]

STANDARD: Final = (*PROFILE, "address")
_TYPES: Final[Mapping[str, Type]] = {"Number": "number", "Boolean": "bool", "DateTime": "time", "String": "text"}
_READ_ONLY: Final = Support(Level.BY_DESIGN_IMPOSSIBLE, "an export cannot be written")
_LIST: Final = Reading("list")
_NO_GROUPS: Final = Reading("never", note="set `groups` to the folder with groups.json and members/*.json")


def _field(type_: Type | Literal["set", "json", "ref"], **more: Any) -> FieldSchema:
    return FieldSchema(type_, write="never", **more)


def _users(custom: Mapping[Path, Type]) -> KindSchema:
    own = {
        "sub": _field("text", roles=frozenset({"source_id"}), tier="plain", required=True),
        "username": _field("text", roles=frozenset({"username", "login"})),
        "email": _field("text", roles=frozenset({"email", "login"}), verified_by="email_verified"),
        "email_verified": _field("bool", tier="plain"),
        "phone_number": _field("text", roles=frozenset({"phone", "login"}), verified_by="phone_number_verified"),
        "phone_number_verified": _field("bool", tier="plain"),
        "status": _field("text", tier="plain"),
        "enabled": _field("bool", roles=frozenset({"enabled"}), tier="plain"),
        "created_at": _field("time", roles=frozenset({"created"}), tier="plain"),
        "updated_at": _field("time", tier="plain"),
        "naive_dates": _field("bool", tier="plain"),
        "groups": _field("set", tier="plain"),
        "identities": _field("json"),
        "mfa": _field("set", tier="plain", read="never"),
        # Raw names are `custom:plan` and `dev:custom:plan`; an open map answers for both spellings of the first part.
        "custom.*": _field("text", max_length=2048),
        "dev.*": _field("text", max_length=2048),
    }
    standard = {name: _field("text") for name in STANDARD}
    declared = {name: _field(type_) for name, type_ in custom.items()}
    keys = (Key("sub"), Key("username"), Key("email"))
    return KindSchema("user", own | standard | declared, _LIST, keys, _verbs(), unique=((frozenset({"sub"}), "pool"),))


def _groups(reading: Reading) -> dict[Kind, KindSchema]:
    group = KindSchema(
        "group",
        {
            "name": _field("text", tier="plain", required=True),
            "description": _field("text", tier="plain"),
            "precedence": _field("number", tier="plain"),
            "role_arn": _field("text", tier="plain"),
        },
        reading,
        (Key("name"),),
        _verbs(),
    )
    fields = {"user": _field("ref", ref="user"), "group": _field("ref", ref="group")}
    return {"group": group, "group_member": KindSchema("group membership", fields, reading, (), _verbs())}


def _verbs() -> dict[Literal["create", "update", "delete"], Support]:
    return {"create": _READ_ONLY, "update": _READ_ONLY, "delete": _READ_ONLY}


def schema_of(custom: Mapping[Path, Type], *, groups: bool) -> Schema:
    """``custom``: types of the pool's custom attributes by raw name; values stay text, as Cognito gives them."""
    return Schema({"user": _users(custom), **_groups(_LIST if groups else _NO_GROUPS)})


def custom_types(attributes: Any) -> Mapping[Path, Type]:
    """Types from the SchemaAttributes of describe-user-pool. Raises KeyError, TypeError when they are not that."""
    return {
        attribute["Name"]: _TYPES[attribute["AttributeDataType"]]
        for attribute in attributes
        if ":" in attribute["Name"]
    }
