"""The JSON document of a plan: everything a renderer shows. Its shape is ``schemas/plan.schema.json``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from poolshift import __version__
from poolshift.gather.gathered import Gathered
from poolshift.identity.findings import FINDINGS, STOPPING
from poolshift.identity.kind import KINDS, Kind
from poolshift.plan.change import WRITES
from poolshift.plan.change_class import ChangeClass, by_danger_then_count
from poolshift.plan.estimate import Estimate
from poolshift.plan.limits import LimitVerdict
from poolshift.plan.rules import Rules
from poolshift.plan.tally import Tally
from poolshift.planning.session import EndSession, Session
from poolshift.provider.session import Complete, Partial

FORMAT_VERSION: Final = "1.1"
PHASE: Final = "everything"
"""The one implicit phase of a spec without phases."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Facts outside the digest: when the reading began, until when the plan is good."""

    created_at: float
    expires_at: float


def bound_to(session: Session) -> dict[str, str]:
    """What a plan and its approval are bound to."""
    return {
        "spec": session.spec.digest,
        "phase": PHASE,
        "migration": session.spec.migration,
        "lineage": session.store.lineage,
        "source": _identity(session.source),
        "destination": _identity(session.destination),
    }


def _identity(end: EndSession) -> str:
    tenant = ",".join(f"{name}={value}" for name, value in sorted(end.tenant.items()))
    return f"{end.provider.name} {end.provider.version} {tenant}"


def plan_document(
    session: Session,
    gathered: Gathered,
    tally: Tally,
    rules: Rules,
    limits: tuple[LimitVerdict, ...],
    estimate: Estimate,
    *,
    digest: str,
    stamp: Stamp,
    token: str,
    spec_file: str,
) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "plan": _head(session, digest, stamp),
        "spec": {"file": spec_file, "digest": session.spec.digest},
        "source": _end(session.source, gathered.source_ends),
        "destination": _end(session.destination, gathered.destination_ends),
        "verdict": _verdict(tally),
        "summary": _summary(tally),
        "classes": [_class(own, estimate) for own in by_danger_then_count(tally.classes) if _told(own)],
        "limits": [asdict(own) for own in limits],
        "findings": findings(tally, rules),
        "counts": {
            "source": gathered.source_records,
            "repeated": tally.words["repeated"],
            "unselected": tally.words["unselected"],
            "unmappable": tally.words["unmappable"],
            "verdicts": tally.verdicts,
        },
        "estimate": {
            "calls": dict(sorted(estimate.calls.items())),
            "seconds": round(estimate.seconds, 1),
            "messages": estimate.messages,
            "billed": dict(sorted(estimate.billed.items())),
        },
        "incomplete": _incomplete(gathered),
        "approval": {"token": token},
    }


def _head(session: Session, digest: str, stamp: Stamp) -> dict[str, Any]:
    return {
        "id": digest[:12],
        "digest": digest,
        "migration": session.spec.migration,
        "phase": PHASE,
        "lineage": session.store.lineage,
        "engine": __version__,
        "created_at": _time(stamp.created_at),
        "expires_at": _time(stamp.expires_at),
        "status": "new",
    }


def _verdict(tally: Tally) -> dict[str, int]:
    changes, conflicts = tally.changes, tally.of_action("conflict")
    return {
        "changes": changes,
        "conflicts": conflicts,
        "holds": tally.of_action("hold"),
        "exit_code": 4 if conflicts else 2 if changes else 0,
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _end(end: EndSession, ends: Mapping[Kind, Complete | Partial]) -> dict[str, Any]:
    read = {
        kind: {
            "end": "complete" if isinstance(own, Complete) else "partial",
            "reason": own.reason if isinstance(own, Partial) else "",
            "count": own.count if isinstance(own, Complete) else 0,
        }
        for kind, own in sorted(ends.items())
    }
    return {"provider": end.provider.name, "version": end.provider.version, "tenant": dict(end.tenant), "read": read}


def _summary(tally: Tally) -> list[dict[str, Any]]:
    counts: dict[tuple[str, str], int] = {}
    for own in tally.classes.values():
        kind, action = own.key[0], own.key[1]
        if action != "noop":
            counts[kind, action] = counts.get((kind, action), 0) + own.count
    if tally.words["noop"]:
        counts["user", "noop"] = tally.words["noop"]
    order = {kind: number for number, kind in enumerate(KINDS)}
    ordered = sorted(counts, key=lambda key: (order[key[0]], key[1]))  # type: ignore[index]
    return [{"kind": kind, "action": action, "count": counts[kind, action]} for kind, action in ordered]


def _told(own: ChangeClass) -> bool:
    """State-only rows are written by the next apply; they are no change and nobody reviews them."""
    return own.key[1] not in ("noop", "forget")


def _class(own: ChangeClass, estimate: Estimate) -> dict[str, Any]:
    kind, action, fields, rules = own.key
    routes = estimate.routes.get(own.id, {})
    forces, first = estimate.forces.get(own.id), estimate.read_back.get(own.id)
    return {
        "id": own.id,
        "kind": kind,
        "action": action,
        "fields": list(fields),
        "rules": list(rules),
        "routes": list(routes),
        **({"by_route": routes} if len(routes) > 1 else {}),
        "dangers": sorted(own.dangers),
        "count": own.count,
        "reversible": _reversible(action),
        **({"forces": forces} if forces else {}),
        **({"read_back": first} if first else {}),
        "samples": [{"address": sample.address, "fields": sample.fields} for sample in own.samples],
    }


def _reversible(action: str) -> str:
    if action not in WRITES:
        return "nothing is written"
    if action in ("delete", "message"):
        return "no"
    return "manual" if action == "update" else "yes"


def findings(tally: Tally, rules: Rules) -> list[dict[str, Any]]:
    """Findings of the plan, errors first; those the spec ignores are left out."""
    shown = []
    for code, own in tally.findings.items():
        level = rules.severity(code)
        if level == "ignore":
            continue
        rule = FINDINGS[code]
        shown.append(
            {
                "code": code,
                "severity": "info" if level == "skip" else level,
                "family": rule.family,
                "title": rule.title,
                "count": own.count,
                "samples": own.samples,
                "remedy": rule.remedy,
            }
        )
    order = {"error": 0, "warn": 1, "info": 2}
    return sorted(shown, key=lambda own: (order[str(own["severity"])], str(own["code"])))


def stopping(document: Mapping[str, Any]) -> list[str]:
    """Codes of findings that stop the plan: apply refuses it."""
    return [own["code"] for own in document["findings"] if own["severity"] == "error" and own["code"] in STOPPING]


def _incomplete(gathered: Gathered) -> list[dict[str, Any]]:
    rows = []
    for side, ends in (("source", gathered.source_ends), ("destination", gathered.destination_ends)):
        for kind, own in sorted(ends.items()):
            if isinstance(own, Partial):
                withheld = "remove, disable, delete, forget" if side == "source" else "create, recreate, forget"
                rows.append({"kind": kind, "reason": f"{side}: {own.reason}", "withheld": withheld})
    return rows
