"""What the tenant has to hold, worked out from the people alone: shares no code with the engine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tests.end_to_end.accounting import accounted, email_of, is_verified, merged_by_address
from tests.end_to_end.auth0.tenant import People, group_name
from tests.end_to_end.expectation import PLANS, phone_of
from tests.population.people import Person

_PROVIDERS: Final = frozenset({"Google", "CorpSAML"})
_TRUSTED: Final = "Google"
_ROLES: Final = {
    "admins": "administrators",
    "role-editor": "editor",
    "role-viewer": "viewer",
    "role-billing": "billing",
}
_OF_A_TENANT: Final = {"org-owner": "owner", "org-member": "member"}


def expected(people: Sequence[Person]) -> tuple[People, Mapping[str, str]]:
    """(everybody who has to be there, why of everybody who must not be)."""
    return accounted(people, merged_by_address, _held, _record)


def _held(person: Person) -> str:
    """The first reason to wait for a person's decision."""
    if person.status == "UNKNOWN":
        return "status"
    if email_of(person) is None:
        return "no address"
    if {provider for provider, _ in person.identities} - _PROVIDERS:
        return "identity provider"
    if any(provider == _TRUSTED for provider, _ in person.identities) and not is_verified(person):
        return "unverified link"
    if _OF_A_TENANT.keys() & set(person.groups) and len(_tenants(person)) != 1:
        return "organization"
    return ""


def _record(person: Person, _twins: Iterable[Person]) -> dict[str, Any]:
    attributes, tenants, own = person.attributes, _tenants(person), set(person.groups)
    given, family = attributes.get("given_name"), attributes.get("family_name")
    score = attributes.get("custom:score")
    app = {
        "plan": PLANS.get(attributes.get("custom:plan", ""), "free"),
        "score": None if score is None else float(score),
    }
    fields = {
        "email": email_of(person),
        "email_verified": is_verified(person),
        "phone_number": phone_of(person),
        "phone_verified": attributes.get("phone_number_verified") == "true",
        "given_name": given,
        "family_name": family,
        "name": " ".join(part for part in (given, family) if part) or attributes.get("email"),
        "app_metadata": {name: value for name, value in app.items() if value is not None},
        "user_metadata": {"username": person.username},
        "blocked": None if person.enabled else True,
    }
    return {name: value for name, value in fields.items() if value is not None} | {
        "organizations": set(tenants),
        "roles": {("", _ROLES.get(name, group_name(name))) for name in own - _OF_A_TENANT.keys() if "tmp-" not in name}
        | {(tenants[0], role) for group, role in _OF_A_TENANT.items() if group in own},
    }


def _tenants(person: Person) -> list[str]:
    return [part.strip() for part in person.attributes.get("custom:tenant", "").split(",") if part.strip()]
