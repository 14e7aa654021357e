"""Makes the people of the demo: an invented pool of "Harbour Books", as `aws cognito-idp` would export it.

Run it to write ``export/`` and ``groups/`` beside this file again; the same seed gives the same bytes.
"""

import json
import random
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

SEED: Final = 20261121
POOL: Final = "eu-west-1_HarbourBk"
PAGE: Final = 60  # list-users gives at most 60 users a page
NATIVE: Final = 166
FEDERATED: Final = 24

GIVEN: Final = (
    "Ada Amir Anouk Bela Bo Carla Ciro Dana Davi Edda Elif Emre Fay Finn Gus Hana Ida Ilan Iris Jona Juno Kai Lea Levi "
    "Lina Lou Mara Mila Nadi Nils Noor Odil Omar Pia Quin Rae Remi Rosa Sami Sena Siri Tess Theo Uma Vera Wim Xenia "
    "Yara Yves Zoe"
).split()
FAMILY: Final = (
    "Abbot Adler Bakker Berg Bloom Brook Castel Claes Dale Dekker Dunne Egan Ekman Faber Field Forde Garde Grove Haas "
    "Hale Holm Ivens Jansen Keane Kerr Klein Lund Maes Marsh Moss Nagel Noble Olsen Peck Pohl Quist Rand Rivers Roy "
    "Sand Stone Thorn Ulmer Vance Voss Wade Weir Wolff Yates Zeller"
).split()
GROUPS: Final[dict[str, str]] = {
    "admins": "May change anything in the shop",
    "staff-till": "Sells at the till",
    "staff-stock": "Orders and unpacks books",
    "book-club": "Meets on the first Thursday",
    "newsletter": "Reads our letter",
    "tmp-import-2019": "Left over from an older migration",
}


