"""plan: gather, decide every person, count, write the file."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from os.path import relpath
from pathlib import Path as File
from secrets import token_hex
from typing import Final

import orjson

from poolshift.errors import LimitExceeded
from poolshift.gather.gathered import Gathered, gather
from poolshift.gather.source import Watch
from poolshift.gather.work import Work
from poolshift.identity.address import address
from poolshift.identity.kind import SHARED_KINDS
from poolshift.identity.value import Path
from poolshift.plan.change import Change
from poolshift.plan.decide import decide
from poolshift.plan.envelope import Envelope, ceilings, seal
from poolshift.plan.estimate import add_reads, estimate
from poolshift.plan.limits import check_limits, wrong_accepts
from poolshift.plan.person import Person
from poolshift.plan.routes import forced_fields
from poolshift.plan.rules import Rules
from poolshift.plan.shared import decide_shared
from poolshift.plan.tally import Tally
from poolshift.planning.computed import Computed
from poolshift.planning.destination_settings import check_estimate, check_settings
from poolshift.planning.document import Stamp, bound_to, plan_document
from poolshift.planning.expectations import check_expectations
from poolshift.planning.first_roles import FirstRoles
from poolshift.planning.partition import people
from poolshift.planning.plan_file import PlanFile, PlanWriter
from poolshift.planning.quiet_people import QuietPeople
from poolshift.planning.rules import Compiled, bind_rules, compile_rules
from poolshift.planning.session import Session
from poolshift.planning.shared_wants import shared_wants
from poolshift.state.base import ABSENT_FP

Progress = Callable[[str, int], None]
PARTITIONS: Final = 256
COLLECT_AFTER: Final = 50_000  # objects


def no_progress(_what: str, _count: int) -> None:
    """For callers that show none."""


@contextmanager
def compute(
    session: Session,
    *,
    out: File | None = None,
    accept: Mapping[str, int] | None = None,
    command: str = "plan",
    progress: Progress = no_progress,
    partitions: int = PARTITIONS,
) -> Iterator[Computed]:
    """Plan; the result lives as long as the context. ``out``: keep the plan file there.

    Raises what the providers raise, and LimitExceeded where an accept is not the exact number.
    """
    with gathering(session, command, progress, partitions) as (compiled, gathered, started):
        tally = Tally(forced=forced_fields(session.destination.schema))
        expected = check_expectations(session, gathered, tally, started)
        check_settings(session, compiled.mapper.paths, tally)
        rules = bind_rules(
            session,
            compiled,
            gathered.shared,
            gathered.source_ends,
            gathered.destination_ends,
            destructive=expected,
        )
        path = out if out is not None else gathered.folder / "computed.plan"
        with PlanWriter(path) as writer:
            computed = _decide_all(session, compiled, gathered, rules, tally, writer, accept or {}, started, path)
        try:
            yield computed
        finally:
            computed.plan.close()


@contextmanager
def gathering(
    session: Session, command: str, progress: Progress, partitions: int = PARTITIONS, watch: Watch | None = None
) -> Iterator[tuple[Compiled, Gathered, float]]:
    """Both ends read and matched; the work folder is gone afterwards. Yields the time the reading began, too."""
    started = time.time()
    compiled = compile_rules(session)
    with _rare_collections(), Work(session.work_folder, f"{command}-{token_hex(8)}", partitions) as work:
        gathered = gather(
            work,
            mapper=compiled.mapper,
            paths=compiled.paths,
            types=compiled.types,
            users=session.spec.users,
            schema=session.destination.schema,
            source=session.source.reader.read(compiled.source_want),
            destination=lambda: session.destination.reader.read(compiled.destination_want),
            base=session.store.pairs(),
            record_digest=compiled.records,
            progress=progress,
            watch=watch,
        )
        yield compiled, gathered, started


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Records go by reference counts: the collector finds nothing among them, and by itself it would look often."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _decide_all(
    session: Session,
    compiled: Compiled,
    gathered: Gathered,
    rules: Rules,
    tally: Tally,
    writer: PlanWriter,
    accept: Mapping[str, int],
    started: float,
    path: File,
) -> Computed:
    roles = FirstRoles(session, compiled.mapper, gathered, rules)
    _decide_people(session, gathered, rules, roles, tally, writer)
    shared = decide_shared_kinds(session, compiled, gathered, rules, tally)
    kinds = session.destination.schema.kinds
    for change in shared:
        writer.add_shared(change, tally.add(change, kinds[change.kind]).id)
    spec = session.spec
    end, values = session.destination, rules.fingerprints.of_value
    costs = estimate(tally, end.schema, spec.users.method, spec.destination.rates, values)
    add_reads(costs, session.source.schema, compiled.source_want.fields, gathered.source_records)
    check_estimate(session, costs, tally)
    limits = check_limits(spec.limits, tally.dangers, _existing(gathered), accept)
    if problems := wrong_accepts(limits, accept):
        raise LimitExceeded(problems)
    bound = bound_to(session)
    digest = writer.digest(bound)
    expires = started + spec.policy.max_read_age
    classes = tuple(tally.classes.values())
    envelope = Envelope(bound, ceilings(classes, spec.policy.approval_slack), dict(accept), expires)
    document = plan_document(
        session,
        gathered,
        tally,
        rules,
        limits,
        costs,
        digest=digest,
        stamp=Stamp(started, expires),
        token=seal(envelope, session.store.keys.derive("token")),
        spec_file=relpath(spec.file, path.parent),
    )
    writer.finish(document)
    return Computed(session, gathered, rules, PlanFile(path), shared, classes, envelope)


def _decide_people(
    session: Session, gathered: Gathered, rules: Rules, roles: FirstRoles, tally: Tally, writer: PlanWriter
) -> None:
    kinds = session.destination.schema.kinds
    quiet = QuietPeople(rules, roles.concerns)
    for partition in range(gathered.partitions):
        for person, copies in people(gathered, session.store, partition, quiet):
            decided = decide(person, rules)
            tally.add_person(person, decided.tallied, copies)
            if person.standing == "selected" and roles.changes(person.groups):
                tally.find("GROUP_ROLE_ARN", person.address, message="its first group with a role is another there")
            if not decided.changes:
                continue
            changes = decided.changes
            if changes[0].action == "create":
                tally.add_all(changes[1:])
                desired = _desired(person, rules) if "user" in tally.forced else _nothing
                own = tally.add_create(changes[0], kinds["user"], desired, decided.tallied.takers)
                writer.add(changes[0], own.id)
                changes = changes[1:]
            for change in changes:
                writer.add(change, tally.add(change, kinds[change.kind]).id)
    tally.add_quiet(quiet.count, quiet.parents)


def _nothing(_path: Path) -> bytes:
    return ABSENT_FP


def _desired(person: Person, rules: Rules) -> Callable[[Path], bytes]:
    """Fingerprints of what a person's record is to be."""
    values = orjson.loads(person.encoded)

    def fingerprint(path: Path) -> bytes:
        return rules.fingerprint(path, values[path]) if path in values else ABSENT_FP

    return fingerprint


def decide_shared_kinds(
    session: Session, compiled: Compiled, gathered: Gathered, rules: Rules, tally: Tally
) -> tuple[Change, ...]:
    """Changes of attributes, organizations, roles and groups, parents first; ``tally`` knows who needs them."""
    kinds = session.destination.schema.kinds
    bases = session.store.shared()
    changes: list[Change] = []
    for want in shared_wants(session, compiled.mapper, gathered, tally):
        record = gathered.shared.records.get(want.kind, {}).get(want.parts)
        base = bases.get(address(want.kind, *want.parts))
        changes += decide_shared(want, kinds[want.kind], record, base, rules, tally.find)
    order = {kind: number for number, kind in enumerate(SHARED_KINDS)}
    return tuple(sorted(changes, key=lambda change: (order[change.kind], change.address)))


def _existing(gathered: Gathered) -> dict[str, int]:
    """Existing records each percentage is of."""
    people_there = gathered.destination_records
    names = ("delete", "disable", "update", "adopt", "login_change")
    return {**dict.fromkeys(names, people_there), "remove_membership": gathered.destination_elements}
