"""People and secrets whose every value is recognised wherever it turns up."""

from dataclasses import dataclass, replace
from typing import Final

from tests.end_to_end.search import Search
from tests.population.people import BAD_PHONES, BAD_SCORES, Person

GIVEN: Final = "Kanarievogel"
FAMILY: Final = "Sijsjesmanïa"
MAILBOX: Final = "kanarie-7391"
DOMAIN: Final = "volière.example.com"
PHONE: Final = "324707391"
"""How every number begins, without its plus."""
SPACED_PHONE: Final = "470 73 91"
ODD_PHONE: Final = "0470-739-doorkiezen"
SUBJECT: Final = "108273645519283746551"
NAME_ID: Final = "NameID|Kanarie7391"
NOTE: Final = "zingt-elke-ochtend"
VALUES: Final = (GIVEN, FAMILY, MAILBOX, DOMAIN, PHONE, SPACED_PHONE, ODD_PHONE, SUBJECT, NAME_ID, NOTE)
EVERYBODY: Final = Search(VALUES)

FATES: Final = 10
"""Canaries a flock."""


def canaries(flocks: int = 1) -> list[Person]:
    """Flocks of one of each fate: created, linked, two of one address, held for a link, without a usable phone,
    unmappable, left out, held for an unverified link, federated. All share the beginnings of their values, which is
    what a search looks for."""
    return [person for flock in range(flocks) for person in _flock(flock * FATES)]


def address(number: int) -> str:
    return f"{MAILBOX}-{number}@{DOMAIN}"


def username(number: int) -> str:
    return f"{MAILBOX}_{number}"


def source_id(number: int) -> str:
    return f"00000000-0000-4000-9000-{number:012d}"


def _flock(first: int) -> list[Person]:
    number = [first + place for place in range(FATES + 1)]
    linked = [("Google", f"{SUBJECT}{number[2]}"), ("CorpSAML", f"{NAME_ID}{number[2]}")]
    federated = f"{SUBJECT}{number[10]}"
    return [
        _canary(number[1]),
        replace(_canary(number[2]), identities=linked),
        _canary(number[3], email=f"{MAILBOX}-same{first}@{DOMAIN}"),
        _canary(number[4], email=f"{MAILBOX}-SAME{first}@{DOMAIN}"),
        replace(_canary(number[5]), identities=[("Facebook", f"{SUBJECT}{number[5]}")]),
        _canary(number[6], phone_number=ODD_PHONE),
        _canary(number[7], **{"custom:score": NOTE}),
        replace(_canary(number[8]), status="UNCONFIRMED"),
        replace(_canary(number[9], email_verified="false"), identities=[("Google", f"{SUBJECT}{number[9]}")]),
        replace(
            _canary(number[10]),
            username=f"Google_{federated}",
            status="EXTERNAL_PROVIDER",
            identities=[("Google", federated)],
        ),
    ]


def _canary(number: int, **bent: str) -> Person:
    attributes = {
        "email": address(number),
        "email_verified": "true",
        "given_name": GIVEN,
        "family_name": FAMILY,
        "phone_number": f"+{PHONE}{number:02d}",
        "phone_number_verified": "true",
    }
    return Person(source_id(number), username(number), attributes=attributes | bent, groups=("beta",))


@dataclass(frozen=True)
class Secrets:
    """What the environment gives to a run. master: 32 bytes in base64."""

    client: str = "kanarie-klant-geheim-Zq7391+/w"
    aws: str = "Kanarie7391/aws+geheim/abcdefghijklmnop0"
    session: str = "KanarieSessie7391//////////abcdefg=="
    master: str = "S2FuYXJpZVNsZXV0ZWw3MzkxS2FuYXJpZVNsZXV0ZWw="

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AUTH0_CLIENT_SECRET": self.client,
            "AWS_SECRET_ACCESS_KEY": self.aws,
            "AWS_SESSION_TOKEN": self.session,
            "POOLSHIFT_KEY": self.master,
        }


def known(person: Person) -> Person:
    """The person in the words of the population, for expectations: what cannot be mapped is known to them by value."""
    bad = {ODD_PHONE: BAD_PHONES[0], NOTE: BAD_SCORES[0]}
    return replace(person, attributes={name: bad.get(value, value) for name, value in person.attributes.items()})
