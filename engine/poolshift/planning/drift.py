"""drift: what changed at the destination since the last apply. The source does not matter here."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.gather.gathered import Gathered
from poolshift.identity.value import Path, Value
from poolshift.plan.match import Match
from poolshift.plan.person import Person
from poolshift.plan.rules import Rules
from poolshift.plan.sets import sets_of
from poolshift.planning.compute import Progress, gathering, no_progress
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.partition import people
from poolshift.planning.rules import bind_rules
from poolshift.planning.session import Session
from poolshift.state.base import ABSENT_FP, Base

SAMPLES: Final = 3
Class = tuple[str, tuple[str, ...]]


def drift(session: Session, progress: Progress = no_progress) -> dict[str, Any]:
    """The drift document. exit code: 2 where anything drifted, for ``--detailed-exitcode``."""
    with gathering(session, "drift", progress) as (compiled, gathered, _):
        rules = bind_rules(
            session, compiled, gathered.shared, gathered.source_ends, gathered.destination_ends, destructive=True
        )
        counts: dict[Class, int] = {}
        samples: dict[Class, list[str]] = {}
        for own, address in _drifted(session, gathered, rules):
            counts[own] = counts.get(own, 0) + 1
            if len(samples.setdefault(own, [])) < SAMPLES:
                samples[own].append(address)
    classes = [
        {"kind": kind, "fields": list(fields), "count": counts[kind, fields], "samples": samples[kind, fields]}
        for kind, fields in sorted(counts, key=lambda own: (-counts[own], own))
    ]
    drifted = sum(counts.values())
    return {
        "format_version": FORMAT_VERSION,
        "verdict": {"drifted": drifted, "exit_code": 2 if drifted else 0},
        "classes": classes,
    }


def _drifted(session: Session, gathered: Gathered, rules: Rules) -> Iterator[tuple[Class, str]]:
    for partition in range(gathered.partitions):
        for person, _ in people(gathered, session.store, partition):
            if person.base is not None:
                yield from _of_person(person, person.base, rules)


def _of_person(person: Person, base: Base, rules: Rules) -> Iterator[tuple[Class, str]]:
    match = next((match for match in person.matches if match.rank == 1 and match.standing == "ok"), None)
    if match is None:
        if rules.destination_read:
            yield ("user", ("(gone)",)), person.address
        return
    moved = _moved_fields(person, base, match, rules)
    if moved:
        yield ("user", moved), person.address
    present = sets_of(person, rules).present
    for key, element in base.elements.items():
        if element.actual and key not in present and not rules.unread:
            yield ("membership", ("(removed)",)), person.address


def _moved_fields(person: Person, base: Base, match: Match, rules: Rules) -> tuple[str, ...]:
    if person.actual is None:
        return ()
    actual: Mapping[Path, Value] = person.actual(match.place)
    moved = []
    for path, pair in base.fields.items():
        if rules.unreadable(path) or path in actual.get("?", ()):
            continue
        have = rules.fingerprint(path, actual[path]) if path in actual else ABSENT_FP
        if have != pair[1]:
            moved.append(path)
    return tuple(sorted(moved))
