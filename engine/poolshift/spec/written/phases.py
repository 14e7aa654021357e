"""``phases``: the steps of a cutover, and the gates between them."""

from typing import Annotated, Literal

from pydantic import Field

from poolshift.spec.written.base import Amount, Duration, Expression, Rate, Text, Time, Written
from poolshift.spec.written.ends import WrittenRange
from poolshift.spec.written.users import Create, Method, Passwords

Step = Literal[
    "all",
    "attributes",
    "organizations",
    "roles",
    "groups",
    "users",
    "links",
    "memberships",
    "factors",
    "just_in_time",
    "reset_passwords",
    "handover",
]


class WrittenSelect(Written):
    """A cohort; everything named must hold."""

    condition: Expression | None = Field(default=None, alias="if")
    groups: list[Text] | None = None
    organizations: list[Text] | None = None
    percent: Annotated[float, Field(ge=0, le=100, strict=False)] | None = None
    file: Text | None = None


class WrittenSignedIn(Written):
    min: Amount
    condition: Expression | None = Field(default=None, alias="if")


class WrittenUntil(Written):
    """The gate to the next phase; everything named must hold."""

    verify: Literal["passed"] | None = None
    failed: WrittenRange | None = None
    conflicts: WrittenRange | None = None
    bridge_errors: WrittenRange | None = None
    signed_in: WrittenSignedIn | None = None
    soak: Duration | None = None
    or_after: Duration | None = Field(default=None, description="Since the phase began; opens signed_in only.")
    approval: Literal["required"] | None = None


class WrittenMessages(Written):
    send: Literal["destination", "export", "none"] = "destination"
    rate: Rate | None = None
    template: Text | None = None
    language: Text | None = None
    file: Text | None = None


class WrittenPhaseLimits(Written):
    """Merged by key with the limits of the whole spec."""

    delete: Amount | None = None
    disable: Amount | None = None
    update: Amount | None = None
    adopt: Amount | None = None
    remove_membership: Amount | None = None
    login_change: Amount | None = None
    privilege_grants: Amount | None = None
    messages: Amount | None = None
    percent_from: Annotated[int, Field(ge=0)] | None = None


class WrittenPhase(Written):
    name: Text
    not_before: Time | None = None
    select: WrittenSelect | None = None
    do: list[Step] = Field(default=["all"], min_length=1)
    create: Create | None = None
    method: Method | None = None
    passwords: Passwords | None = None
    limits: WrittenPhaseLimits | None = None
    rates: dict[str, Rate] = Field(default={})
    messages: WrittenMessages | None = None
    until: WrittenUntil | None = None
