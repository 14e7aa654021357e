"""`apply FILE` and `apply SPEC --approve TOKEN`: settle what is open, plan again, run what is approved."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from poolshift.apply.approval import Approved, Everything, FromFile
from poolshift.apply.interrupt import StopSignal, handling_signals
from poolshift.apply.recover import recover_windows
from poolshift.apply.recovery_report import needs_person
from poolshift.apply.report import Progress as Step
from poolshift.apply.run import apply
from poolshift.diagnostics import Diagnostic
from poolshift.errors import Interrupted, LimitExceeded, PlanUnusable
from poolshift.plan.envelope import exceeded, unseal
from poolshift.plan.limits import LimitVerdict, refusals, wrong_accepts
from poolshift.planning.compute import compute
from poolshift.planning.computed import Computed
from poolshift.planning.document import FORMAT_VERSION, bound_to, stopping
from poolshift.planning.plan_file import PlanFile, open_plan_file
from poolshift.planning.session import Session

Progress = Callable[[str, int], None]
_SKEW: Final = 300.0
"""Seconds by which the clocks of two machines may differ: one plans, another applies."""


def apply_file(session: Session, path: Path, accept: Mapping[str, int], progress: Progress) -> dict[str, Any]:
    """Run the intersection of a plan file and a fresh plan.

    Raises PlanUnusable (used, expired, of another spec or end), LimitExceeded before any call, and what planning
    raises.
    """
    plan = open_plan_file(path)
    _check_usable(session, plan)
    _check_limits(plan.document, accept)
    with handling_signals() as stop:
        _settle(session, stop)
        with compute(session, command="apply", progress=_stoppable(progress, stop)) as computed:
            approved = FromFile(plan, unmoved=plan.has_rows_of(computed.plan))
            return _run(session, computed, approved, stop, progress)


def apply_approved(session: Session, token: str, accept: Mapping[str, int], progress: Progress) -> dict[str, Any]:
    """Plan again and run all of it, if it stays inside the approval."""
    envelope = unseal(token, session.store.keys.derive("token"))
    if envelope is None:
        raise PlanUnusable.of(
            "APPROVAL_UNREADABLE",
            "the token was not made by this lineage, or it was changed",
            "Copy the whole token that `plan` printed for this state.",
        )
    if envelope.expires_at < time.time():
        raise PlanUnusable.of("APPROVAL_EXPIRED", "the approval is past its time", "Plan again.")
    if envelope.bound.get("spec") == session.spec.digest:
        _must_not_come(envelope.expires_at, session, "approval")
    accepted = {**envelope.accepted, **accept}
    with handling_signals() as stop:
        _settle(session, stop)
        with compute(session, command="apply", accept=accepted, progress=_stoppable(progress, stop)) as computed:
            if problems := exceeded(envelope, bound_to(session), computed.classes):
                raise PlanUnusable(problems)
            _check_limits(computed.plan.document, {})
            return _run(session, computed, Everything(computed.plan), stop, progress)


def _check_usable(session: Session, plan: PlanFile) -> None:
    """Used, expired, and bound to this spec, these ends and this lineage."""
    head = plan.document["plan"]
    if session.store.plan_status(plan.id) == "closed":
        raise PlanUnusable.of("PLAN_USED", f"plan {plan.id} was applied before", "Plan again: what is left is planned.")
    if head["lineage"] != session.store.lineage:
        raise PlanUnusable.of("PLAN_LINEAGE", "the plan was made with another state", "Plan again with this state.")
    if plan.document["spec"]["digest"] != session.spec.digest:
        raise PlanUnusable.of("PLAN_SPEC", "the spec has changed since the plan was made", "Plan again.")
    for name, end in (("source", session.source), ("destination", session.destination)):
        if plan.document[name]["tenant"] != dict(end.tenant):
            raise PlanUnusable.of("PLAN_TENANT", f"the {name} is not the one that was planned", "Plan again.")
    expires_at = datetime.fromisoformat(head["expires_at"]).timestamp()
    if expires_at < time.time():
        raise PlanUnusable.of("PLAN_EXPIRED", f"the plan was good until {head['expires_at']}", "Plan again.")
    _must_not_come(expires_at, session, "plan")


def _must_not_come(expires_at: float, session: Session, what: str) -> None:
    """Made later than now: a clock was set back, and nobody knows how old the plan is. The spec is the one planned."""
    ahead = expires_at - session.spec.policy.max_read_age - time.time()
    if ahead > _SKEW:
        raise PlanUnusable.of(
            f"{what.upper()}_CLOCK",
            f"the {what} was made {ahead / 60:.0f} minutes from now, by this machine's clock",
            "Set the clock of the machine that is wrong, and plan again.",
        )


def _check_limits(document: Mapping[str, Any], accept: Mapping[str, int]) -> None:
    """Before any call: stopping findings, limits, and accepts that are not the exact number."""
    problems = [
        Diagnostic(code, "this finding stops the plan", remedy="See `poolshift show`; correct it and plan again.")
        for code in stopping(document)
    ]
    verdicts = tuple(_with_accept(LimitVerdict(**own), accept) for own in document["limits"])
    problems += wrong_accepts(verdicts, accept)
    problems += refusals(tuple(own for own in verdicts if own.accepted != own.planned))
    if problems:
        raise LimitExceeded(problems)


def _with_accept(verdict: LimitVerdict, accept: Mapping[str, int]) -> LimitVerdict:
    return replace(verdict, accepted=accept.get(verdict.name, verdict.accepted))


def _stoppable(progress: Progress, stop: StopSignal) -> Progress:
    def show(what: str, count: int) -> None:
        progress(what, count)
        if stop.draining:
            raise Interrupted.of(
                "INTERRUPTED", "stopped while planning; nothing was written", "Run the same command again."
            )

    return show


def _settle(session: Session, stop: StopSignal) -> None:
    """Windows that an earlier run left open come first. Raises NeedsPerson where one has to stay open."""
    if (error := needs_person(recover_windows(session, stop))) is not None:
        raise error


def _run(
    session: Session, computed: Computed, approved: Approved, stop: StopSignal, progress: Progress
) -> dict[str, Any]:
    """The apply report. The ends are pinned first: from here on this lineage belongs to them."""
    tenants = {"source": dict(session.source.tenant), "destination": dict(session.destination.tenant)}
    session.store.pin_tenants(tenants)

    def show(step: Step) -> None:
        progress("applied", step.ended)

    with session.writer() as writer:
        report = apply(
            computed,
            approved,
            session.store,
            writer,
            migration=session.spec.migration,
            method=session.spec.users.method,
            stop=stop,
            progress=show,
        )
    return {"format_version": FORMAT_VERSION, **report.document()}
