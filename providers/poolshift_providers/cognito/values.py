"""Values as Cognito keeps and compares them: all of them text. Each function is idempotent."""

from typing import Final

from poolshift.identity.value import Value

VALUE_LENGTH: Final = 2048
TRUE: Final = frozenset({"true", "True", "TRUE", True})


def wire(value: Value) -> Value:
    """The text an attribute is sent and kept as; what is no scalar stays as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    return value
