"""Is a state whole? Reads every row once and tells what does not fit; repairs nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import orjson

from poolshift.identity.address import parse
from poolshift.state import intents
from poolshift.state.connection import Connection
from poolshift.state.packing import person_key, person_of
from poolshift.state.rule_sets import RuleSets

EVERYTHING: Final = (b"", b"\xff" * 9)

_DANGLING: Final = {
    "intents of no open window": (
        'SELECT count(*) FROM intents WHERE "window" NOT IN (SELECT number FROM windows WHERE closed_at IS NULL)'
    ),
    "windows of no run": "SELECT count(*) FROM windows WHERE run NOT IN (SELECT id FROM runs)",
    "failures of no run": "SELECT count(*) FROM failures WHERE run NOT IN (SELECT id FROM runs)",
    "finished addresses of no open plan": (
        "SELECT count(*) FROM finished WHERE plan NOT IN (SELECT id FROM plans WHERE status = 'open')"
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not fit, and how often."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Verified:
    """digest: hex SHA-256 over all base rows in hash order; two copies of a state have the same."""

    people: int
    shared: int
    digest: str
    problems: tuple[Problem, ...]


def verify(connection: Connection) -> Verified:
    """Raises StateUnusable where the database cannot even be read."""
    found: Counter[str] = Counter(connection.check())
    rule_sets = RuleSets({number: orjson.loads(rules) for number, rules in _rows(connection, "rule_sets")})
    digest = sha256()
    people = shared = 0
    for key, row in connection.people(*EVERYTHING):
        people += 1
        digest.update(len(key).to_bytes(4, "big") + key + len(row).to_bytes(4, "big") + row)
        found.update(_fault("people whose row does not read", _person, key, row, rule_sets))
    for name, row in connection.all("SELECT address, base FROM shared ORDER BY address"):
        shared += 1
        digest.update(name.encode() + b"\0" + row)
        found.update(_fault("shared rows that do not read", _shared, name, row, rule_sets))
    for name, body in connection.all("SELECT address, body FROM intents"):
        found.update(_fault("intents that do not read", intents.unpack, name, body, rule_sets))
    for what, sql in _DANGLING.items():
        found[what] += connection.one(sql)[0]
    problems = tuple(Problem(what, count) for what, count in sorted(found.items()) if count)
    return Verified(people, shared, digest.hexdigest(), problems)


def _rows(connection: Connection, table: str) -> Iterator[tuple[Any, ...]]:
    return connection.rows(table)[1]


def _fault(what: str, read: Callable[..., object], *parts: object) -> Iterator[str]:
    try:
        read(*parts)
    except ValueError:
        yield what


def _person(key: bytes, row: bytes, rule_sets: RuleSets) -> None:
    source_id = person_of(key)
    if person_key(source_id) != key:
        raise ValueError("the key has another hash than its id")
    rule_sets.unpack(source_id, row)


def _shared(name: str, row: bytes, rule_sets: RuleSets) -> None:
    parse(name)
    rule_sets.unpack(name, row)
