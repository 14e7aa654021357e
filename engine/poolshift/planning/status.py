"""What state knows: status, report, export-ids, state list and show. Reads neither end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from poolshift.errors import UsageError
from poolshift.identity.address import address, parse
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.session import Session
from poolshift.state.base import Base
from poolshift.state.store import Run

FAILED_AT_MOST: Final = 1000
"""Failures a report lists one by one; the counts hold all of them."""


def status(session: Session) -> dict[str, Any]:
    store, spec = session.store, session.spec
    runs = store.runs()
    plans = dict.fromkeys(run.plan_id for run in runs if run.plan_id)
    return {
        "format_version": FORMAT_VERSION,
        "migration": spec.migration,
        "lineage": store.lineage,
        "state": {
            "path": store.place,
            "people": store.count_people(),
            "open_windows": len(store.open_windows()),
        },
        "plans": [{"id": plan, "status": store.plan_status(plan)} for plan in plans],
        "runs": [_run(run) for run in runs],
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "command": run.command,
        "started_at": _time(run.started_at),
        "ended_at": _time(run.ended_at) if run.ended_at is not None else None,
        "exit_code": run.exit_code,
        "counts": run.report.get("counts", []),
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def report(session: Session, run_id: str | None) -> dict[str, Any]:
    """The report of a run, the newest by default. Raises UsageError where there is none."""
    runs = session.store.runs()
    run = next((run for run in runs if run.id == run_id), None) if run_id else (runs[-1] if runs else None)
    if run is None:
        known = ", ".join(own.id for own in runs) or "none"
        raise UsageError.of("RUN_UNKNOWN", "there is no such run", f"Runs: {known}.")
    failed = islice(session.store.failures(run.id), FAILED_AT_MOST)
    rows = [{"address": own.address, "code": own.code, "message": own.message} for own in failed]
    return {"format_version": FORMAT_VERSION, **run.report, "run": run.id, "failed": rows}


def export_ids(session: Session) -> Iterator[tuple[str, str]]:
    """(source id, destination id) of every migrated person."""
    for base in session.store.people():
        yield base.source_id, base.destination_id


def list_state(session: Session, kind: str | None) -> Iterator[dict[str, Any]]:
    if kind != "user":
        for name, base in sorted(session.store.shared().items()):
            if kind is None or parse(name)[0] == kind:
                yield _row(name, base)
    if kind in (None, "user"):
        for base in session.store.people():
            yield _row(address("user", base.source_id), base)


def _row(name: str, base: Base) -> dict[str, Any]:
    return {"address": name, "destination_id": base.destination_id}


def show_state(session: Session, name: str) -> dict[str, Any]:
    """One row: pairs of fingerprints by field, never values. Raises UsageError where state does not know it."""
    try:
        kind, parts = parse(name)
    except ValueError as error:
        raise UsageError.of("ADDRESS", str(error), 'An address looks like user["…"] or group["admins"].') from error
    base = session.store.person(parts[0]) if kind == "user" else session.store.shared().get(name)
    if base is None:
        raise UsageError.of(
            "STATE_UNKNOWN", f"state does not know {name}", "List what it knows: poolshift state list SPEC."
        )
    return {
        **_row(name, base),
        "rule_set": base.rule_set,
        "handover": base.handover,
        "fields": {
            path: {"source": pair[0].hex(), "destination": pair[1].hex()} for path, pair in sorted(base.fields.items())
        },
        "elements": len(base.elements),
    }
