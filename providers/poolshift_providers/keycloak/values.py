"""Values as Keycloak keeps and compares them. Each function is idempotent."""

from datetime import UTC, datetime
from typing import Final

from poolshift.identity.value import Path, Value

ATTRIBUTES: Final = "attributes."
LENGTH: Final = 2048
"""Of an attribute whose profile sets no length."""


def wire(value: Value) -> Value:
    """The text an attribute is sent and kept as; what is no scalar stays as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return value


def texts(value: Value) -> Value:
    """A set: sorted, without repetition."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted({str(wire(item)) for item in value})
    return value


def group_path(value: Value) -> Value:
    """A group's path. What does not begin at the top is a name there."""
    return value if not isinstance(value, str) or value.startswith("/") else f"/{value}"


def attribute_name(path: Path) -> str:
    """attributes.plan -> plan, as the user profile has it."""
    return path.removeprefix(ATTRIBUTES)


def in_utc(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
