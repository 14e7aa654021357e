"""What a pool is: the part of DescribeUserPool that mapping and writing depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from poolshift.identity.value import Path

_CLASSES: Final = {"digit": "Numbers", "lower": "Lowercase", "symbol": "Symbols", "upper": "Uppercase"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of the pool's schema. type: String, Number, DateTime or Boolean; lengths are of strings."""

    name: Path
    type: str = "String"
    mutable: bool = True
    required: bool = False
    min_length: int = 0
    max_length: int | None = None

    @property
    def is_custom(self) -> bool:
        return self.name.startswith(("custom:", "dev:"))


@dataclass(frozen=True, slots=True)
class Pool:
    """username_attributes: what people sign in with instead of a user name; the pool then makes up the user name.

    alias_attributes: what they may sign in with beside it. verifies_changes: attributes whose change waits until the
    person has answered a message. auto_verified: what the pool verifies by itself. password_policy: as the fact of a
    schema has it; empty = not told.
    """

    id: str
    attributes: Mapping[Path, Attribute]
    username_attributes: tuple[str, ...] = ()
    alias_attributes: tuple[str, ...] = ()
    case_sensitive: bool = True
    verifies_changes: frozenset[str] = frozenset()
    password_length: int = 8
    password_policy: Mapping[str, int | bool] = field(default_factory=dict)
    mfa: str = "OFF"
    has_migration_trigger: bool = False
    name: str = ""
    auto_verified: tuple[str, ...] = ()

    @property
    def invents_usernames(self) -> bool:
        return bool(self.username_attributes)


def pool_of(description: Mapping[str, Any]) -> Pool:
    """From the ``UserPool`` of a DescribeUserPool answer."""
    attributes = map(_attribute, description.get("SchemaAttributes", ()))
    updates = description.get("UserAttributeUpdateSettings") or {}
    policy = (description.get("Policies") or {}).get("PasswordPolicy") or {}
    return Pool(
        id=str(description["Id"]),
        attributes={attribute.name: attribute for attribute in attributes},
        username_attributes=tuple(description.get("UsernameAttributes") or ()),
        alias_attributes=tuple(description.get("AliasAttributes") or ()),
        case_sensitive=(description.get("UsernameConfiguration") or {}).get("CaseSensitive", True) is not False,
        verifies_changes=frozenset(updates.get("AttributesRequireVerificationBeforeUpdate") or ()),
        password_length=int(policy.get("MinimumLength") or 8),
        password_policy=_password_policy(policy) if policy else {},
        mfa=str(description.get("MfaConfiguration") or "OFF"),
        has_migration_trigger=bool((description.get("LambdaConfig") or {}).get("UserMigration")),
        name=str(description.get("Name") or ""),
        auto_verified=tuple(description.get("AutoVerifiedAttributes") or ()),
    )


def _password_policy(policy: Mapping[str, Any]) -> dict[str, int | bool]:
    asked: dict[str, int | bool] = {name: policy.get(f"Require{word}") is True for name, word in _CLASSES.items()}
    lengths = {"length": int(policy.get("MinimumLength") or 8), "history": int(policy.get("PasswordHistorySize") or 0)}
    return asked | lengths


def _attribute(item: Mapping[str, Any]) -> Attribute:
    lengths = item.get("StringAttributeConstraints") or {}
    longest = lengths.get("MaxLength")
    return Attribute(
        name=str(item["Name"]),
        type=str(item.get("AttributeDataType") or "String"),
        mutable=item.get("Mutable", True) is not False,
        required=item.get("Required") is True,
        min_length=int(lengths.get("MinLength") or 0),
        max_length=int(longest) if longest else None,
    )
