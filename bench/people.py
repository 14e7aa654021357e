"""Invented people of the benchmark: person ``n`` is the same in every run; what happened to it follows from ``n``."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

THOUSAND: Final = 1000
GROUPS: Final = tuple(f"group-{number:02d}" for number in range(60))
MEMBERSHIPS: Final = 3

_SHARES: Final = (
    ("new", 10),
    ("shared", 1),
    ("by_email", 50),
    ("changed", 20),
    ("drifted", 5),
    ("conflicting", 2),
    ("settled", 300),
    ("equal", 612),
)
"""Of a thousand people: 1 % new, 0.1 % with an e-mail that another new person has, 5 % known by e-mail only, 2 %
changed at the source, 0.5 % at the destination, 0.2 % at both, 30 % with a settled divergence."""

_FATES: Final = tuple(fate for fate, count in _SHARES for _ in range(count))
GONE_OF_A_THOUSAND: Final = 1

_GIVEN: Final = ("Aafje", "Bram", "Chloe", "Dirk", "Eoghan", "Fatou", "Gulsen", "Hakon", "Ines", "Jurgen", "Karina")
_FAMILY: Final = ("Aerts", "Briain", "van der Berg", "De Smet", "Nunez", "Lukasik", "Muller", "Yamada", "Okafor")
_PLANS: Final = "gsb"


def fate_of(number: int, people: int) -> str:
    """What happened to a person since the last run; those from ``people`` on are gone."""
    return _FATES[number % THOUSAND] if number < people else "gone"


@dataclass(frozen=True, slots=True)
class Person:
    """One person. locale: at the source; there_locale, there_family: at the destination."""

    number: int
    sub: str
    destination_id: str
    username: str
    email: str
    phone: str
    given: str
    family: str
    locale: str
    plan: str
    score: int
    groups: tuple[str, ...]

    def export(self) -> str:
        """One element of Users, as JSON: 12 attributes."""
        return (
            f'{{"Username":"{self.username}","Attributes":[{{"Name":"sub","Value":"{self.sub}"}},'
            f'{{"Name":"email","Value":"{self.email}"}},{{"Name":"email_verified","Value":"true"}},'
            f'{{"Name":"phone_number","Value":"{self.phone}"}},{{"Name":"phone_number_verified","Value":"false"}},'
            f'{{"Name":"given_name","Value":"{self.given}"}},{{"Name":"family_name","Value":"{self.family}"}},'
            f'{{"Name":"locale","Value":"{self.locale}"}},{{"Name":"zoneinfo","Value":"Europe/Brussels"}},'
            f'{{"Name":"custom:plan","Value":"{self.plan}"}},{{"Name":"custom:score","Value":"{self.score}"}},'
            f'{{"Name":"custom:origin","Value":"shop"}}],"UserCreateDate":1700000000.25,'
            f'"UserLastModifiedDate":{1_710_000_000 + self.number},"Enabled":true,"UserStatus":"CONFIRMED"}}'
        )


def person(number: int, people: int, *, now: bool) -> Person:
    """Person ``number``; ``now``: as the source has it today, else as at the last run."""
    digest = blake2b(number.to_bytes(8, "big"), digest_size=16).hexdigest()
    fate = fate_of(number, people)
    moved = now and fate in ("changed", "conflicting")
    return Person(
        number=number,
        sub=f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}",
        destination_id=digest[::-1],
        username=f"person-{number}",
        email=_email(number, fate),
        phone=f"+32470{number:07d}",
        given=_GIVEN[number % len(_GIVEN)],
        family=_FAMILY[number % len(_FAMILY)],
        locale="fr-BE" if moved else "nl-BE",
        plan=_PLANS[number % len(_PLANS)],
        score=number % 1013,
        groups=tuple(GROUPS[(number + step) % len(GROUPS)] for step in (0, 7, 23)),
    )


def _email(number: int, fate: str) -> str:
    """Two and two of those who share one share it: the one of the odd thousand has that of the even one before."""
    if fate == "shared" and number // THOUSAND % 2:
        number -= THOUSAND
    return f"Person.{number}@example.com"


def everybody(people: int, *, now: bool) -> Iterator[Person]:
    """The people of the export today, or at the last run. ``people`` is a multiple of 2,000."""
    if now:
        yield from (person(number, people, now=True) for number in range(people))
        return
    absent = ("new", "shared", "by_email")
    for number in range(people + people // THOUSAND * GONE_OF_A_THOUSAND):
        if fate_of(number, people) not in absent:
            yield person(number, people, now=False)


def counts(people: int) -> dict[str, int]:
    """People by what happened to them."""
    return {fate: people // THOUSAND * count for fate, count in (*_SHARES, ("gone", GONE_OF_A_THOUSAND))}
