"""The twelve kinds of resource poolshift plans."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

Kind = Literal[
    "attribute",
    "organization",
    "role",
    "group",
    "user",
    "credential",
    "link",
    "factor",
    "organization_member",
    "role_member",
    "group_member",
    "hook",
]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

SHARED_KINDS: Final[tuple[Kind, ...]] = ("attribute", "organization", "role", "group")
"""Kinds that belong to nobody; few enough to be held in memory (a Cognito pool has at most 10,000 groups)."""

MEMBER_KINDS: Final[tuple[Kind, ...]] = ("organization_member", "role_member", "group_member")

PARENT_OF: Final[Mapping[Kind, Kind]] = {
    "organization_member": "organization",
    "role_member": "role",
    "group_member": "group",
}
"""What a membership is in; both addresses end in the same parts."""

ELEMENT_KINDS: Final[tuple[Kind, ...]] = (*MEMBER_KINDS, "link")
"""Kinds that are elements of a person's sets: merged per element, never as a whole."""
