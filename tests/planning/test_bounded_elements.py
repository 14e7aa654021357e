"""What a destination cannot take: more elements than it lets a person have, or those it takes at creation only."""

from dataclasses import replace

from poolshift.provider.schema import KindSchema, Schema
from tests.planning.rehearsal import Rehearsal, person, rehearse

ANNA = 'user["s1"]'
LINK = "link["


def _identities(count: int) -> list[dict[str, str]]:
    return [{"provider": "Google", "subject": f"g{number}"} for number in range(count)]


def _linked(count: int) -> Rehearsal:
    return rehearse(person("s1", "a@example.com", identities=_identities(count)))


def _links(schema: Schema, **more: object) -> Schema:
    links: KindSchema = replace(schema.kinds["link"], **more)  # type: ignore[arg-type]
    return replace(schema, kinds={**schema.kinds, "link": links})


def test_as_many_links_as_the_destination_takes_are_added() -> None:
    """Five, and no word about it."""
    plan = _linked(5).plan()
    assert plan.verdicts()[ANNA] == [("create", "R1", "")]
    assert len(plan.of_action("add")) == 5


def test_who_would_have_too_many_is_held() -> None:
    """Which of six to leave out is a person's decision, and nothing of theirs is written before."""
    plan = _linked(6).plan()
    assert plan.verdicts() == {ANNA: [("hold", "N", "TOO_MANY")]}
    assert plan.writes == []


def test_what_comes_with_the_creation_only_is_held_later() -> None:
    """Added with a new person; of one who is there, the new one waits, and so does one that is to go."""
    rehearsal = _linked(1)
    own = rehearsal.destination.schema()
    rehearsal.destination.schema = lambda: _links(own, arrives="with_parent")  # type: ignore[method-assign]
    assert len(rehearsal.plan().of_action("add")) == 1
    rehearsal.settle()
    rehearsal.source.users["s1"]["identities"] = [{"provider": "Google", "subject": "another"}]
    plan = rehearsal.plan()
    held = sorted(row.rule for row in plan.rows if row.address.startswith(LINK) and row.code == "AT_CREATION")
    assert held == ["S2", "S4"]
    assert plan.writes == []
    assert set(rehearsal.destination.links) == {("google", "g0")}
