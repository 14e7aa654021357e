"""What a realm is: the part of its settings and of its user profile that mapping and writing depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from poolshift_providers.keycloak.profile import Declared, declared


@dataclass(frozen=True, slots=True)
class Realm:
    """default_role: what everybody has. default_groups, default_actions: what a new user gets by POST /users.

    identity_providers: aliases; None = not known. declared: attributes of the user profile, by name.
    """

    declared: Mapping[str, Declared] = field(default_factory=dict)
    email_as_username: bool = False
    login_with_email: bool = True
    duplicate_emails: bool = False
    edit_username: bool = True
    organizations: bool = True
    resets_passwords: bool = True
    sends_messages: bool = True
    password_policy: Mapping[str, int | bool] = field(default_factory=dict)
    default_role: str = ""
    default_groups: tuple[str, ...] = ()
    default_actions: tuple[str, ...] = ()
    identity_providers: frozenset[str] | None = None

    @property
    def multivalued(self) -> frozenset[str]:
        return frozenset(name for name, own in self.declared.items() if own.multivalued)


_POLICY = {"length": "length", "digits": "digit", "lowerCase": "lower", "upperCase": "upper", "specialChars": "symbol"}


def realm_of(
    settings: Mapping[str, Any],
    profile: Mapping[str, Any],
    groups: list[Mapping[str, Any]],
    actions: list[Mapping[str, Any]],
    providers: list[Mapping[str, Any]],
) -> Realm:
    """From the answers about the realm: itself, its user profile, default groups, required actions, providers."""
    by_email = settings.get("registrationEmailAsUsername") is True
    return Realm(
        declared=declared(profile),
        email_as_username=by_email,
        login_with_email=by_email or settings.get("loginWithEmailAllowed") is True,
        duplicate_emails=settings.get("duplicateEmailsAllowed") is True and not by_email,
        edit_username=settings.get("editUsernameAllowed") is True,
        organizations=settings.get("organizationsEnabled") is True,
        resets_passwords=settings.get("resetPasswordAllowed") is True,
        sends_messages=bool((settings.get("smtpServer") or {}).get("host")),
        password_policy=_password_policy(str(settings.get("passwordPolicy") or "")),
        default_role=str((settings.get("defaultRole") or {}).get("name") or ""),
        default_groups=tuple(str(own["path"]) for own in groups),
        default_actions=tuple(
            str(own["alias"]) for own in actions if own.get("enabled") is True and own.get("defaultAction") is True
        ),
        identity_providers=frozenset(str(own["alias"]) for own in providers),
    )


def _password_policy(text: str) -> dict[str, int | bool]:
    """``length(8) and digits(1) and passwordHistory(3)`` as the fact of a schema has it; empty = there is none."""
    if not text:
        return {}
    asked = {name: own.strip(" )") for name, _, own in (rule.partition("(") for rule in text.split(" and "))}
    found: dict[str, int | bool] = {
        ours: name in asked and asked[name] not in ("", "0") for name, ours in _POLICY.items() if ours != "length"
    }
    found["length"] = _number(asked.get("length"))
    found["history"] = _number(asked.get("passwordHistory"))
    return found


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
