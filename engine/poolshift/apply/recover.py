"""`poolshift recover SPEC`: what earlier runs left open, and what became of it."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from poolshift.apply.interrupt import StopSignal, handling_signals
from poolshift.apply.jobs import Jobs
from poolshift.apply.recovery import settle_open_windows
from poolshift.apply.recovery_report import RecoveryReport
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.observation import Observation
from poolshift.planning.session import Session
from poolshift.state.store import Job, Window


def recover(session: Session) -> dict[str, Any]:
    """Show the open windows and settle them. The document's ``exit_code`` is 12 where a person is needed, else 0.

    Raises Interrupted where a job goes on and the run is to stop; what a job or the destination raises.
    """
    with handling_signals() as stop:
        windows = session.store.open_windows()
        report = recover_windows(session, stop)
        left = {window.number for window in session.store.open_windows()}
        return _document(session, windows, left, report)


def recover_windows(session: Session, stop: StopSignal) -> RecoveryReport:
    """Settle what can be settled; the destination is opened for writing only where a job has to be asked."""
    store, end = session.store, session.destination
    with ExitStack() as stack:
        jobs = None
        if any(window.jobs for window in store.open_windows()):
            jobs = Jobs(stack.enter_context(session.writer()), store, stop, time.time, stop.wait)
        return settle_open_windows(
            store,
            end.schema,
            end.reader,
            Observation(end.schema, store.keys.fingerprints),
            migration=session.spec.migration,
            now=time.time,
            sleep=stop.wait,
            jobs=jobs,
        )


def _document(session: Session, windows: Sequence[Window], left: set[int], report: RecoveryReport) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "migration": session.spec.migration,
        "windows": [_window(window, window.number in left) for window in windows],
        "settled": {
            "done": report.done,
            "partly": report.partly,
            "failed": report.failed,
            "not_done": report.not_done,
            "messages": list(report.messages),
        },
        "needs_person": [
            {
                "code": own.code,
                "window": own.window.number,
                "address": own.address,
                "candidates": list(own.candidates),
                "job": own.job,
                "summary": own.diagnostic.summary,
                "remedy": own.diagnostic.remedy,
            }
            for own in report.unsettled
        ],
        "exit_code": 12 if report.unsettled else 0,
    }


def _window(window: Window, is_open: bool) -> dict[str, Any]:
    counts = Counter((intent.kind, intent.action) for intent in window.open_rows)
    return {
        "number": window.number,
        "run": window.run,
        "plan": window.plan_id,
        "route": window.route,
        "opened_at": _moment(window.opened_at),
        "age": round(max(0.0, time.time() - window.opened_at), 1),
        "changes": [
            {"kind": kind, "action": action, "count": count} for (kind, action), count in sorted(counts.items())
        ],
        "jobs": [_job(job) for job in window.jobs],
        "open": is_open,
    }


def _job(job: Job) -> Mapping[str, Any]:
    return {
        "label": job.label,
        "id": job.handle.id if job.handle is not None else None,
        "until": _moment(job.until) if job.until is not None else None,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
