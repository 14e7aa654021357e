"""The estimate: calls by quota, time at the allowed rate, what rides along."""

from collections import Counter
from dataclasses import replace
from math import ceil

import pytest

from poolshift.identity.kind import Kind
from poolshift.plan.change_class import ChangeClass
from poolshift.plan.change_class import Key as ClassKey
from poolshift.plan.estimate import Estimate, estimate
from poolshift.plan.tally import Tally
from poolshift.provider.schema import Cost, Key, KindSchema, Level, Quota, Reading, Route, Schema, Shape, Support
from poolshift.provider.verb import Verb
from poolshift.spec.model import Rate

CREATE: ClassKey = ("user", "create", (), ("R1",))
ADD: ClassKey = ("group_member", "add", (), ("S2",))
UPDATE: ClassKey = ("user", "update", ("name",), ("F12",))
ADOPT: ClassKey = ("user", "adopt", (), ("R3",))
HOLD: ClassKey = ("user", "hold", (), ("R8",))
VERBS = frozenset[Verb](("create", "update", "delete"))


def kind(arrives: str = "either") -> KindSchema:
    return KindSchema("kind", {}, Reading("list"), (), {}, arrives=arrives)  # type: ignore[arg-type]


def each(shape: Shape) -> Cost:
    return Cost({"writes": shape.count}, messages=1, billed={"MAU": 1})


def tenth(shape: Shape) -> Cost:
    return Cost({"bulk": ceil(shape.count / 10)})


def schema(*, shared: bool = False, carries: bool = True, arrives: str = "either") -> Schema:
    carried = frozenset[Kind](("group_member",)) if carries else frozenset[Kind]()
    routes = (
        Route("bulk", "user", frozenset[Verb](("create",)), tenth, worth=50, items=10, carries=carried, method="job"),
        Route("api", "user", VERBS, each),
        Route("api", "group_member", VERBS, each),
    )
    quotas = (Quota("writes", ((20, 1), (600, 60)), shared=shared), Quota("bulk", ((1, 1),), shared=False))
    return Schema({"user": kind(), "group_member": kind(arrives)}, {}, routes, quotas)


def estimated(
    own: Schema, *classes: tuple[ClassKey, int], carried: int = 0, method: str = "auto", **rates: Rate
) -> Estimate:
    riding: Counter[Kind] = Counter({"group_member": carried})
    tally = Tally(classes={key: ChangeClass(key, count) for key, count in classes}, carried=riding)
    return estimate(tally, own, method, rates)


def test_a_route_is_chosen_by_how_many_there_are() -> None:
    """Fifty creates are worth the bulk route, forty-nine are not."""
    assert estimated(schema(), (CREATE, 49)).calls == {"writes": 49}
    assert estimated(schema(), (CREATE, 50)).calls == {"bulk": 5}


def test_method_pins_the_route() -> None:
    """`method: api` and `method: job` choose among the routes of people, whatever the number."""
    assert estimated(schema(), (CREATE, 50), method="api").calls == {"writes": 50}
    assert estimated(schema(), (CREATE, 5), method="job").calls == {"bulk": 1}


@pytest.mark.parametrize(
    ("own", "calls"),
    [
        (schema(), {"bulk": 10, "writes": 20}),
        (schema(carries=False), {"bulk": 10, "writes": 90}),
        (schema(arrives="own_call"), {"bulk": 10, "writes": 90}),
    ],
)
def test_children_that_ride_along_cost_nothing(own: Schema, calls: dict[str, int]) -> None:
    """Seventy of ninety memberships are of people created in the same plan, and the route carries them."""
    assert estimated(own, (CREATE, 100), (ADD, 90), carried=70).calls == calls


def test_children_of_a_route_that_carries_none_are_called_for() -> None:
    """Few creates go by a route of single calls."""
    assert estimated(schema(), (CREATE, 10), (ADD, 15), carried=15).calls == {"writes": 25}


def test_time_is_that_of_the_slowest_quota() -> None:
    """The narrowest window counts; half of a quota that live sign-ins use too; the spec's rate wins."""
    assert estimated(schema(), (UPDATE, 600)).seconds == pytest.approx(60)
    assert estimated(schema(shared=True), (UPDATE, 600)).seconds == pytest.approx(120)
    assert estimated(schema(), (UPDATE, 600), writes=Rate(calls=5, seconds=1)).seconds == pytest.approx(120)
    assert estimated(schema(), (UPDATE, 60), (CREATE, 500)).seconds == pytest.approx(50)


def test_messages_and_billed_units_are_per_record() -> None:
    """A cost says what one record costs."""
    result = estimated(schema(), (UPDATE, 30))
    assert (result.messages, result.billed) == (30, {"MAU": 30})


def test_what_writes_nothing_costs_nothing() -> None:
    """A hold, and an adopt that only writes state."""
    assert estimated(schema(), (HOLD, 9), (ADOPT, 9)) == Estimate()


def test_what_is_only_assumed_to_work_is_read_back_first() -> None:
    """As many as apply tries, or as there are; nothing of what is documented."""
    own = schema()
    users = replace(own.kinds["user"], keys=(Key("id"),), verbs={"create": Support(Level.FULL, evidence="assumed")})
    tried = replace(own, kinds={**own.kinds, "user": users})
    assert list(estimated(tried, (CREATE, 49), (UPDATE, 5)).read_back.values()) == [3]
    assert list(estimated(tried, (CREATE, 2)).read_back.values()) == [2]
    assert estimated(own, (CREATE, 49)).read_back == {}


def test_each_change_counts_on_the_route_that_takes_it() -> None:
    """Seven refused by the bulk route go by the API, in the plan as in its costs; below its worth all do."""
    own = ChangeClass(CREATE, 57, takers=Counter({frozenset({"bulk", "api"}): 50, frozenset({"api"}): 7}))
    found = estimate(Tally(classes={CREATE: own}), schema(), "auto", {})
    assert found.routes[own.id] == {"bulk": 50, "api": 7}
    assert found.calls == {"bulk": 5, "writes": 7}
    assert found.messages == 7
    few = ChangeClass(CREATE, 9, takers=Counter({frozenset({"bulk", "api"}): 2, frozenset({"api"}): 7}))
    assert estimate(Tally(classes={CREATE: few}), schema(), "auto", {}).routes[few.id] == {"api": 9}
