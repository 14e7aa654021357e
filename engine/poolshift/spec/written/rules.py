"""``just_in_time``, ``policy``, ``limits`` and ``state``."""

from typing import Annotated, Any, Literal

from pydantic import Field

from poolshift.spec.model import Amount as ParsedAmount
from poolshift.spec.written.base import Amount, Duration, Text, Written

Keep = Literal["conflict", "source", "destination"]


class WrittenJustInTime(Written):
    hook: Text | None = Field(default=None, description="The destination's hook; needless where it has one only.")
    url: Text | None = None
    secret: Text | None = None
    identifier: Literal["email", "username", "phone_number"] = "email"
    timeout: Duration | None = None
    settings: dict[str, Any] = Field(default={})


class WrittenPolicy(Written):
    approval_slack: Annotated[float, Field(ge=1, le=100, strict=False)] = 1.05
    max_read_age: Duration = 6 * 3600.0
    existing_value: Keep = "conflict"
    both_changed: Keep = "conflict"
    source_gone: Literal["retain", "disable", "delete"] = "retain"
    destination_gone: Literal["hold", "recreate"] = "hold"
    late_change: Literal["hold", "follow"] = "hold"
    unmapped: Literal["release", "clear"] = "release"


class WrittenLimits(Written):
    delete: Amount = ParsedAmount(number=0)
    disable: Amount = ParsedAmount(percent=1)
    update: Amount = ParsedAmount(percent=30)
    adopt: Amount = ParsedAmount(number=0)
    remove_membership: Amount = ParsedAmount(percent=1)
    login_change: Amount = ParsedAmount(number=0)
    privilege_grants: Amount = ParsedAmount(number=0)
    messages: Amount = ParsedAmount(number=0)
    percent_from: Annotated[int, Field(ge=0)] = 10


class WrittenState(Written):
    backend: Literal["sqlite", "postgres", "s3"] = "sqlite"
    settings: dict[str, Any] = Field(default={})
