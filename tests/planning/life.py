"""What happens to both ends between two plans: people edit, leave, join, sign in; administrators do the same."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.planning.rehearsal import SPEC, Rehearsal, person, rehearse

Event = Callable[[Rehearsal, int], None]


def _source(rehearsal: Rehearsal, number: int) -> str | None:
    people = sorted(rehearsal.source.users)
    return people[number % len(people)] if people else None


def _there(rehearsal: Rehearsal, number: int) -> str | None:
    records = sorted(rehearsal.destination.users)
    return records[number % len(records)] if records else None


def at_source(**values: object) -> Event:
    """An attribute changes at the source; None takes it away. ``{}`` in a text is the person."""

    def event(rehearsal: Rehearsal, number: int) -> None:
        if (own := _source(rehearsal, number)) is not None:
            _edit(rehearsal.source.users[own], own, values)

    event.__name__ = f"at_source({values})"
    return event


def at_destination(**values: object) -> Event:
    def event(rehearsal: Rehearsal, number: int) -> None:
        if (own := _there(rehearsal, number)) is not None:
            _edit(rehearsal.destination.users[own], own, values)

    event.__name__ = f"at_destination({values})"
    return event


def _edit(record: dict[str, object], own: str, values: dict[str, object]) -> None:
    for path, value in values.items():
        record.pop(path, None)
        if value is not None:
            record[path] = value.format(own) if isinstance(value, str) else value


def leaves_source(rehearsal: Rehearsal, number: int) -> None:
    if (own := _source(rehearsal, number)) is not None:
        del rehearsal.source.users[own]
        rehearsal.source.members = {seat for seat in rehearsal.source.members if seat[0] != own}


def leaves_destination(rehearsal: Rehearsal, number: int) -> None:
    if (own := _there(rehearsal, number)) is not None:
        del rehearsal.destination.users[own]
        rehearsal.destination.members = {seat for seat in rehearsal.destination.members if seat[0] != own}
        rehearsal.destination.links = {link: user for link, user in rehearsal.destination.links.items() if user != own}


def joins(group: str) -> Event:
    def event(rehearsal: Rehearsal, number: int) -> None:
        if (own := _source(rehearsal, number)) is not None:
            rehearsal.source.groups[group] = group
            rehearsal.source.members ^= {(own, group)}

    event.__name__ = f"joins({group})"
    return event


def seat_is_taken_away(rehearsal: Rehearsal, number: int) -> None:
    seats = sorted(rehearsal.destination.members)
    if seats:
        rehearsal.destination.members.discard(seats[number % len(seats)])


def seat_is_given(rehearsal: Rehearsal, number: int) -> None:
    own, groups = _there(rehearsal, number), sorted(rehearsal.destination.groups)
    if own is not None and groups:
        rehearsal.destination.members.add((own, groups[number % len(groups)]))


def link_is_cut(rehearsal: Rehearsal, number: int) -> None:
    links = sorted(rehearsal.destination.links)
    if links:
        del rehearsal.destination.links[links[number % len(links)]]


def hands_over(rehearsal: Rehearsal, number: int) -> None:
    known = sorted(rehearsal.store.rows)
    if known:
        rehearsal.store.rows[known[number % len(known)]].handover = True


EVENTS: tuple[Event, ...] = (
    at_source(given_name="Zoe"),
    at_source(given_name=None),
    at_source(email="new-{}@example.com"),
    at_source(email_verified=False),
    at_source(email="p0@example.com"),
    at_source(nickname="Zo"),
    at_source(enabled=False),
    at_source(enabled=True),
    at_source(status="UNCONFIRMED"),
    at_source(identities=[{"provider": "Google", "subject": "g1"}]),
    at_source(identities=None),
    at_destination(given_name="Kim"),
    at_destination(given_name=None),
    at_destination(nickname="Kimmie"),
    at_destination(email="moved-{}@example.com"),
    at_destination(email_verified=False),
    at_destination(enabled=False),
    at_destination(owner="somebody-else"),
    leaves_source,
    leaves_destination,
    joins("staff"),
    joins("admins"),
    seat_is_taken_away,
    seat_is_given,
    link_is_cut,
    hands_over,
)

lives = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 5)), max_size=8)


@dataclass(frozen=True)
class Beginning:
    """People (given name, nickname), their groups by number, and records there (number, verified, given name)."""

    people: tuple[tuple[str | None, str | None], ...]
    seats: frozenset[tuple[int, str]]
    there: tuple[tuple[int, bool, str | None], ...]

    def rehearsal(self, text: str = SPEC) -> Rehearsal:
        records = [
            person(f"s{number}", f"p{number}@example.com", given_name=given, nickname=nick)
            for number, (given, nick) in enumerate(self.people)
        ]
        groups = [(f"s{number}", group) for number, group in sorted(self.seats) if number < len(records)]
        rehearsal = rehearse(*records, text=text, groups=groups)
        for number, verified, given in self.there:
            record = {"email": f"P{number}@example.com", "email_verified": verified, "enabled": True}
            rehearsal.destination.users[f"d{number}"] = record | ({"given_name": given} if given else {})
        return rehearsal


NAMES = st.sampled_from((None, "Ann", "Bob"))
beginnings = st.builds(
    Beginning,
    st.lists(st.tuples(NAMES, NAMES), max_size=5).map(tuple),
    st.frozensets(st.tuples(st.integers(0, 4), st.sampled_from(("staff", "admins"))), max_size=4),
    st.lists(st.tuples(st.integers(0, 6), st.booleans(), NAMES), max_size=4, unique_by=lambda own: own[0]).map(tuple),
)
"""A few people, some already at the destination; nothing was applied yet."""


def live(rehearsal: Rehearsal, life: list[tuple[Event, int]]) -> None:
    for event, number in life:
        event(rehearsal, number)
