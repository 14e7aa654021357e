"""The user profile: which attributes users have, and what values of each it takes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from poolshift_providers.keycloak.values import LENGTH

Type = Literal["string", "number", "boolean", "date"]

ADMINS_ONLY: Final = {"view": ["admin"], "edit": ["admin"]}
_BOOLEANS: Final = ["true", "false"]
_OF_TYPE: Final[Mapping[Type, Mapping[str, Any]]] = {
    "string": {},
    "number": {"double": {}},
    "boolean": {"options": {"options": _BOOLEANS}},
    "date": {"iso-date": {}},
}
_CONTROLS: Final = r"\x00-\x1f\x7f"
TYPES: Final = tuple(_OF_TYPE)
_PATTERNS: Final[Mapping[str, str]] = {
    # The character classes of the server's own validators of these names.
    "person-name-prohibited-characters": rf"[^<>&\"\n\x0b\f\r\x85\u2028\u2029$%!#?§;*~/\\|^=\[\]{{}}(){_CONTROLS}]+",
    "username-prohibited-characters": rf"[^<>&\"'\s$%!#?§,;:*~/\\|^=\[\]{{}}()`{_CONTROLS}]+",
    "email": r"[^\s@]+@[^\s@]+",
    "integer": r"[+-]?[0-9]+",
    "double": r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?",
    "iso-date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """One attribute. pattern: every rule of it that a pattern can say; None = there is none.

    writable: by an administrator. latin: whether letters of other scripts are refused.
    """

    name: str
    type: Type = "string"
    max_length: int | None = None
    pattern: str | None = None
    required: bool = False
    writable: bool = True
    multivalued: bool = False
    latin: bool = False


def declared(profile: Mapping[str, Any]) -> dict[str, Declared]:
    """By name, from the answer of GET /users/profile."""
    return {str(one["name"]): _declared(one) for one in profile.get("attributes") or ()}


def declaration(name: str, type_: Type, max_length: int | None) -> dict[str, Any]:
    """What is added to the profile: seen and edited by administrators only."""
    validations = {rule: dict(options) for rule, options in _OF_TYPE[type_].items()}
    if max_length is not None and type_ == "string":
        validations["length"] = {"max": max_length}
    own = {"name": name, "permissions": ADMINS_ONLY, "multivalued": False}
    return own | {"validations": validations} if validations else own


def _declared(one: Mapping[str, Any]) -> Declared:
    rules: Mapping[str, Mapping[str, Any]] = one.get("validations") or {}
    length = rules.get("length") or {}
    longest = _number(length.get("max"))
    return Declared(
        name=str(one["name"]),
        type=_type(rules),
        max_length=longest,
        pattern=all_of(_patterns(rules)),
        required=_required_of_admins(one.get("required")),
        writable="admin" in (one.get("permissions") or ADMINS_ONLY).get("edit", ()),
        multivalued=one.get("multivalued") is True,
        latin="up-username-not-idn-homograph" in rules,
    )


def _type(rules: Mapping[str, Mapping[str, Any]]) -> Type:
    if rules.keys() & {"double", "integer"}:
        return "number"
    if "iso-date" in rules:
        return "date"
    options = (rules.get("options") or {}).get("options") or ()
    return "boolean" if sorted(map(str, options)) == sorted(_BOOLEANS) else "string"


def _patterns(rules: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    for name, options in rules.items():
        if name in _PATTERNS:
            yield _PATTERNS[name]
        elif name == "options":
            yield "|".join(re.escape(str(own)) for own in options.get("options") or ())
        elif name == "length" and (shortest := _number(options.get("min"))):
            yield rf"[\s\S]{{{shortest},}}"
        elif name == "pattern" and (own := _compiled(str(options.get("pattern") or ""))):
            yield own


def all_of(patterns: Iterable[str]) -> str | None:
    """One pattern that matches a whole value where all of these do."""
    found = [own for own in patterns if own]
    if len(found) < 2:
        return found[0] if found else None
    return "".join(rf"(?=(?:{own})\Z)" for own in found) + r"[\s\S]*"


def _compiled(pattern: str) -> str | None:
    """A pattern of Java's that means the same here; what this language cannot say is left to the server."""
    try:
        re.compile(pattern)
    except re.error:
        return None
    return pattern or None


def _required_of_admins(required: Any) -> bool:
    """``{}`` is required of everybody; with scopes it depends on the application."""
    if not isinstance(required, dict) or required.get("scopes"):
        return False
    roles = required.get("roles") or ()
    return not roles or "admin" in roles


def _number(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() else None


def longest(own: Declared) -> int:
    return own.max_length if own.max_length is not None else LENGTH
