"""Is what was read plausible? Counts against `expect`, and the age of an export."""

from typing import cast

from poolshift.gather.gathered import Gathered
from poolshift.identity.address import address
from poolshift.identity.kind import Kind
from poolshift.plan.tally import Tally
from poolshift.planning.session import Session
from poolshift.provider.session import Complete
from poolshift.spec.model import Amount, Range


def check_expectations(session: Session, gathered: Gathered, tally: Tally, now: float) -> bool:
    """Whether destructive verdicts may be given: every count is inside `expect`, and every read complete."""
    spec = session.spec
    _check_migration(session, tally)
    plausible = isinstance(gathered.source_ends.get("user"), Complete)
    for name, wanted in sorted(spec.source.expect.items()):
        end = gathered.source_ends.get(cast(Kind, name.removesuffix("s")))
        if isinstance(end, Complete) and not _inside(end.count, wanted):
            tally.find("EXPECT_COUNT", address("user", "*"), message=f"{end.count} {name} were read")
            plausible = False
    users = gathered.source_ends.get("user")
    if isinstance(users, Complete) and _is_empty_by_mistake(session, users):
        tally.find("EXPECT_COUNT", address("user", "*"), message="no users were read, and there were some before")
        plausible = False
    if isinstance(users, Complete) and now - users.as_of > spec.policy.max_read_age:
        hours = int((now - users.as_of) / 3600)
        tally.find("EXPORT_OLD", address("user", "*"), message=f"the export is {hours} hours old")
    return plausible


def _is_empty_by_mistake(session: Session, users: Complete) -> bool:
    """An empty source of people who were moved before is the wrong one, unless the spec expects it to be empty."""
    return users.count == 0 and "users" not in session.spec.source.expect and session.store.count_people() > 0


def _check_migration(session: Session, tally: Tally) -> None:
    """Findings about the migration as a whole, before anybody is looked at."""
    everybody = address("user", "*")
    source_id = session.spec.users.source_id
    if source_id is None:
        tally.find("ID_SUB_LOST", everybody)
    elif all(key.path != source_id for key in session.destination.schema.kinds["user"].keys):
        tally.find("SOURCE_ID_BY_LISTING", everybody, source_id)
    for window in session.store.open_windows():
        tally.find("RUN_PARTIAL", everybody, message=f"window {window.number} of run {window.run} is open")


def _inside(count: int, wanted: Range) -> bool:
    return _number(wanted.min, 0) <= count and (wanted.max is None or count <= _number(wanted.max, count))


def _number(amount: Amount | None, otherwise: int) -> int:
    if amount is None or amount.number is None:
        return otherwise
    return amount.number
