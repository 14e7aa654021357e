"""Law (b): the stages and the reference give every person the same verdict."""

from hypothesis import HealthCheck, given, settings

from poolshift.plan.change import Change
from poolshift.plan.match import choose_match
from poolshift.plan.person import Person
from tests.gather.population import Population, Seen, populations
from tests.gather.reference import reference
from tests.planning.rehearsal import Rehearsal

SETTINGS = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def engine(population: Population, partitions: int) -> dict[str, Seen]:
    """What the engine decides, by person: through spill files, in `partitions` of them."""
    rehearsal = population.rehearsal()
    return {
        person.source_id: _seen(rehearsal, person, [own for own in changes if own.kind == "user"], word)
        for person, changes, word in rehearsal.persons(partitions)
    }


def _seen(rehearsal: Rehearsal, person: Person, rows: list[Change], word: str) -> Seen:
    if word in ("unselected", "repeated"):
        assert not rows
        return Seen("", word)
    first = Seen(rows[0].rule, rows[0].action, rows[0].code, rows[0].destination_id) if rows else None
    if first is not None and (first.rule in ("N", "R5", "R9", "R10") or person.standing == "gone"):
        return first
    matched = choose_match(person.matches, person.base is not None, rehearsal.spec.policy)
    if first is not None and matched.match is None:
        return first
    assert matched.match is not None
    assert all(row.destination_id == matched.match.record for row in rows), (
        "a change of another record than the matched one"
    )
    return Seen(matched.rule, "matched", "", matched.match.record)


@SETTINGS
@given(populations())
def test_stages_and_reference_agree_on_every_person(population: Population) -> None:
    """Rule, action, code and record of everybody are those of the in-memory reference."""
    assert engine(population, 8) == reference(population)
