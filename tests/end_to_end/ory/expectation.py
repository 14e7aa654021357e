"""What Ory has to hold, worked out from the people alone: shares no code with the engine."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.end_to_end.accounting import email_of, is_verified
from tests.end_to_end.cognito import expectation as of_pools
from tests.end_to_end.cognito.pools import group_name
from tests.end_to_end.expectation import PLANS, phone_of
from tests.population.people import Person
from tests.servers.ory.identities import Identity

People = Mapping[str, Mapping[str, Any]]
"""Everybody by the id they had, without ids and times of Ory's own."""


def expected(people: Sequence[Person]) -> tuple[People, Mapping[str, str]]:
    """(everybody who has to be there, why of everybody who must not be): who may not, may not in a new pool either."""
    there, left = of_pools.expected(people)
    by_sub = {person.sub: person for person in people}
    return {sub: _identity(by_sub[sub], own["links"]) for sub, own in there.items()}, left


def moved(identities: Sequence[Identity]) -> People:
    """Who is there. Nobody may be there twice."""
    found: dict[str, Mapping[str, Any]] = {}
    for own in identities:
        assert own["external_id"] not in found
        credentials = own["credentials"]
        providers = credentials.get("oidc", {"config": {"providers": []}})["config"]["providers"]
        found[own["external_id"]] = {
            "traits": own["traits"],
            "metadata_public": own["metadata_public"],
            "metadata_admin": own["metadata_admin"],
            "state": own["state"],
            "verified": {(one["via"], one["value"]) for one in own["verifiable_addresses"] if one["verified"]},
            "recovery": [one["value"] for one in own["recovery_addresses"]],
            "links": {(one["provider"], one["subject"]) for one in providers},
            "passwords": credentials["password"]["config"],
        }
    return found


def _identity(person: Person, links: set[tuple[str, str]]) -> dict[str, Any]:
    email, phone = str(email_of(person)), phone_of(person)
    name = {"first": person.attributes.get("given_name"), "last": person.attributes.get("family_name")}
    score = person.attributes.get("custom:score")
    traits = {
        "email": email,
        "phone_number": phone,
        "name": {part: value for part, value in name.items() if value} or None,
        "plan": PLANS.get(person.attributes.get("custom:plan", ""), "free"),
        "score": None if score is None else float(score),
    }
    public = {
        "groups": sorted(group_name(own) for own in person.groups if not own.startswith("tmp-")),
        "tenant": person.attributes.get("custom:tenant"),
    }
    verified = {("email", email)} if is_verified(person) else set()
    if phone is not None and person.attributes.get("phone_number_verified") == "true":
        verified |= {("sms", phone)}
    return {
        "traits": {path: value for path, value in traits.items() if value is not None},
        "metadata_public": {path: value for path, value in public.items() if value is not None},
        "metadata_admin": {"username": person.username},
        "state": "active" if person.enabled else "inactive",
        "verified": verified,
        "recovery": [email],
        "links": {("google", subject) for _, subject in links},
        "passwords": {},
    }
