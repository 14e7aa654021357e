"""resolve: a person's verdict on a conflict, recorded with who, why and the two values it was made about."""

import time
from typing import Any, Literal

from poolshift.errors import UsageError
from poolshift.plan.change import Change
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.one_person import one_person
from poolshift.planning.session import Session
from poolshift.privacy import redact
from poolshift.state.base import ABSENT_FP
from poolshift.state.store import Resolution

Keep = Literal["source", "destination"]


def resolve(session: Session, address: str, path: str, keep: Keep, who: str, why: str) -> dict[str, Any]:
    """Record the verdict; the next plan follows it while neither side moves.

    ``path`` "" means every field in conflict. ``why`` is free text, and recorded without addresses and numbers of
    people. Raises UsageError where nothing of the address is open.
    """
    why = redact(why)
    with one_person(session, address) as one:
        resolutions = list(_resolutions(one.decided.changes, address, path, keep, who, why))
    if not resolutions:
        raise UsageError.of(
            "NOTHING_OPEN",
            f"{address} {path}".strip() + " has no conflict that keeping a side would settle",
            "Look at it with `poolshift explain`.",
        )
    for resolution in resolutions:
        session.store.resolve(resolution)
    return {
        "format_version": FORMAT_VERSION,
        "resolved": [{"address": own.address, "path": own.path, "keep": own.keep} for own in resolutions],
        "who": who,
        "why": why,
    }


def _resolutions(changes: list[Change], address: str, path: str, keep: Keep, who: str, why: str) -> list[Resolution]:
    now = time.time()
    found = []
    for change in changes:
        if change.address != address or change.action not in ("conflict", "hold"):
            continue
        for own in change.fields:
            if own.verdict == "conflict" and path in ("", own.path):
                found.append(Resolution(address, own.path, keep, own.desired, own.actual, who, why, now))
        if not change.fields and not path and _may_resolve_record(change, keep):
            found.append(Resolution(address, "", keep, change.desired, change.actual, who, why, now))
    return found


def _may_resolve_record(change: Change, keep: Keep) -> bool:
    """A privilege somebody took away; a person somebody deleted, to be created again (kept deleted: do nothing)."""
    if change.kind != "user":
        return change.action == "conflict"
    again = change.rule == "R8" and not change.candidates
    return again and keep == "source" and change.desired == change.actual == ABSENT_FP
