"""What a source status means for a person: import, reset, skip or fail, and with it the credential."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from poolshift.spec.model import Users

DEFAULTS: Final[Mapping[str, str]] = {
    "CONFIRMED": "import",
    "EXTERNAL_PROVIDER": "import",
    "FORCE_CHANGE_PASSWORD": "reset",
    "RESET_REQUIRED": "reset",
}
"""Any other status that occurs fails unless the spec names it."""

FEDERATED: Final = "EXTERNAL_PROVIDER"
TEMPORARY: Final = "FORCE_CHANGE_PASSWORD"

_PASSWORD_CREDENTIAL: Final[Mapping[str, str]] = {
    "just_in_time": "none",  # the sign-in brings it
    "reset": "reset",
    "temporary": "temporary",
    "none": "none",
}


class StatusPlan(NamedTuple):
    """credential: "none", "reset" or "temporary". rank: 0 native, 1 federated only. codes: findings it causes."""

    skip: bool
    credential: str
    rank: int
    codes: tuple[str, ...]


def status_plans(users: Users) -> tuple[Mapping[str | None, StatusPlan], StatusPlan]:
    """Status -> plan, and the plan of a status that is not among them. None = the source has no statuses."""
    actions = {**DEFAULTS, **users.statuses}
    plans: dict[str | None, StatusPlan] = {
        status: _plan(status, action, users.passwords) for status, action in actions.items()
    }
    plans[None] = plans[""] = _plan("", "import", users.passwords)
    return plans, _plan("", "fail", users.passwords)


def _plan(status: str, action: str, passwords: str) -> StatusPlan:
    if action == "fail":
        return StatusPlan(False, "none", int(status == FEDERATED), ("STATUS_UNMAPPED",))
    credential = "reset" if action == "reset" else _PASSWORD_CREDENTIAL[passwords]
    if status == FEDERATED:
        wanted = action == "reset" or passwords != "none"
        return StatusPlan(action == "skip", "none", 1, ("FEDERATED_CREDENTIAL",) if wanted else ())
    return StatusPlan(action == "skip", credential, 0, ("STATUS_TEMPORARY",) if status == TEMPORARY else ())
