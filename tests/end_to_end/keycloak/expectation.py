"""What the realm has to hold, worked out from the people alone: shares no code with the engine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tests.end_to_end.accounting import accounted, email_of, is_verified, merged_by_address
from tests.end_to_end.expectation import PLANS, phone_of
from tests.end_to_end.keycloak.ends import People
from tests.population.people import Person

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
    if providers - {_LINKED, _REBOUND}:
        return "identity provider"
    return "unverified link" if email_of(person) and _LINKED in providers and not is_verified(person) else ""


def _record(person: Person, twins: Iterable[Person]) -> dict[str, Any]:
    links = [identity for one in (person, *twins) for identity in one.identities]
    plain = set(person.groups)
    tenants = [part.strip() for part in person.attributes.get("custom:tenant", "").split(",") if part.strip()]
    fields = {
        "username": person.username.lower(),
        "email": email_of(person),
        "emailVerified": is_verified(person),
        "firstName": person.attributes.get("given_name"),
        "lastName": person.attributes.get("family_name"),
        "enabled": person.enabled,
    }
    attributes = {
        "phone": phone_of(person),
        "plan": PLANS.get(person.attributes.get("custom:plan", ""), "free"),
        "score": person.attributes.get("custom:score"),
    }
    return {name: value for name, value in fields.items() if value is not None} | {
        "attributes": {name: value for name, value in attributes.items() if value is not None},
        "actions": set(),
        "groups": {_group(name) for name in plain if not name.startswith(("admins", "role-", "tmp-", "org-"))},
        "roles": {_role(name) for name in plain if name.startswith(("admins", "role-"))},
        "organizations": set(tenants),
        "links": {("google", subject) for provider, subject in links if provider == _LINKED},
    }


def _group(name: str) -> str:
    return f"/teams/{name.removeprefix('team-')}" if name.startswith("team-") else f"/{name.replace(' ', '-')}"


def _role(name: str) -> str:
    return "administrators" if name == "admins" else name.removeprefix("role-")
