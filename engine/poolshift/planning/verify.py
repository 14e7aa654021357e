"""verify: does the destination hold what the source says? Counts differences; writes nothing."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from poolshift.gather.gathered import Gathered
from poolshift.plan.change import WRITES
from poolshift.plan.compare import Difference, compare
from poolshift.plan.rules import Rules
from poolshift.plan.tally import Tally
from poolshift.planning.compute import Progress, decide_shared_kinds, gathering, no_progress
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.partition import people
from poolshift.planning.rules import Compiled, bind_rules
from poolshift.planning.session import Session

SAMPLES: Final = 50


def verify(session: Session, progress: Progress = no_progress) -> dict[str, Any]:
    """The verify document. exit code: 2 on any difference, 4 if all are open conflicts, else 0."""
    with gathering(session, "verify", progress) as (compiled, gathered, _):
        rules = bind_rules(
            session, compiled, gathered.shared, gathered.source_ends, gathered.destination_ends, destructive=True
        )
        return _document(_differences(session, compiled, gathered, rules))


def _differences(session: Session, compiled: Compiled, gathered: Gathered, rules: Rules) -> Iterator[Difference]:
    tally = Tally()
    for partition in range(gathered.partitions):
        for person, _ in people(gathered, session.store, partition):
            yield from compare(person, rules, tally.parents)
    for change in decide_shared_kinds(session, compiled, gathered, rules, tally):
        if change.action == "conflict" or (change.action in WRITES and change.action != "adopt"):
            code = "MISSING" if change.action == "create" else "DIFFERS"
            for path in sorted({own.path for own in change.fields}) or [""]:
                yield Difference(change.kind, change.address, path, code, open=change.action == "conflict")


def _document(differences: Iterator[Difference]) -> dict[str, Any]:
    states: Counter[tuple[str, str]] = Counter()
    listed: Counter[str] = Counter()
    shown: list[dict[str, Any]] = []
    counted = conflicts = 0
    for own in differences:
        if own.listed:
            listed[f"{own.kind} {own.path}: {own.listed}" if own.path else f"{own.kind}: {own.listed}"] += 1
            continue
        counted += 1
        conflicts += own.open
        states[own.kind, "open conflict" if own.open else own.code.lower()] += 1
        if len(shown) < SAMPLES:
            shown.append({"address": own.address, "path": own.path, "code": own.code})
    return {
        "format_version": FORMAT_VERSION,
        "verdict": {
            "differences": counted,
            "conflicts": conflicts,
            "exit_code": 0 if not counted else 4 if conflicts == counted else 2,
        },
        "summary": [{"kind": kind, "state": state, "count": count} for (kind, state), count in sorted(states.items())],
        "differences": shown,
        "listed": [{"why": why, "count": count} for why, count in sorted(listed.items())],
    }
