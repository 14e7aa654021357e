"""The laws of matching, by their letters. (b) is `test_reference`, (e) is `test_hot_value`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poolshift.plan.person import Person
from tests.gather.population import Population, Someone, There, populations
from tests.gather.test_reference import engine
from tests.planning.rehearsal import MIGRATION, Rehearsal

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def plan_bytes(rehearsal: Rehearsal, partitions: int = 8) -> tuple[str, Sequence[Any]]:
    plan = rehearsal.plan(partitions=partitions)
    return plan.digest, plan.rows


@SETTINGS
@given(populations(), st.randoms(use_true_random=False))
def test_a_partitions_and_input_order_do_not_change_the_plan(population: Population, random: Any) -> None:
    """(a) K = 1, 8, 128 and any order of the input give the same rows and digest."""
    expected = plan_bytes(population.rehearsal(), 1)
    shuffled = replace(
        population,
        people=tuple(random.sample(population.people, len(population.people))),
        there=tuple(random.sample(population.there, len(population.there))),
        base=tuple(random.sample(population.base, len(population.base))),
    )
    for partitions in (8, 128):
        assert plan_bytes(shuffled.rehearsal(), partitions) == expected


@settings(SETTINGS, max_examples=200)
@given(populations())
def test_c_nobody_shares_a_record(population: Population) -> None:
    """(c) A record is given to at most one person; a person gets one record, the one that its rows name."""
    given_away = Counter(seen.record for seen in engine(population, 8).values() if seen.action == "matched")
    assert all(count == 1 for count in given_away.values())


@SETTINGS
@given(populations())
def test_d_never_a_match_by_an_unverified_value(population: Population) -> None:
    """(d) Whoever is matched has a base, a marker or a verified e-mail on both sides to show for it."""
    people, there = {own.id: own for own in population.people}, {own.id: own for own in population.there}
    for source_id, seen in engine(population, 8).items():
        if seen.action != "matched" or seen.record is None:
            continue
        one, other = people[source_id], there[seen.record]
        verified = one.verified and other.verified and one.email.lower() == other.email.lower()
        assert (source_id, seen.record) in population.base or other.marker == source_id or verified


@SETTINGS
@given(populations(), st.data())
def test_f_removing_a_record_never_adopts_what_is_somebody_elses(population: Population, data: st.DataObject) -> None:
    """(f) With one record less, nobody who was in conflict silently takes over a record with a foreign marker."""
    records: list[Someone | There] = [*population.people, *population.there]
    if not records:
        return
    gone = data.draw(st.sampled_from(records))
    rest = replace(
        population,
        people=tuple(own for own in population.people if own is not gone),
        there=tuple(own for own in population.there if own is not gone),
    )
    before, after = engine(population, 8), engine(rest, 8)
    owners = {own.id: own.owner for own in rest.there}
    for source_id, seen in after.items():
        was = before.get(source_id)
        if was is not None and was.action == "conflict" and seen.action == "matched" and seen.rule != "R7":
            assert owners[seen.record or ""] in (None, MIGRATION)


@SETTINGS
@given(populations(), st.sampled_from(("source", "destination")), st.booleans(), st.booleans())
def test_g_repeated_and_swapped_pages_do_not_change_the_plan(
    population: Population, side: str, repeat: bool, backwards: bool
) -> None:
    """(g) A page that is listed twice, or after its successor, changes nothing."""
    straight, odd = population.rehearsal(), population.rehearsal()
    end = odd.source if side == "source" else odd.destination
    end.page, end.repeat, end.backwards = 3, repeat, backwards
    assert plan_bytes(odd) == plan_bytes(straight)


def matched(population: Population) -> dict[str, tuple[str, str, str]]:
    return {source_id: (seen.rule, seen.action, seen.code) for source_id, seen in engine(population, 8).items()}


NATIVE = Someone("s1", "a@example.com", "anna")
TWIN = Someone("s2", "A@example.com", "google_1", federated=True, link="g1")


@pytest.mark.parametrize("partitions", [1, 8])
def test_merged_twins_adopt_one_record_and_bring_their_links(partitions: int) -> None:
    """The native person takes the record both answer to, and the twin's link becomes its own."""
    rehearsal = Population((NATIVE, TWIN), (There("d1", "a@example.com"),), duplicates="merge").rehearsal()
    rows = {row.address: (row.action, row.rule) for row in rehearsal.plan(partitions=partitions).rows}
    link = next(address for address in rows if address.startswith("link"))
    assert rows == {'user["s1"]': ("adopt", "R3"), link: ("add", "S2")}
    assert link.startswith('link["s1"')


