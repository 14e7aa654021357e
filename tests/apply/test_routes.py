"""Order, routes, folding and batches, each by itself."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.apply.folding import Folding, by_person
from poolshift.apply.operations import operation, verb_of
from poolshift.apply.ordering import kind_order, person_steps, record_levels, shared_deletes, shared_steps
from poolshift.apply.packing import pack
from poolshift.apply.references import References
from poolshift.apply.routing import Chosen, Routing
from poolshift.apply.work import Work
from poolshift.errors import NeedsPerson, PoolshiftError
from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.plan.change import Change, Effect
from poolshift.provider.operation import Clear, Failure, Operation, Put
from poolshift.provider.schema import FieldSchema, Route, Schema
from poolshift.provider.verb import Verb
from tests.apply.stage import assert_clean, people, stage
from tests.apply.world import API, BATCH, CREATE, JOB, free, kinds

FILE = Route("file", "user", CREATE, free, items=1_000_000, delivery="person", method="file")


def _user(number: int, **values: object) -> Work:
    own = address("user", f"s{number}")
    values = values or {"email": f"s{number}@example.com"}
    return Work(Change(own, "user", "create", "R1", f"s{number}", effect=Effect(values)), "create")


def _seat(number: int, group: str = "staff") -> Work:
    refs = {"user": address("user", f"s{number}"), "group": address("group", group)}
    effect = Effect(refs=refs, ref_ids={"group": f"id of {group}"})
    own = address("group_member", f"s{number}", group)
    return Work(Change(own, "group_member", "add", "S2", f"s{number}", effect=effect), "create")


def _routing(routes: tuple[Route, ...], count: int, method: str = "auto", *, arrives: str = "either") -> Routing:
    schema = Schema(kinds(arrives=arrives), routes=routes)
    return Routing(schema, {("user", "create"): count}, method, Folding(schema, References()))


def _chosen(routing: Routing, work: Work, *belongings: Work) -> Chosen:
    chosen = routing.choose(work, belongings)
    assert isinstance(chosen, Chosen)
    return chosen


def test_kinds_come_after_what_they_refer_to() -> None:
    """References are the order; deletes run it backwards; removes come before adds, user deletes last."""
    schema = Schema(kinds(), routes=API)
    order = kind_order(schema)
    assert order.index("group_member") > order.index("user")
    assert order.index("group_member") > order.index("group")
    assert shared_steps(schema) == (("group", "update"), ("group", "create"))
    assert shared_deletes(schema) == (("group", "delete"),)
    steps = person_steps(schema)
    assert steps.index(("user", "update")) < steps.index(("user", "create")) < steps.index(("group_member", "delete"))
    assert steps.index(("group_member", "delete")) < steps.index(("group_member", "create"))
    assert steps[-1] == ("user", "delete")


def test_a_circle_of_references_names_its_law() -> None:
    """The schema is the provider's; so is the error."""
    about = kinds()
    about["group"] = replace(about["group"], fields={"owner": FieldSchema("ref", ref="user")})
    about["user"] = replace(about["user"], fields={"home": FieldSchema("ref", ref="group")})
    with pytest.raises(PoolshiftError, match="PROVIDER_LAW_17"):
        kind_order(Schema(about))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_a_tree_of_records_is_sent_level_by_level(parents: list[int]) -> None:
    """Law: each record comes in a later level than its parent."""
    changes = []
    for number, parent in enumerate(parents):
        refs = {"parent": address("group", str(parent % number))} if number else {}
        changes.append(Change(address("group", str(number)), "group", "create", "R1", effect=Effect(refs=refs)))
    levels = record_levels([(change, change) for change in reversed(changes)])
    depth = {change.address: level for level, some in enumerate(levels) for change in some}
    assert len(depth) == len(changes)
    for change in changes:
        assert all(depth[parent] < depth[change.address] for parent in change.effect.refs.values())


@pytest.mark.parametrize(
    ("action", "kind", "values", "verb"),
    [
        ("create", "user", {"email": 1}, "create"),
        ("add", "group_member", {}, "create"),
        ("message", "credential", {}, "create"),
        ("update", "user", {"name": 1}, "update"),
        ("disable", "user", {"enabled": False}, "update"),
        ("adopt", "user", {"name": 1}, "update"),
        ("adopt", "group", {"name": 1}, "update"),
        ("adopt", "user", {}, None),
        ("adopt", "link", {"subject": "x"}, None),
        ("remove", "link", {}, "delete"),
        ("delete", "user", {}, "delete"),
        ("noop", "user", {}, None),
        ("hold", "user", {}, None),
    ],
)
def test_the_verb_of_an_action(action: str, kind: Kind, values: dict[str, object], verb: Verb | None) -> None:
    """None = state only."""
    change = Change(address(kind, "a", "b"), kind, action, "R", effect=Effect(values))  # type: ignore[arg-type]
    assert verb_of(change) == verb


def test_none_is_sent_as_explicitly_empty() -> None:
    """And a path that is not in the change is not mentioned."""
    sent = operation(_user(1, email="a@example.com", name=None), {})
    assert sent.changes == {"email": Put("a@example.com"), "name": Clear()}


@pytest.mark.parametrize(
    ("count", "method", "name"),
    [(1, "auto", "api"), (2, "auto", "batch"), (50, "api", "api"), (50, "job", "batch"), (1, "job", "batch")],
)
def test_the_route_follows_method_and_worth(count: int, method: str, name: str) -> None:
    """auto takes what is worth it; a method pins."""
    assert _chosen(_routing((BATCH, *API), count, method), _user(1)).route.name == name


