"""What the directory has to hold, worked out from the people alone: shares no code with the engine."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unicodedata import normalize

from tests.end_to_end.accounting import Merged, accounted, email_of, is_verified
from tests.end_to_end.migration import Directory
from tests.population.people import BAD_PHONES, Person

_NO_TENANT_NEEDED = {"admins", "beta", "team-red", "team-blue", "team-green", "Café staff"}
_RENAMED = {"admins": "administrators"}
_GLOBAL_ROLES = {"role-editor": "editor", "role-viewer": "viewer", "role-billing": "billing"}
_TENANT_ROLES = {"org-owner": "owner", "org-member": "member"}
PLANS = {"g": "gold", "s": "silver"}
_PROVIDERS = {"Google": "google", "CorpSAML": "corp-saml"}


def expected(people: Sequence[Person]) -> tuple[Directory, Mapping[str, str]]:
    """(everybody who has to be there, why of everybody who must not be)."""
    return accounted(people, _collide, _held, _record)


def _collide(people: Iterable[Person], left: dict[str, str]) -> Merged:
    """Native sub -> the federated twins merged into it. Who shares a way to sign in and is no twin is left out."""
    holders: dict[str, list[Person]] = defaultdict(list)
    merged: dict[str, list[Person]] = defaultdict(list)
    for person in people:
        for value in {email_of(person), person.username, phone_of(person)} - {None}:
            holders[str(value)].append(person)
    for value, own in holders.items():
        natives = [person for person in own if person.status != "EXTERNAL_PROVIDER"]
        if len(own) < 2:
            continue
        if "@" in value and len(natives) == 1 and all(map(is_verified, own)):
            for person in own:
                if person is not natives[0]:
                    merged[natives[0].sub].append(person)
                    left[person.sub] = "repeated"
        else:
            left.update((person.sub, "conflict") for person in own)
    return merged


def _held(person: Person) -> str:
    """The first reason to wait for a person's decision."""
    tenants = _tenants(person)
    if person.status == "UNKNOWN":
        return "status"
    if email_of(person) is None:
        return "no address"
    if any(provider not in _PROVIDERS for provider, _ in person.identities):
        return "identity provider"
    if any(provider == "Google" for provider, _ in person.identities) and not is_verified(person):
        return "unverified link"
    if _TENANT_ROLES.keys() & set(person.groups) and len(tenants) != 1:
        return "organization"
    return ""


def _record(person: Person, twins: Iterable[Person]) -> dict[str, Any]:
    given, family = (_text(person.attributes.get(name)) for name in ("given_name", "family_name"))
    score = person.attributes.get("custom:score")
    fields = {
        "username": person.username,
        "email": email_of(person),
        "email_verified": int(is_verified(person)),
        "phone_number": phone_of(person),
        "phone_number_verified": int(person.attributes.get("phone_number_verified") == "true"),
        "given_name": given,
        "family_name": family,
        "name": " ".join(part for part in (given, family) if part) or None,
        "enabled": int(person.enabled),
        "owner": "people",
        "attributes.plan": PLANS.get(person.attributes.get("custom:plan", ""), "free"),
        "attributes.score": None if score is None else float(score),
    }
    tenants = _tenants(person)
    own = set(person.groups)
    links = [identity for one in (person, *twins) for identity in one.identities]
    return {name: value for name, value in fields.items() if value is not None} | {
        "groups": {_RENAMED.get(name, name) for name in own & _NO_TENANT_NEEDED},
        "roles": {("", role) for group, role in _GLOBAL_ROLES.items() if group in own}
        | {(f"organization:{tenants[0]}", role) for group, role in _TENANT_ROLES.items() if group in own},
        "organizations": set(tenants),
        "links": {(_PROVIDERS[provider], subject) for provider, subject in links},
    }


def phone_of(person: Person) -> str | None:
    number = person.attributes.get("phone_number")
    return None if number in BAD_PHONES else number


def _tenants(person: Person) -> list[str]:
    return [part.strip() for part in person.attributes.get("custom:tenant", "").split(",") if part.strip()]


def _text(value: str | None) -> str | None:
    return None if value is None else normalize("NFC", value)