def test_a_username_that_is_the_email_counts_as_the_email() -> None:
    """Twins are recognised where the native person's user name is the address itself."""
    native = replace(NATIVE, name="a@example.com")
    assert matched(Population((native, TWIN), duplicates="merge"))["s2"] == ("", "repeated", "")


def test_two_people_who_swap_addresses_wait_for_each_other() -> None:
    """A record that its holder still claims from the source is waited for; it is not a conflict."""
    people = (Someone("s1", "b@example.com", "anna"), Someone("s2", "a@example.com", "bert"))
    there = (There("d1", "a@example.com", marker="s1"), There("d2", "b@example.com", marker="s2"))
    population = Population(people, there, (("s1", "d1"), ("s2", "d2")))
    assert set(matched(population).values()) == {("R12", "hold", "WAITS_FOR")}


def test_a_new_person_with_the_address_of_a_gone_one_is_a_conflict() -> None:
    """An older row of state holds the record; its person is not in the source any more."""
    population = Population((Someone("s2", "a@example.com", "bert"),), (There("d1", "a@example.com"),), (("s1", "d1"),))
    assert matched(population) == {"s2": ("R12", "conflict", "IDENTITY_REUSED"), "s1": ("R9", "retain", "")}


def test_a_lost_record_is_not_created_again_where_another_holds_the_address() -> None:
    """`recreate` creates only what nothing at the destination answers to."""
    people = (Someone("s1", "a@example.com", "anna"), Someone("s2", "b@example.com", "bert"))
    there = (There("d2", "a@example.com", marker="s2"),)
    population = Population(people, there, (("s1", "d1"), ("s2", "d2")), gone="recreate")
    assert matched(population)["s1"] == ("R8", "hold", "DESTINATION_GONE")
    assert matched(replace(population, there=()))["s1"] == ("R8", "create", "")


def test_two_records_with_our_marker_are_ambiguous() -> None:
    """Where the base's record is gone and two others bear our marker, a person has to choose."""
    there = (There("d2", "b@example.com", marker="s1"), There("d3", "c@example.com", marker="s1"))
    population = Population((NATIVE,), there, (("s1", "d1"),))
    assert matched(population) == {"s1": ("R6", "conflict", "AMBIGUOUS")}


def test_unread_destination_is_no_reason_to_adopt_another_record() -> None:
    """The base's record may just not have been read: neither R8m nor R8e is decided on that."""
    population = Population((NATIVE,), (There("d2", "b@example.com", marker="s1"),), (("s1", "d1"),))
    rehearsal = population.rehearsal()
    rehearsal.destination.page = 1
    rehearsal.destination.users["d3"] = {"email": "z@example.com"}
    rehearsal.destination.partial = {"user": "cut"}
    (row,) = rehearsal.plan().rows
    assert (row.action, row.rule, row.code, row.candidates) == ("hold", "R8", "RUN_PARTIAL", ("d2",))


def test_two_rows_of_state_on_one_record_give_it_to_nobody() -> None:
    """(c) by hand: both people wait for somebody to say whose it is."""
    people = (NATIVE, Someone("s3", "b@example.com", "bert"))
    population = Population(people, (There("d1", "z@example.com"),), (("s1", "d1"), ("s3", "d1")))
    assert set(matched(population).values()) == {("R6", "conflict", "AMBIGUOUS")}


def _first(person: tuple[Person, Any, str]) -> str:
    return person[0].source_id


def test_people_come_in_one_order_whatever_the_partitions() -> None:
    """Hash order of the source id, so that plans can be compared row by row."""
    people = tuple(Someone(f"s{number}", f"p{number}@example.com", f"n{number}") for number in range(50))
    rehearsal = Population(people).rehearsal()
    assert [*map(_first, rehearsal.persons(1))] == [*map(_first, rehearsal.persons(64))]
