"""An identity schema becomes a list of traits: what each holds, and what Kratos does with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from poolshift.identity.value import Path

Type = Literal["text", "bool", "number", "set", "json"]
PREFIX: Final = "traits."
_KRATOS: Final = "ory.sh/kratos"
_TYPES: Final[Mapping[str, Type]] = {"string": "text", "boolean": "bool", "number": "number", "integer": "number"}


@dataclass(frozen=True, slots=True)
class Trait:
    """One value in the traits of an identity, with the rules of the JSON schema that are about it alone.

    identifier: people sign in with it. verified_via, recovered_via: "email", "sms", or "" where Kratos does not.
    """

    path: Path
    type: Type
    required: bool = False
    pattern: str | None = None
    max_length: int | None = None
    min_length: int = 0
    format: str = ""
    choices: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None
    identifier: bool = False
    verified_via: str = ""
    recovered_via: str = ""

    @property
    def contact(self) -> str:
        """ "email" or "sms" where it is an address, else ""."""
        formats = {"email": "email", "tel": "sms"}
        return self.verified_via or self.recovered_via or formats.get(self.format, "")


def traits_of(document: Mapping[str, Any]) -> tuple[Trait, ...]:
    """Of the JSON schema ``document``. What stands behind ``$ref`` or ``allOf`` is not looked into."""
    traits = _properties(document).get("traits")
    return tuple(_below(PREFIX, traits, True)) if isinstance(traits, Mapping) else ()


def flags_of(traits: Sequence[Trait]) -> Mapping[Path, Path]:
    """The path of the verified flag by the path of its trait: the first e-mail and phone have the usual names."""
    usual = {"email": "email_verified", "sms": "phone_number_verified"}
    return {
        trait.path: usual.pop(trait.verified_via, f"verified.{trait.path.removeprefix(PREFIX)}")
        for trait in traits
        if trait.verified_via
    }


def _properties(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found = node.get("properties")
    return found if isinstance(found, Mapping) else {}


def _below(prefix: str, node: Mapping[str, Any], required: bool) -> Iterator[Trait]:
    demanded = node.get("required")
    names = frozenset(demanded) if required and isinstance(demanded, list) else frozenset()
    for name, inner in _properties(node).items():
        if not isinstance(inner, Mapping):
            continue
        if _properties(inner):
            yield from _below(f"{prefix}{name}.", inner, name in names)
        else:
            yield _trait(f"{prefix}{name}", inner, name in names)


def _trait(path: Path, node: Mapping[str, Any], required: bool) -> Trait:
    own = node.get(_KRATOS)
    own = own if isinstance(own, Mapping) else {}
    credentials = own.get("credentials") or {}
    choices = node.get("enum")
    return Trait(
        path,
        _type(node),
        required,
        pattern=_pattern(node.get("pattern")),
        max_length=node.get("maxLength"),
        min_length=node.get("minLength") or 0,
        format=str(node.get("format") or ""),
        choices=tuple(choices) if isinstance(choices, list) else None,
        minimum=node.get("minimum"),
        maximum=node.get("maximum"),
        identifier=any(_is_identifier(method) for method in credentials.values()),
        verified_via=str((own.get("verification") or {}).get("via") or ""),
        recovered_via=str((own.get("recovery") or {}).get("via") or ""),
    )


def _is_identifier(method: Any) -> bool:
    return isinstance(method, Mapping) and method.get("identifier") is True


def _type(node: Mapping[str, Any]) -> Type:
    name = node.get("type")
    if name == "array":
        items = node.get("items")
        return "set" if isinstance(items, Mapping) and items.get("type") == "string" else "json"
    return _TYPES.get(name, "json") if isinstance(name, str) else "json"


def _pattern(text: Any) -> str | None:
    """As a pattern for the whole value: a JSON schema's may match anywhere. One that Python cannot read is left to
    Kratos."""
    if not isinstance(text, str):
        return None
    whole = rf"(?s:.*?)(?:{text})(?s:.*)"
    try:
        re.compile(whole)
    except re.error:
        return None
    return whole
