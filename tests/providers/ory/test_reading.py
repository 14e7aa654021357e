"""Reading: to the very end, each identity whole, and never a guess about what is not there."""

import pytest

from poolshift.errors import AccessDenied, PoolshiftError, ProviderDown
from poolshift.provider.session import Complete, Partial
from poolshift_providers.ory import listing
from tests.providers.ory.test_user_writes import FULL
from tests.providers.ory.world import KEY, World

_LIST = "GET /admin/identities"


def _fill(world: World, count: int) -> list[str]:
    return [world.put(traits={"email": f"p{number}@example.com"}, external_id=f"s{number}") for number in range(count)]


def test_an_identity_is_read_whole(world: World) -> None:
    """A mapping stands at its own path and its values at theirs."""
    id = world.put(**FULL)
    (record,), end = world.read("user")
    assert isinstance(end, Complete)
    assert (record.id, end.count) == (id, 1)
    times = {"created_at", "updated_at"}
    assert {path: value for path, value in record.values.items() if path not in times} == {
        "traits.email": "a@example.com",
        "traits.phone_number": "+32470000001",
        "traits.name": {"first": "A", "last": "B"},
        "traits.name.first": "A",
        "traits.name.last": "B",
        "metadata_public.plan": "gold",
        "metadata_public.nested": {"x": 1},
        "metadata_public.nested.x": 1,
        "metadata_admin.note": "kept",
        "external_id": "theirs",
        "enabled": True,
        "email_verified": True,
        "phone_number_verified": False,
        "credential": "reset",
    }
    assert record.raw is None


def test_all_pages_are_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one has no next; a full page may be the last one."""
    monkeypatch.setattr(listing, "PAGE", 3)
    ids = _fill(world, 9)
    records, end = world.read("user")
    assert [record.id for record in records] == ids
    assert isinstance(end, Complete)
    assert end.count == 9
    assert world.server.log.counts[_LIST] == 3


def test_an_expired_page_token_begins_the_list_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever came before is given twice, and counted once."""
    monkeypatch.setattr(listing, "PAGE", 3)
    ids = _fill(world, 7)
    world.break_at(_LIST, 2, "expired_page_token")
    records, end = world.read("user")
    assert [record.id for record in records] == [*ids[:3], *ids]
    assert isinstance(end, Complete)
    assert end.count == 7


def test_what_stands_in_a_list_that_begins_again_is_counted_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links come in the pages of people: those of a page that comes twice are not twice as many."""
    monkeypatch.setattr(listing, "PAGE", 1)
    world.put(**FULL)
    world.put(traits={"email": "b@example.com"})
    world.break_at(_LIST, 2, "expired_page_token")
    records, end = world.read("link")
    assert len(records) == 2
    assert len({record.id for record in records}) == 1
    assert isinstance(end, Complete)
    assert end.count == 1


def test_a_token_that_expires_again_and_again_ends_the_reading(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than going round for ever."""
    monkeypatch.setattr(listing, "PAGE", 3)
    _fill(world, 4)
    world.break_at(_LIST, 1, "expired_page_token", times=0)
    with pytest.raises(ProviderDown, match="LISTING_EXPIRED"):
        world.read("user")


def test_a_list_that_goes_round_is_partial(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that rests on absence is decided by it."""
    monkeypatch.setattr(listing, "PAGE", 3)
    _fill(world, 7)
    world.break_at(_LIST, 2, "repeated_page", times=0)
    _, end = world.read("user")
    assert isinstance(end, Partial)


def test_links_are_read_without_their_tokens(world: World) -> None:
    """Provider and subject, and nothing else of what Kratos keeps beside them."""
    id = world.put(**FULL)
    world.put(traits={"email": "b@example.com"})
    (record,), end = world.read("link")
    assert isinstance(end, Complete)
    assert end.count == 1
    assert dict(record.values) == {"provider": "google", "subject": "1"}
    assert record.refs["user"].id == id


def test_look_ups_answer_every_value_once(world: World) -> None:
    """By id, five hundred at once; by external_id; by what people sign in with, in any case."""
    ids = _fill(world, 3)
    asked = [ids[2], "00000000-0000-4000-8000-000000000000", ids[0]]
    found = {own.value: [record.id for record in own.records] for own in world.find("user", "id", *asked)}
    assert found == {ids[2]: [ids[2]], asked[1]: [], ids[0]: [ids[0]]}
    assert world.server.log.counts[_LIST] == 1
    assert [len(own.records) for own in world.find("user", "id", asked[1])] == [0]
    assert [len(own.records) for own in world.find("user", "external_id", "s1", "nobody", "a/b ?")] == [1, 0, 0]
    assert [len(own.records) for own in world.find("user", "traits.email", "P1@Example.com", "x@example.com")] == [1, 0]
    assert all(own.sure for own in world.find("user", "external_id", "nobody"))


@pytest.mark.parametrize("how", ["html", "html_error", "empty_body", "close_before", 503])
def test_an_answer_that_is_none_ends_the_reading(world: World, how: object) -> None:
    """After a few tries, and never as an empty list."""
    world.break_at(_LIST, 1, how, times=0)  # type: ignore[arg-type]
    with pytest.raises(ProviderDown):
        world.read("user")


def test_a_passing_refusal_is_repeated(world: World) -> None:
    """Reading twice is reading once."""
    _fill(world, 2)
    world.break_at(_LIST, 1, 429, times=2)
    assert len(world.read("user")[0]) == 2


def test_a_wrong_key_says_so(project: World) -> None:
    """And is not told."""
    with World(project.server, project.folder, api_key="ory_pat_wrong") as wrong:
        with pytest.raises(AccessDenied) as denied:
            wrong.read("user")
        assert set(wrong.reader().access().values()) == {False}
    assert "the API key is not accepted" in str(denied.value)
    assert "ory_pat" not in str(denied.value)
    assert set(project.reader().access().values()) == {True}
    assert KEY not in repr(project.settings)


def test_a_schema_that_is_not_there(world: World) -> None:
    """Named, with what to look at."""
    with (
        World(world.server, world.folder, schema_id="nobody") as other,
        pytest.raises(PoolshiftError, match="ORY_SCHEMA_NOT_FOUND") as missing,
    ):
        other.schema()
    assert "schemas_url" in missing.value.diagnostics[0].remedy


def test_a_reader_writes_nothing(world: World) -> None:
    """Whatever it is asked."""
    _fill(world, 2)
    before = world.server.identities
    world.schema()
    world.read("user")
    world.read("link")
    assert world.server.identities == before
    assert {name.partition(" ")[0] for name in world.server.log.counts} == {"GET"}