class Pool:
    """People in the order they signed up, and the groups they are in."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.users: list[dict[str, Any]] = []
        self.members: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUPS}
        self._clock = datetime(2019, 3, 4, 8, 30, tzinfo=UTC)
        self._names = [(given, family) for given in GIVEN for family in FAMILY]
        self.random.shuffle(self._names)

    def person(
        self,
        *,
        status: str = "CONFIRMED",
        enabled: bool = True,
        given: str | None = None,
        family: str | None = None,
        username: str | None = None,
        **attributes: str | None,
    ) -> dict[str, Any]:
        """Add somebody; an attribute given as None is one the person does not have."""
        some_given, some_family = self._names.pop()
        given, family = given or some_given, family or some_family
        sub = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        email = f"{given}.{family}@example.{self.random.choice(('com', 'com', 'org'))}".lower()
        values: dict[str, str | None] = {
            "sub": sub,
            "email": email,
            "email_verified": "true",
            "given_name": given,
            "family_name": family,
            "custom:plan": self.random.choice(("r", "r", "r", "c", "s", None)),
            "custom:points": str(self.random.randrange(0, 4000)),
        }
        values |= {name.replace("custom_", "custom:"): value for name, value in attributes.items()}
        created = self._tick()
        changed = created + timedelta(minutes=self.random.randrange(0, 60 * 24 * 400))
        user = {
            "Username": username or f"{given}{family}{self.random.randrange(10, 100)}".lower(),
            "Attributes": [{"Name": name, "Value": value} for name, value in values.items() if value is not None],
            "UserCreateDate": created.isoformat(timespec="milliseconds"),
            "UserLastModifiedDate": changed.isoformat(timespec="milliseconds"),
            "Enabled": enabled,
            "UserStatus": status,
        }
        self.users.append(user)
        return user

    def join(self, group: str, *people: dict[str, Any]) -> None:
        self.members[group] += people

    def _tick(self) -> datetime:
        self._clock += timedelta(minutes=self.random.randrange(60, 60 * 24 * 18))
        return self._clock


def google(pool: Pool) -> dict[str, Any]:
    """Somebody who signs in with Google only: Cognito marks such an e-mail as not verified unless it is mapped."""
    subject = str(pool.random.randrange(10**20, 10**21))
    linked = pool.random.randrange(1_560_000_000_000, 1_690_000_000_000)
    identity = {
        "userId": subject,
        "providerName": "Google",
        "providerType": "Google",
        "issuer": None,
        "primary": True,
        "dateCreated": linked,
    }
    return pool.person(
        status="EXTERNAL_PROVIDER",
        username=f"Google_{subject}",
        email_verified=pool.random.choice(("true", "false")),
        identities=json.dumps([identity]),
    )


def ordinary(pool: Pool) -> None:
    """Everybody there is nothing to say about."""
    for number in range(NATIVE):
        status = {11: "FORCE_CHANGE_PASSWORD", 47: "RESET_REQUIRED"}.get(number % 60, "CONFIRMED")
        verified = "false" if number % 40 == 7 else "true"
        pool.person(status=status, enabled=number % 45 != 20, email_verified=verified)
    for _ in range(FEDERATED):
        google(pool)
    for _ in range(4):
        pool.person(status="UNCONFIRMED", email_verified="false")
    everybody = [user for user in pool.users if user["Enabled"]]
    pool.join("admins", *pool.random.sample(everybody, 2))
    pool.join("staff-till", *pool.random.sample(everybody, 6))
    pool.join("staff-stock", *pool.random.sample(everybody, 4))
    pool.join("book-club", *pool.random.sample(everybody, 28))
    pool.join("newsletter", *pool.random.sample(everybody, 75))
    pool.join("tmp-import-2019", *pool.random.sample(everybody, 40))


def troubled(pool: Pool) -> None:
    """The people the plan has to stop at; the README tells what becomes of each."""
    pool.person(given="Nora", family="Case", username="noracase", email="nora.case@example.com")
    pool.person(given="Nora", family="Case", username="noracase2", email="Nora.Case@example.com")
    pool.person(given="Tom", family="Reed", username="tomreed", preferred_username="bookworm")
    pool.person(given="Tim", family="Reed", username="timreed", preferred_username="bookworm")
    pool.person(given="Otto", family="Letter", username="ottoletter", email=None, email_verified=None)
    pool.person(given="Olga", family="Number", username="olganumber", custom_points="a lot")
    pool.person(given="Vic", family="Taken", username="victaken", email="vic.taken@example.com")
    pool.person(given="Rita", family="Renamed", username="ritarenamed", email="rita.renamed@example.com")


def known(pool: Pool) -> None:
    """People who signed up at the destination before the migration, with the same verified e-mail."""
    for given, family in (("Petra", "Early"), ("Paul", "Early"), ("Page", "Early"), ("Pim", "Early")):
        email = f"{given}.{family}@example.com".lower()
        pool.person(given=given, family=family, username=f"{given}{family}".lower(), email=email)


def write(folder: Path) -> None:
    """The pages of list-users, and the groups with their members, below ``folder``."""
    pool = Pool()
    ordinary(pool)
    troubled(pool)
    known(pool)
    pool.random.shuffle(pool.users)
    pages = [pool.users[start : start + PAGE] for start in range(0, len(pool.users), PAGE)]
    for number, users in enumerate(pages, 1):
        page: dict[str, Any] = {"Users": users}
        if number < len(pages):
            page["PaginationToken"] = f"page-{number + 1}"
        _write(folder / "export" / f"users-{number}.json", page)
    groups = [
        {"GroupName": name, "UserPoolId": POOL, "Description": what, "Precedence": place}
        for place, (name, what) in enumerate(GROUPS.items())
    ]
    _write(folder / "groups" / "groups.json", {"Groups": groups})
    for name, members in pool.members.items():
        _write(folder / "groups" / "members" / f"{name}.json", {"GroupName": name, "Users": members})
    _write(folder / "pool.json", {"UserPool": {"Id": POOL, "Name": "harbour-books", "SchemaAttributes": _attributes()}})


def _attributes() -> list[dict[str, Any]]:
    types = {"custom:plan": "String", "custom:points": "Number"}
    return [{"Name": name, "AttributeDataType": type_, "Mutable": True} for name, type_ in types.items()]


def _write(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
