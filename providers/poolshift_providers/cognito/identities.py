"""Federated identities: a JSON text in one attribute."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from poolshift.identity.value import UNKNOWN

AT_MOST: Final = 5


class Identity(NamedTuple):
    """created: milliseconds, as Cognito says; tells two identities of one provider apart without naming the subject.

    primary: the record itself is the federated user; else it is linked to a native one.
    """

    provider: str
    type: str
    subject: str
    primary: bool
    created: str


def identities_of(text: Any) -> tuple[Identity, ...]:
    """Raises ValueError when the text is not what Cognito writes."""
    try:
        return tuple(map(_identity, orjson.loads(text)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a list of identities") from error


def as_values(text: Any) -> Any:
    """A list of {provider, type, subject, primary}, or UNKNOWN."""
    try:
        return [
            {"provider": own.provider, "type": own.type, "subject": own.subject, "primary": own.primary}
            for own in identities_of(text)
        ]
    except ValueError:
        return UNKNOWN


def _identity(item: Mapping[str, Any]) -> Identity:
    """``primary`` is a boolean in lists of users and a text in tokens, and so is the number ``dateCreated``."""
    return Identity(
        provider=str(item["providerName"]),
        type=str(item.get("providerType") or ""),
        subject=str(item["userId"]),
        primary=item.get("primary") in (True, "true", "True"),
        created=str(item.get("dateCreated") or ""),
    )


def link_id(user: str, identity: Identity) -> str:
    return "\n".join((user, identity.provider, identity.created))
