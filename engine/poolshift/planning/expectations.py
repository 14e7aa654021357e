"""Is what was read plausible? Counts against `expect`, and the age of an export."""

from poolshift.gather.gathered import Gathered
from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.plan.tally import Tally
from poolshift.provider.session import Complete
from poolshift.spec.model import Amount, Range, Spec

_KIND_OF: dict[str, Kind] = {"users": "user", "groups": "group"}


def check_expectations(spec: Spec, gathered: Gathered, tally: Tally, now: float) -> bool:
    """Whether destructive verdicts may be given: every count is inside `expect`, and every read complete."""
    plausible = isinstance(gathered.source_ends.get("user"), Complete)
    for name, wanted in sorted(spec.source.expect.items()):
        kind = _KIND_OF.get(name)
        end = gathered.source_ends.get(kind) if kind is not None else None
        if isinstance(end, Complete) and not _inside(end.count, wanted):
            tally.find("EXPECT_COUNT", address("user", "*"), message=f"{end.count} {name} were read")
            plausible = False
    users = gathered.source_ends.get("user")
    if isinstance(users, Complete) and now - users.as_of > spec.policy.max_read_age:
        hours = int((now - users.as_of) / 3600)
        tally.find("EXPORT_OLD", address("user", "*"), message=f"the export is {hours} hours old")
    return plausible


def _inside(count: int, wanted: Range) -> bool:
    return _number(wanted.min, 0) <= count and (wanted.max is None or count <= _number(wanted.max, count))


def _number(amount: Amount | None, otherwise: int) -> int:
    if amount is None or amount.number is None:
        return otherwise
    return amount.number
