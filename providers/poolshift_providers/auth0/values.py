"""Values as Auth0 keeps and compares them. Each function is idempotent."""

from typing import Final

from poolshift.identity.value import Value

PREFIX: Final = "auth0|"
"""What a database connection puts before the id that was chosen for a user."""


def bare(value: Value) -> Value:
    """An id without the prefix it gets: sent with it, it would get it twice."""
    while isinstance(value, str) and value.startswith(PREFIX):
        value = value.removeprefix(PREFIX)
    return value


def whole_id(chosen: str) -> str:
    """The tenant's id of the user a chosen id becomes; one of another provider stays as it is."""
    return chosen if "|" in chosen else f"{PREFIX}{chosen}"
