"""What the new pool has to hold, worked out from the people alone: shares no code with the engine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tests.end_to_end.accounting import accounted, email_of, is_verified, merged_by_address
from tests.end_to_end.cognito.pools import People, group_name
from tests.end_to_end.expectation import PLANS, phone_of
from tests.population.people import Person

_FEDERATED: Final = "EXTERNAL_PROVIDER"
_LINKED: Final = "Google"
_REBOUND: Final = "CorpSAML"
"""Found again at the next sign-in: nothing is written."""


def expected(people: Sequence[Person]) -> tuple[People, Mapping[str, str]]:
    """(everybody who has to be there, why of everybody who must not be)."""
    return accounted(people, merged_by_address, _held, _record)


def _held(person: Person) -> str:
    """The first reason to wait for a person's decision."""
    providers = {provider for provider, _ in person.identities}
    if person.status == "UNKNOWN":
        return "status"
    if email_of(person) is None:
        return "no address"
    if providers - {_LINKED, _REBOUND}:
        return "identity provider"
    return "unverified link" if _LINKED in providers and not is_verified(person) else ""


def _record(person: Person, twins: Iterable[Person]) -> dict[str, Any]:
    links = [identity for one in (person, *twins) for identity in one.identities]
    return {
        "attributes": {name: value for name, value in _attributes(person).items() if value is not None},
        "groups": {_group(name) for name in person.groups if not name.startswith("tmp-")},
        "links": {(provider, subject) for provider, subject in links if provider == _LINKED},
        # A password that nobody knows is for those who had one.
        "status": "FORCE_CHANGE_PASSWORD" if person.status == _FEDERATED else "CONFIRMED",
        "enabled": person.enabled,
        "factors": False,
    }


def _attributes(person: Person) -> dict[str, str | None]:
    given, family = (person.attributes.get(name) for name in ("given_name", "family_name"))
    return {
        "email": email_of(person),
        "email_verified": str(is_verified(person)).lower(),
        "phone_number": phone_of(person),
        "phone_number_verified": str(person.attributes.get("phone_number_verified") == "true").lower(),
        "given_name": given,
        "family_name": family,
        "name": " ".join(part for part in (given, family) if part) or None,
        "preferred_username": person.username,
        "custom:legacy_username": person.username,
        "custom:plan": PLANS.get(person.attributes.get("custom:plan", ""), "free"),
        "custom:score": person.attributes.get("custom:score"),
        "custom:tenant": person.attributes.get("custom:tenant"),
    }


def _group(name: str) -> str:
    return "administrators" if name == "admins" else group_name(name)
