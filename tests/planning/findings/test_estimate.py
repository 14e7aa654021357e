"""What the planned changes use and send: told in numbers, and held by a limit where it reaches people."""

from dataclasses import replace
from typing import Any

import pytest

from poolshift.provider.schema import Cost, Quota, Route, Schema, Shape
from tests.planning.rehearsal import SPEC, Outcome, Rehearsal, person, rehearse

PEOPLE = tuple(person(f"s{number}", f"p{number}@example.com") for number in range(3))


def _with(messages: int = 0, per_second: float = 1000.0, shared: bool = True, text: str = SPEC) -> Rehearsal:
    """A destination where creating a person is one call of the quota `writes`."""

    def cost(shape: Shape) -> Cost:
        return Cost({"writes": float(shape.count)}, messages=messages)

    own = rehearse(*PEOPLE, text=text)
    schema: Schema = own.destination.own_schema
    others = tuple(route for route in schema.routes if (route.kind, "create" in route.verbs) != ("user", True))
    creates = Route("api", "user", frozenset({"create"}), cost)
    quota = Quota("writes", ((per_second, 1.0),), shared=shared)
    own.destination.own_schema = replace(schema, routes=(creates, *others), quotas=(quota,))
    return own


def _finding(plan: Outcome, code: str) -> dict[str, Any] | None:
    return next((dict(one) for one in plan.document["findings"] if one["code"] == code), None)


def test_messages_are_told_and_need_the_exact_number() -> None:
    """Each message is one more against the limit, which is 0 unless the spec says otherwise."""
    plan = _with(messages=2).plan()
    finding = _finding(plan, "MESSAGES_PLANNED")
    assert finding is not None
    assert (finding["count"], finding["severity"]) == (6, "warn")
    (limit,) = [one for one in plan.document["limits"] if one["name"] == "messages"]
    assert (limit["planned"], limit["verdict"]) == (6, "needs_accept")
    (created,) = [one for one in plan.document["classes"] if (one["kind"], one["action"]) == ("user", "create")]
    assert created["dangers"] == ["messages"]


def test_a_silent_route_sends_nothing() -> None:
    """Nothing is told, nothing is held."""
    plan = _with().plan()
    assert _finding(plan, "MESSAGES_PLANNED") is None
    assert plan.document["estimate"]["messages"] == 0
    assert all(one["verdict"] == "ok" for one in plan.document["limits"])


@pytest.mark.parametrize(
    ("per_second", "told"),
    [
        (3 / 901, "at 0.00166482/s take 30 min, 50% of what live sign-ins share"),  # half of it is ours
        (3 / 899, None),
    ],
)
def test_calls_that_take_more_than_half_an_hour_are_told(per_second: float, told: str | None) -> None:
    """By quota, at the rate that leaves live sign-ins their half."""
    finding = _finding(_with(per_second=per_second).plan(), "QUOTA_BUDGET")
    assert (finding["samples"] if finding else None) == ([f'user["*"] writes: 3 calls {told}'] if told else None)
    assert finding is None or finding["severity"] == "info"


@pytest.mark.parametrize(
    ("rate", "shared", "told"), [("6/s", True, True), ("5/s", True, False), ("10/s", False, False)]
)
def test_a_rate_that_leaves_sign_ins_less_than_half_is_told(rate: str, shared: bool, told: bool) -> None:
    """Of ten a second; a quota nobody else uses may be used up."""
    text = SPEC.replace("settings: {path: people.db}}", f"settings: {{path: people.db}}, rates: {{writes: {rate}}}}}")
    assert text != SPEC
    finding = _finding(_with(per_second=10, shared=shared, text=text).plan(), "QUOTA_BUDGET")
    assert (finding is not None) == told