def test_a_file_for_a_person_is_chosen_only_when_asked_for() -> None:
    """However large its batches are."""
    assert _chosen(_routing((FILE, *API), 50), _user(1)).route.name == "api"
    assert _chosen(_routing((FILE, *API), 50, "file"), _user(1)).route.name == "file"
    assert _chosen(_routing((FILE,), 50), _user(1)).route.name == "file"


def test_a_route_that_does_not_take_a_row_leaves_it_to_the_next() -> None:
    """And when nobody takes it, the reasons are told."""

    def needs_mail(asked: Operation) -> str | None:
        return None if "email" in asked.changes else "no e-mail"

    picky = replace(BATCH, takes=needs_mail)
    assert _chosen(_routing((picky, *API), 50), _user(1, name="N")).route.name == "api"
    refused = _routing((picky,), 50).choose(_user(1, name="N"))
    assert isinstance(refused, Failure)
    assert "no e-mail" in refused.message


@pytest.mark.parametrize(("arrives", "riding"), [("either", 1), ("with_parent", 1), ("own_call", 0)])
def test_children_ride_where_the_route_carries_them(arrives: str, riding: int) -> None:
    """Only those that refer to the user, and only when all else they refer to is known."""
    stranger = _seat(2)
    unknown = Work(
        replace(_seat(1).change, effect=Effect(refs={"user": 'user["s1"]', "group": 'group["new"]'})), "create"
    )
    found = _chosen(_routing((BATCH, *API), 50, arrives=arrives), _user(1), _seat(1), stranger, unknown)
    assert len(found.operation.children) == riding


def test_a_route_that_refuses_the_children_takes_the_parent_alone() -> None:
    """Exactly one role a member, says some vendor: the others go on their own."""
    picky = replace(BATCH, takes=lambda asked: "one seat at most" if len(asked.children) > 1 else None)
    found = _chosen(_routing((picky, *API), 50), _user(1), _seat(1), _seat(1, "readers"))
    assert found.route.name == "batch"
    assert found.children == ()


def test_belongings_are_found_by_person() -> None:
    """Users themselves, and messages, never ride."""
    message = Work(Change('credential["s1","password"]', "credential", "message", "R", "s1"), "create")
    seat = _seat(1)
    assert by_person([_user(1), seat, message]) == {"s1": [seat]}


@given(st.integers(1, 60), st.integers(1, 9), st.integers(0, 40))
def test_batches_keep_items_weight_and_order(count: int, items: int, weight: int) -> None:
    """Law: nothing lost, nothing twice, in order; bounds held, but for a row that alone is too heavy."""
    route = replace(BATCH, items=items, weight=weight, weigh=lambda asked: len(asked.address))
    chosen = [_chosen(_routing((route,), count), _user(number)) for number in range(count)]
    packets = pack(chosen)
    assert [work for packet in packets for work in packet.works] == [one.work for one in chosen]
    for packet in packets:
        heavy = sum(len(asked.address) for asked in packet.operations)
        assert len(packet.operations) <= items
        assert not weight or heavy <= weight or len(packet.operations) == 1


def test_groups_and_documents_are_kept_together() -> None:
    """Equal `group` shares a batch; a document's operations are never split."""
    bulk = Route("bulk", "group_member", CREATE, free, items=2, group=lambda asked: asked.refs["group"].id)
    document = replace(bulk, name="document", document=("group",), items=1)
    names = ("a", "b", "a", "b", "a")

    def packed(route: Route) -> list[list[str | None]]:
        schema = Schema(kinds(), routes=(route,))
        references = References()
        references.learn(_user(1).change, "u1")
        routing = Routing(schema, {}, "auto", Folding(schema, references))
        packets = pack([_chosen(routing, _seat(1, name)) for name in names])
        return [[asked.refs["group"].key for asked in packet.operations] for packet in packets]

    assert packed(bulk) == [["a", "a"], ["a"], ["b", "b"]]
    assert packed(document) == [["a", "a", "a"], ["b", "b"]]


def test_a_full_document_update_gets_the_record_as_it_is_now(tmp_path: Path) -> None:
    """needs_current is read just before; a record that is gone is the row's own failure."""
    update = Route("put", "user", frozenset[Verb](("update",)), free, needs_current=True)
    on = stage(tmp_path, people(2), (update,))
    on.apply()
    currents: list[bool] = []

    def seen(asked: Operation) -> int:
        currents.append(asked.current is not None)
        return 1

    for source_id in ("s0", "s1"):
        on.population.people[source_id].values["name"] = "New"
    on.planned = on.plan()
    base = on.store.person("s0")
    assert base is not None
    del on.world.users[base.destination_id]
    on.world.on_send = lambda batch: [seen(asked) for asked in batch.operations]
    report = on.apply()
    assert report.failures["GONE", "user"].count == 1
    assert on.user("s1")["name"] == "New"
    assert currents == [True]


def test_a_file_for_a_person_leaves_its_window_open(tmp_path: Path) -> None:
    """Exit 12: somebody has to upload it."""
    on = stage(tmp_path, people(3), (replace(JOB, name="upload"),))
    on.world.by_hand = True
    report = on.apply()
    assert report.exit_code == 12
    assert report.left_open == 3
    assert len(on.world.users) == 3
    with pytest.raises(NeedsPerson, match="upload the file"):
        on.recover()
    on.world.by_hand = False
    on.recover()
    assert on.apply().exit_code == 0
    assert_clean(on)
