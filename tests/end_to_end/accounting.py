"""Who has to be where, and why somebody is not: what all expectations share, worked out from the people alone."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tests.population.people import BAD_SCORES, LEFT_OUT, Person

Merged = Mapping[str, list[Person]]
"""Native sub -> the federated twins merged into it."""


def accounted(
    people: Sequence[Person],
    collide: Callable[[Iterable[Person], dict[str, str]], Merged],
    held: Callable[[Person], str],
    record: Callable[[Person, Iterable[Person]], dict[str, Any]],
) -> tuple[dict[str, dict[str, Any]], Mapping[str, str]]:
    """(everybody who has to be there, why of everybody who must not be).

    collide: also writes down who is left out by it. held: the first reason to wait for a person's decision, or "".
    """
    left: dict[str, str] = {}
    for person in people:
        if person.status in LEFT_OUT:
            left[person.sub] = "unselected"
        elif person.attributes.get("custom:score") in BAD_SCORES:
            left[person.sub] = "unmappable"
    planned = [person for person in people if person.sub not in left]
    merged = collide(planned, left)
    for person in planned:
        if person.sub not in left and (why := held(person)):
            left[person.sub] = why
    there = {person.sub: record(person, merged.get(person.sub, ())) for person in planned if person.sub not in left}
    return there, left


def merged_by_address(people: Iterable[Person], left: dict[str, str]) -> Merged:
    """Who shares an address and is no twin is left out."""
    holders: dict[str, list[Person]] = defaultdict(list)
    merged: dict[str, list[Person]] = {}
    for person in people:
        if address := email_of(person):
            holders[address].append(person)
    for own in holders.values():
        natives = [person for person in own if person.status != "EXTERNAL_PROVIDER"]
        if len(own) < 2:
            continue
        if len(natives) == 1 and all(map(is_verified, own)):
            merged[natives[0].sub] = [person for person in own if person is not natives[0]]
            left.update((person.sub, "repeated") for person in merged[natives[0].sub])
        else:
            left.update((person.sub, "conflict") for person in own)
    return merged


def email_of(person: Person) -> str | None:
    return person.attributes.get("email", "").casefold() or None


def is_verified(person: Person) -> bool:
    return person.attributes.get("email_verified") == "true"
