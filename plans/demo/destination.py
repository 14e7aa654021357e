"""Makes the demo's destination: a directory file in which a few people, a group and an attribute already live."""

import sys
from pathlib import Path
from typing import Any, Final

from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.provider.calls import SessionCalls
from poolshift.provider.operation import Batch, JobHandle, Operation, Put
from poolshift.provider.session import Writer
from poolshift_providers.directory import PROVIDER
from poolshift_providers.directory.database import create
from poolshift_providers.directory.settings import Settings

PEOPLE: Final[tuple[dict[str, Any], ...]] = (
    {"email": "petra.early@example.com", "email_verified": True, "given_name": "Petra"},
    {"email": "paul.early@example.com", "email_verified": True, "given_name": "Paul", "family_name": "Early"},
    {"email": "page.early@example.com", "email_verified": True},
    {"email": "pim.early@example.com", "email_verified": True, "nickname": "Pim of the pier"},
    # Renamed herself here: the same person, another family name.
    {"email": "rita.renamed@example.com", "email_verified": True, "given_name": "Rita", "family_name": "Married"},
    # A stranger who never proved that the address is theirs.
    {"email": "vic.taken@example.com", "email_verified": False, "given_name": "Mallory"},
    # Nobody the source knows: they stay as they are.
    {"email": "keeper@example.org", "email_verified": True, "given_name": "Lighthouse", "family_name": "Keeper"},
    {"email": "harbour.master@example.org", "email_verified": True, "given_name": "Harbour", "family_name": "Master"},
)
SHARED: Final[tuple[tuple[Kind, dict[str, Any]], ...]] = (
    ("group", {"name": "book-club", "description": "Meets on the first Thursday"}),
    ("attribute", {"name": "attributes.plan", "type": "string", "max_length": 20}),
)


def make(path: Path) -> None:
    """Create the directory file. Raises InputError when it is already there, ValueError when a record is refused."""
    settings = Settings(path=path.name)
    create(path, settings)
    with SessionCalls(path.parent, writes=True, quotas=PROVIDER.documented(settings).quotas) as calls:
        writer = PROVIDER.writer(settings, calls, PROVIDER.documented(settings))
        for kind, values in SHARED:
            _put(writer, settings, kind, values)
        for values in PEOPLE:
            _put(writer, settings, "user", values)


def _put(writer: Writer, settings: Settings, kind: Kind, values: dict[str, Any]) -> None:
    route = next(route for route in PROVIDER.documented(settings).routes if route.name == "api" and route.kind == kind)
    changes = {field: Put(value) for field, value in values.items()}
    name = str(values.get("name") or values["email"])
    outcomes = writer.send(route, Batch((Operation(address(kind, name), kind, "create", changes),)))
    if isinstance(outcomes, JobHandle):
        raise ValueError(f"{kind}: the route works by job")
    for outcome in outcomes:
        if outcome.failure is not None:
            raise ValueError(f"{kind}: {outcome.failure.message}")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
