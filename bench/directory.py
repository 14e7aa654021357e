"""Fills a directory file by bulk, past the provider's writer, and changes it behind the engine's back."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final

from bench.people import GROUPS, Person, fate_of
from bench.spec import DIRECTORY
from poolshift_providers.directory import PROVIDER
from poolshift_providers.directory.settings import Settings

_BATCH: Final = 5000
_USER: Final = (
    "INSERT INTO users (id, username, email, email_verified, phone_number, phone_number_verified, name, given_name,"
    " family_name, locale, enabled, created_at, attributes) VALUES (?, ?, ?, 1, ?, 0, ?, ?, ?, ?, 1, ?, ?)"
)
_PLANS: Final = {"g": "gold", "s": "silver", "b": "bronze"}


def create(folder: Path) -> Path:
    """An empty directory with the attributes and groups of the benchmark."""
    PROVIDER.create(Settings(path=DIRECTORY), folder)
    path = folder / DIRECTORY
    with closing(_open(path)) as db:
        db.executemany(
            "INSERT INTO attributes (id, name, type, max_length) VALUES (?, ?, ?, ?)",
            [("a-plan", "attributes.plan", "string", 40), ("a-score", "attributes.score", "number", None)],
        )
        db.executemany("INSERT INTO groups (id, name) VALUES (?, ?)", [(f"id-{name}", name) for name in GROUPS])
    return path


def fill(path: Path, people: Iterable[Person], count: int) -> None:
    """Everybody as the last run left them, but for our markers. ``count``: people of the export, for their fates."""
    rest = iter(people)
    with closing(_open(path)) as db:
        db.execute("BEGIN")
        while some := list(islice(rest, _BATCH)):
            db.executemany(_USER, [_row(person, fate_of(person.number, count)) for person in some])
            db.executemany(
                'INSERT INTO group_members (user, "group") VALUES (?, ?)',
                [(person.destination_id, f"id-{name}") for person in some for name in person.groups],
            )
        db.execute("COMMIT")


def _row(person: Person, fate: str) -> tuple[Any, ...]:
    attributes = f'{{"attributes.plan":"{_PLANS[person.plan]}","attributes.score":{person.score}}}'
    return (
        person.destination_id,
        person.username,
        person.email.lower(),
        person.phone,
        f"{person.given} {person.family}",
        person.given,
        "Married" if fate == "settled" else person.family,
        person.locale,
        "2026-01-01T00:00:00Z",
        attributes,
    )


def mark(path: Path, rows: Iterable[tuple[str, str, str]]) -> None:
    """Writes our markers: (source id, owner, destination id)."""
    with closing(_open(path)) as db:
        db.execute("BEGIN")
        db.executemany("UPDATE users SET external_id = ?, owner = ? WHERE id = ?", rows)
        db.execute("COMMIT")


def change(path: Path, people: Iterable[Person]) -> None:
    """Somebody gives these people another locale at the destination."""
    with closing(_open(path)) as db:
        db.execute("BEGIN")
        db.executemany(
            "UPDATE users SET locale = 'de-BE' WHERE id = ?", ((person.destination_id,) for person in people)
        )
        db.execute("COMMIT")


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -262144")
    return db
