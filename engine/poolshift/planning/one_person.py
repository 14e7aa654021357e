"""Plans anew and keeps one person, named by address, source id, e-mail or username."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from poolshift.errors import UsageError
from poolshift.gather.gathered import Gathered
from poolshift.gather.source import Watch
from poolshift.identity.address import hash64, parse
from poolshift.identity.record import Record
from poolshift.plan.decide import Decided, decide
from poolshift.plan.person import Person
from poolshift.plan.rules import Rules
from poolshift.planning.compute import Progress, gathering, no_progress
from poolshift.planning.partition import people
from poolshift.planning.rules import bind_rules
from poolshift.planning.session import Session


@dataclass(frozen=True, slots=True)
class OnePerson:
    """``record``: as the source has it, None where it is gone from there."""

    person: Person
    record: Record | None
    decided: Decided
    rules: Rules
    gathered: Gathered


@contextmanager
def one_person(session: Session, who: str, progress: Progress = no_progress) -> Iterator[OnePerson]:
    """Raises UsageError where nobody, or more than one person, answers to ``who``."""
    watch, source_id = _watch(who)
    with gathering(session, "explain", progress, watch=watch) as (compiled, gathered, _):
        rules = bind_rules(
            session, compiled, gathered.shared, gathered.source_ends, gathered.destination_ends, destructive=True
        )
        found = {record.id: record for record in gathered.watched}
        if len(found) > 1:
            ids = ", ".join(f'user["{own}"]' for own in sorted(found))
            raise UsageError.of(
                "PERSON_AMBIGUOUS", f"{len(found)} people answer to that", f"Name one by address: {ids}."
            )
        wanted = next(iter(found), source_id)
        for person, _ in _partition_of(gathered, session, wanted):
            if person.source_id == wanted:
                yield OnePerson(person, found.get(wanted), decide(person, rules), rules, gathered)
                return
    raise UsageError.of(
        "PERSON_UNKNOWN",
        "neither the source nor the state knows that person",
        'Name the person by source id (user["…"]), by e-mail or by username as the source has it.',
    )


def _partition_of(gathered: Gathered, session: Session, source_id: str) -> Iterator[tuple[Person, int]]:
    bits = gathered.partitions.bit_length() - 1
    return people(gathered, session.store, hash64(source_id.encode()) >> (64 - bits))


def _watch(who: str) -> tuple[Watch, str]:
    """What to look for in the source, and the source id that is meant if the source has nobody."""
    try:
        _, parts = parse(who)
    except ValueError:
        folded = who.casefold()
        return lambda record: record.id == who or _answers_to(record, folded), who
    return lambda record: record.id == parts[0], parts[0]


def _answers_to(record: Record, folded: str) -> bool:
    names = (record.values.get("email"), record.values.get("username"), record.values.get("preferred_username"))
    return any(isinstance(name, str) and name.casefold() == folded for name in names)
