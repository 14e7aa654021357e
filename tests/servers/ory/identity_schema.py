"""An identity schema: what it lets into the traits, and what Kratos makes of them (facts 3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jsonschema import Draft7Validator, FormatChecker

from tests.servers.ory.refusal import malformed

_KRATOS: Final = "ory.sh/kratos"
_FORMATS: Final = FormatChecker(["email", "date", "date-time"])

CUSTOMER: Final[dict[str, Any]] = {
    "$id": "https://example.com/customer.schema.json",
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "Customer",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "email": {
                    "type": "string",
                    "format": "email",
                    "maxLength": 320,
                    _KRATOS: {
                        "credentials": {"password": {"identifier": True}},
                        "verification": {"via": "email"},
                        "recovery": {"via": "email"},
                    },
                },
                "phone_number": {
                    "type": "string",
                    "pattern": "^\\+[0-9]{4,15}$",
                    _KRATOS: {"verification": {"via": "sms"}},
                },
                "name": {
                    "type": "object",
                    "properties": {
                        "first": {"type": "string", "maxLength": 256},
                        "last": {"type": "string", "maxLength": 256},
                    },
                    "additionalProperties": False,
                },
                "score": {"type": "number", "minimum": 0},
                "plan": {"type": "string", "enum": ["gold", "silver", "free"]},
            },
            "required": ["email"],
            "additionalProperties": False,
        }
    },
    "required": ["traits"],
    "additionalProperties": True,
}
"""People sign in with their e-mail address; their phone number is verified, too."""


@dataclass
class Read:
    """What Kratos takes out of traits: identifiers by credential type, (via, value) of addresses."""

    identifiers: dict[str, list[str]] = field(default_factory=dict)
    verifiable: list[tuple[str, str]] = field(default_factory=list)
    recovery: list[tuple[str, str]] = field(default_factory=list)


class IdentitySchema:
    """One JSON schema with Kratos' own words in it."""

    def __init__(self, id: str, document: Mapping[str, Any]) -> None:
        Draft7Validator.check_schema(document)
        self.id = id
        self.document = document
        self._validator = Draft7Validator(document, format_checker=_FORMATS)

    def read(self, traits: Any) -> Read:
        """Raises Refusal 400 with the place in the compiler's words: I[#/traits/email] S[#/...] (facts 3)."""
        error = next(iter(self._validator.iter_errors({"traits": traits})), None)
        if error is not None:
            where = "/".join(map(str, error.absolute_path))
            rule = "/".join(map(str, error.absolute_schema_path))
            raise malformed(f"I[#/{where}] S[#/{rule}] {error.message}")
        found = Read()
        for own, value in self._marked(self.document.get("properties", {}).get("traits", {}), traits):
            _take(own, value, found)
        return found

    def _marked(self, node: Mapping[str, Any], value: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
        if isinstance(value, str) and _KRATOS in node:
            yield node[_KRATOS], value
        for name, inner in node.get("properties", {}).items():
            if isinstance(value, Mapping) and name in value:
                yield from self._marked(inner, value[name])


def _take(own: Mapping[str, Any], value: str, found: Read) -> None:
    """Addresses and identifiers are kept without case."""
    address = value.strip().lower()
    for type_, about in own.get("credentials", {}).items():
        if about.get("identifier"):
            found.identifiers.setdefault(type_, []).append(address)
    if via := own.get("verification", {}).get("via"):
        found.verifiable.append((via, address))
    if via := own.get("recovery", {}).get("via"):
        found.recovery.append((via, address))
