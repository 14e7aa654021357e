"""The people: every status, twins, shared and unverified addresses, odd names, numbers that are none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final
from uuid import UUID

SEED: Final = 20261121
GROUPS: Final = (
    "admins",
    "beta",
    "team-red",
    "team-blue",
    "team-green",
    "role-editor",
    "role-viewer",
    "role-billing",
    "org-owner",
    "org-member",
    "tmp-import",
    "Café staff",
)
OF_A_TENANT: Final = ("org-owner", "org-member")
TENANTS: Final = ("acme", "bigco", "globex", "initech", "umbra")
PLANS: Final = ("g", "s", "trial", None)
GIVEN: Final = (
    "Aafje",
    "Bram",
    "Chloé",
    "Dörte",
    "Eoghan",
    "Fatou",
    "Gülşen",
    "Håkon",
    "Ines",
    "Jürgen",
    "Каріна",
    "美咲",
)
FAMILY: Final = ("Aerts", "Ó Briain", "van der Berg, Jr.", "De Smet", "Nuñez", "Łukasik", "Müller-Lüdenscheidt", "山田")
DECOMPOSED: Final = "Zoe\u0308"
"""A name in the form some keyboards make: equal to the composed one only after normalisation."""

LEFT_OUT: Final = ("UNCONFIRMED", "ARCHIVED", "COMPROMISED")
TEMPORARY: Final = ("FORCE_CHANGE_PASSWORD", "RESET_REQUIRED")
BAD_PHONES: Final = ("0000", "+999123456789012345", "extension 12")
BAD_SCORES: Final = ("abc", "12,5", "1e999")


@dataclass
class Person:
    """One record of the pool. ``attributes``: as the pool holds them, beside sub; identities: (provider, subject)."""

    sub: str
    username: str
    status: str = "CONFIRMED"
    enabled: bool = True
    created: float = 0.0
    modified: float = 0.0
    attributes: dict[str, str] = field(default_factory=dict)
    identities: list[tuple[str, str]] = field(default_factory=list)
    groups: tuple[str, ...] = ()


def people(count: int, seed: int = SEED) -> list[Person]:
    """The first ``count`` of an endless mixture: each recipe once, then by weight. A pair may be cut at the end."""
    random = Random(seed)
    found: list[Person] = []
    for recipe in _recipes(random):
        found += recipe(_Maker(random, len(found)))
        if len(found) >= count:
            break
    return found[:count]


Recipe = Callable[["_Maker"], list[Person]]


def _recipes(random: Random) -> Iterator[Recipe]:
    recipes = list(WEIGHTS)
    yield from recipes
    while True:
        yield from random.choices(recipes, list(WEIGHTS.values()), k=100)


class _Maker:
    """Makes plain people numbered from ``first``, which recipes then bend."""

    def __init__(self, random: Random, first: int) -> None:
        self.random = random
        self._next = first

    def plain(self) -> Person:
        random, number = self.random, self._next
        self._next += 1
        created = 1_600_000_000 + random.randrange(150_000_000) + random.choice((0.0, 0.25))
        given = DECOMPOSED if number % 17 == 3 else random.choice(GIVEN)
        person = Person(
            sub=str(UUID(int=random.getrandbits(128), version=4)),
            username=f"person-{number}",
            enabled=random.random() > 0.05,
            created=created,
            modified=created + random.randrange(10_000_000),
            attributes={
                "email": f"{random.choice(('Info', 'post', 'me'))}.{number}@example.com",
                "email_verified": "true",
                "given_name": given,
                "family_name": random.choice(FAMILY),
            },
        )
        self._adorn(person, number)
        return person

    def _adorn(self, person: Person, number: int) -> None:
        random, attributes = self.random, person.attributes
        if random.random() < 0.4:
            attributes["phone_number"] = f"+32470{number:06d}"
            attributes["phone_number_verified"] = random.choice(("true", "false"))
        if (plan := random.choice(PLANS)) is not None:
            attributes["custom:plan"] = plan
        if random.random() < 0.5:
            attributes["custom:score"] = random.choice((str(random.randrange(1000)), f"{random.randrange(1000)}.5"))
        if random.random() < 0.6:
            attributes["custom:tenant"] = random.choice(TENANTS)
        groups = random.sample(GROUPS, random.choice((0, 0, 0, 1, 1, 2, 3, 5)))
        has_tenant = "custom:tenant" in attributes
        person.groups = tuple(sorted(name for name in groups if has_tenant or name not in OF_A_TENANT))


def _plain(make: _Maker) -> list[Person]:
    return [make.plain()]


def _federated(make: _Maker) -> list[Person]:
    person = make.plain()
    provider = make.random.choice(("Google", "CorpSAML"))
    subject = f"10{make.random.randrange(10**19):019d}" if provider == "Google" else f"NameID|{person.username.upper()}"
    person.status = "EXTERNAL_PROVIDER"
    person.username = f"{provider}_{subject}"
    person.identities = [(provider, subject)]
    return [person]


def _linked(make: _Maker) -> list[Person]:
    """A native person who may sign in by two identity providers as well."""
    person = make.plain()
    person.identities = [("Google", f"11{make.random.randrange(10**19):019d}"), ("CorpSAML", f"nid-{person.username}")]
    return [person]


def _twins(make: _Maker) -> list[Person]:
    """One person as a native and as a federated record, the address verified on both."""
    native, [federated] = make.plain(), _federated(make)
    federated.attributes["email"] = native.attributes["email"].upper()
    return [native, federated]


def _same_address(make: _Maker) -> list[Person]:
    """Two native people whose addresses differ in case only."""
    first, second = make.plain(), make.plain()
    second.attributes["email"] = first.attributes["email"].swapcase()
    return [first, second]


def _unverified_twin(make: _Maker) -> list[Person]:
    """The federated record's address is not verified: nobody may take them for one person."""
    native, federated = _twins(make)
    federated.attributes["email_verified"] = "false"
    return [native, federated]


