"""Invented people for a pool: the population's mixture, with the second factors that only a pool knows of."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from tests.population.export import record_of
from tests.population.people import Person, people

_FACTORS: Final = (("SOFTWARE_TOKEN_MFA",), ("SMS_MFA",), ("SMS_MFA", "SOFTWARE_TOKEN_MFA"), ())


def records(count: int) -> Iterator[dict[str, Any]]:
    """The first ``count`` of the mixture; see records_of."""
    return records_of(people(count))


def records_of(everybody: Iterable[Person]) -> Iterator[dict[str, Any]]:
    """UserType with second factors and the names of the groups."""
    for number, person in enumerate(everybody):
        record = record_of(person) | {"Groups": person.groups}
        has_phone = "phone_number" in person.attributes
        factors = [name for name in _FACTORS[number % 4] if has_phone or name != "SMS_MFA"]
        if factors and person.status == "CONFIRMED":
            record |= {"UserMFASettingList": factors, "PreferredMfaSetting": factors[0]}
        yield record


def groups(people: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The groups the records name, with their members."""
    found: dict[str, dict[str, Any]] = {}
    for record in people:
        for name in record["Groups"]:
            group = found.setdefault(name, {"Description": f"The {name}", "Precedence": len(found), "Members": []})
            group["Members"].append(record["Username"])
    return found
