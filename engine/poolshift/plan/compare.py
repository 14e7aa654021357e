"""verify: desired against actual of one person, whatever was done before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.identity.value import ABSENT
from poolshift.plan.decide import UNKNOWN_PATHS, Decided, decide
from poolshift.plan.match import Match, choose_match
from poolshift.plan.person import Person
from poolshift.plan.rules import Rules
from poolshift.plan.sets import sets_of
from poolshift.state.base import ABSENT_FP

NOT_COUNTED: Final = frozenset({"seed", "write_once", "write_only", "observe"})
"""Modes under which the two sides may differ for good."""


@dataclass(frozen=True, slots=True)
class Difference:
    """``open``: an open conflict or hold of the plan says so already. listed: told, not counted."""

    kind: str
    address: str
    path: str
    code: str
    open: bool = False
    listed: str = ""


def compare(person: Person, rules: Rules, parents: set[tuple[Kind, tuple[str, ...]]]) -> Iterator[Difference]:
    """The differences of a selected person; none for one that is left out or gone.

    parents: takes the shared records the person's elements need.
    """
    if person.standing not in ("selected", "twice"):
        return
    decided = decide(person, rules)
    parents.update(decided.tallied.parents)
    if decided.tallied.verdict in ("repeated", "unselected"):
        return
    if decided.tallied.verdict == "hold" or _whole_conflict(person, decided, rules):
        code = next((change.code for change in decided.changes if change.kind == "user"), "")
        yield Difference("user", person.address, "", code, open=True)
        return
    match = choose_match(person.matches, person.base is not None, rules.policy).match
    if match is None:
        yield Difference("user", person.address, "", "MISSING")
        return
    yield from _fields(person, match, decided, rules)
    yield from _elements(person, decided, rules)


def _whole_conflict(person: Person, decided: Decided, rules: Rules) -> bool:
    return any(
        change.action == "conflict" and (not change.fields or {own.path for own in change.fields} & rules.identity)
        for change in decided.changes
        if change.address == person.address
    )


def _fields(person: Person, match: Match, decided: Decided, rules: Rules) -> Iterator[Difference]:
    if rules.records.of_bytes(person.encoded) == match.digest:
        return
    if person.actual is None:
        raise ValueError("a matched person needs a reader of destination records")
    desired, actual = orjson.loads(person.encoded), person.actual(match.place)
    unread = actual.get(UNKNOWN_PATHS, ())
    conflicts = {own.path for change in decided.changes if change.action == "conflict" for own in change.fields}
    for path in rules.paths:
        wanted, seen = desired.get(path), actual.get(path)
        if wanted == seen or (path not in desired and path not in rules.own_rules):
            continue
        if path in unread or rules.unreadable(path) or path in person.unknown:
            why = "could not be mapped" if path in person.unknown else "cannot be read"
            yield Difference("user", person.address, path, "DIFFERS", listed=why)
            continue
        listed = _listed(person, path, desired.get(path, ABSENT), actual.get(path, ABSENT), rules)
        if path not in desired and not listed and not _ours(person, path):
            continue
        yield Difference("user", person.address, path, "DIFFERS", open=path in conflicts, listed=listed)


def _ours(person: Person, path: str) -> bool:
    """A value nobody wants is a difference only where we wrote it."""
    pair = person.base.fields.get(path) if person.base is not None else None
    return pair is not None and pair[0] != ABSENT_FP


def _listed(person: Person, path: str, wanted: object, seen: object, rules: Rules) -> str:
    mode = rules.mode(path)
    if mode in NOT_COUNTED:
        return f"mode {mode}"
    if person.base is None:
        return ""
    if person.base.handover and mode == "authority":
        return "after handover"
    want = ABSENT_FP if wanted is ABSENT else rules.fingerprint(path, wanted)
    have = ABSENT_FP if seen is ABSENT else rules.fingerprint(path, seen)
    return "settled" if person.base.fields.get(path) == (want, have) else ""


def _elements(person: Person, decided: Decided, rules: Rules) -> Iterator[Difference]:
    sets = sets_of(person, rules)
    open_rows = {change.address for change in decided.changes if change.action in ("conflict", "hold")}
    for key in sorted(sets.wanted.keys() | sets.present.keys()):
        wanted, present = sets.wanted.get(key), sets.present.get(key)
        if (wanted is None) == (present is None):
            continue
        own = person.base.elements.get(key) if person.base is not None else None
        kind = wanted.kind if wanted is not None else present.kind if present is not None else "link"
        parts = wanted.parts if wanted is not None else present.parts if present is not None else ()
        name = address(kind, person.source_id, *parts)
        listed = ""
        if kind in rules.unread:
            listed = "cannot be read"
        elif own is not None and (own.desired, own.actual) == (wanted is not None, present is not None):
            listed = "settled"
        code = "MISSING" if present is None else "EXTRA"
        yield Difference(kind, name, "", code, open=name in open_rows, listed=listed)