def _same_phone(make: _Maker) -> list[Person]:
    first, second = make.plain(), make.plain()
    first.attributes["phone_number"] = second.attributes["phone_number"] = "+32471" + first.username[7:].zfill(6)
    return [first, second]


def _with(**bent: str | None) -> Recipe:
    """A plain person with some attributes changed (None = without it); ``custom_x`` stands for ``custom:x``."""

    def recipe(make: _Maker) -> list[Person]:
        person = make.plain()
        for name, value in bent.items():
            key = name.replace("custom_", "custom:")
            person.attributes.pop(key, None)
            if value is not None:
                person.attributes[key] = value
        if "custom:tenant" not in person.attributes:
            person.groups = tuple(name for name in person.groups if name not in OF_A_TENANT)
        return [person]

    return recipe


def _of_status(*statuses: str) -> Recipe:
    def recipe(make: _Maker) -> list[Person]:
        person = make.plain()
        person.status = make.random.choice(statuses)
        return [person]

    return recipe


def _bad(name: str, values: tuple[str, ...]) -> Recipe:
    def recipe(make: _Maker) -> list[Person]:
        person = make.plain()
        person.attributes[name] = make.random.choice(values)
        return [person]

    return recipe


def _owner_of(tenant: str | None) -> Recipe:
    """In a group that means a role in an organization: none (None), or several to choose from."""

    def recipe(make: _Maker) -> list[Person]:
        [person] = _with(custom_tenant=tenant)(make)
        person.groups = tuple(sorted({*person.groups, "org-owner"}))
        return [person]

    return recipe


def _untrusted_link(make: _Maker) -> list[Person]:
    [person] = _linked(make)
    person.attributes["email_verified"] = "false"
    return [person]


def _unknown_provider(make: _Maker) -> list[Person]:
    person = make.plain()
    person.identities = [("Facebook", f"fb-{person.username}")]
    return [person]


WEIGHTS: Final[dict[Recipe, int]] = {
    _plain: 600,
    _federated: 80,
    _linked: 40,
    _of_status(*TEMPORARY): 60,
    _of_status(*LEFT_OUT): 40,
    _of_status("UNKNOWN"): 3,
    _twins: 20,
    _same_address: 4,
    _unverified_twin: 3,
    _same_phone: 3,
    _with(email=None, email_verified=None): 10,
    _with(email=""): 2,
    _with(email_verified="false"): 40,
    _with(custom_tenant="acme,globex"): 10,
    _with(given_name=None, family_name=None): 10,
    _bad("phone_number", BAD_PHONES): 10,
    _bad("custom:score", BAD_SCORES): 4,
    _owner_of(None): 3,
    _owner_of("acme, umbra"): 3,
    _untrusted_link: 4,
    _unknown_provider: 3,
}
