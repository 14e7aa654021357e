"""Kinds beside the user: roles and organizations, which are shared, and what ties people to them."""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Support, lower
from poolshift.provider.verb import Verb

ORGANIZATION: Final = "organization:"
"""What the scope of a role within an organization begins with; its key follows."""

_FULL: Final = Support(Level.FULL)
_STAYS: Final = Support(Level.NOT_IMPLEMENTED, "shared records stay; remove them by hand")
_SHARED: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _FULL, "delete": _STAYS}
_PAIR: Final[Mapping[Verb, Support]] = {
    "create": _FULL,
    "update": Support(Level.BY_DESIGN_IMPOSSIBLE, "it has nothing but its two ends"),
    "delete": _FULL,
}


def shared_kinds() -> dict[Kind, KindSchema]:
    """An organization's key is what Auth0 calls its name, and its name what Auth0 calls its display name.

    A role is of the whole tenant; within an organization the same role is given apart, so it is a role of each.
    """
    organization = KindSchema(
        "organization",
        {
            "key": _once(pattern=r"[a-z0-9][a-z0-9_-]*", max_length=50, canonical=lower),
            "name": FieldSchema("text", tier="plain", pattern=r"[\s\S]+", max_length=255, clearable=False),
        },
        Reading("list"),
        (Key("key"), Key("id")),
        _SHARED,
        unique=((frozenset({"key"}), "tenant"),),
        scopes={
            "read": frozenset({"read:organizations"}),
            "create": frozenset({"create:organizations"}),
            "update": frozenset({"update:organizations"}),
        },
    )
    role = KindSchema(
        "role",
        {
            "name": _once(pattern=r"[\s\S]+"),
            "scope": FieldSchema("text", tier="plain", write="create", clearable=False),
            "organization": FieldSchema("ref", ref="organization", tier="plain", write="create"),
            "description": FieldSchema("text", tier="plain"),
        },
        Reading("list"),
        (Key("name"), Key("id")),
        _SHARED,
        unique=((frozenset({"name", "scope"}), "tenant"),),
        scopes={
            "read": frozenset({"read:roles"}),
            "create": frozenset({"create:roles"}),
            "update": frozenset({"update:roles"}),
        },
    )
    return {"organization": organization, "role": role}


def element_kinds() -> dict[Kind, KindSchema]:
    organization_member = KindSchema(
        "organization member",
        {"user": _ref("user"), "organization": _ref("organization")},
        Reading("per_parent"),
        (Key("user"),),
        _PAIR,
        scopes={
            "read": frozenset({"read:organization_members"}),
            "create": frozenset({"create:organization_members"}),
            "delete": frozenset({"delete:organization_members"}),
        },
    )
    role_member = KindSchema(
        "role member",
        {"user": _ref("user"), "role": _ref("role")},
        Reading("per_parent"),
        (Key("user"),),
        _PAIR,
        at_most=((frozenset({"user"}), 50),),
        scopes={
            "read": frozenset({"read:users", "read:roles", "read:organization_member_roles"}),
            "create": frozenset({"update:roles", "create:organization_member_roles"}),
            "delete": frozenset({"update:users", "delete:organization_member_roles"}),
        },
    )
    link = KindSchema(
        "linked identity",
        {"user": _ref("user"), "provider": _once(), "subject": _once(tier="pii")},
        Reading("job", note="comes with the people"),
        (Key("user"),),
        _PAIR,
        unique=((frozenset({"provider", "subject"}), "tenant"),),
        scopes={"read": frozenset({"read:users"}), "create": frozenset({"update:users"})},
    )
    return {"organization_member": organization_member, "role_member": role_member, "link": link}


def _once(**more: Any) -> FieldSchema:
    return FieldSchema("text", **{"tier": "plain", "required": True, "write": "create", "clearable": False, **more})


def _ref(kind: Kind) -> FieldSchema:
    return FieldSchema("ref", ref=kind, tier="plain", required=True, write="create", clearable=False)
