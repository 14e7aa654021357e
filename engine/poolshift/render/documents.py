"""The JSON documents, version 1.1: what `plan`, `show`, `apply`, `verify`, `recover` and the like print.

Minor versions add keys, so readers ignore what they do not know. Values of tier pii appear masked, secrets never.
"""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from poolshift.identity.kind import Kind
from poolshift.plan.change import Action, FieldVerdict
from poolshift.state.store import PlanStatus, Result

FORMAT_VERSION: Final = "1.1"

Count = Annotated[int, Field(ge=0)]
ExitCode = Annotated[int, Field(ge=0, le=255)]
Version = Annotated[str, Field(pattern=r"^1\.\d+$", description="minor versions add keys")]
Moment = Annotated[str, Field(description="RFC 3339, UTC")]
ClassId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$", description="of kind, action, sorted fields and rules")]
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", description="keyed; zeros mean absent")]


class PlanHead(TypedDict):
    id: Annotated[str, Field(description="the first 12 hex digits of the digest")]
    digest: str
    migration: str
    phase: str | None
    lineage: str
    engine: str
    created_at: Moment
    expires_at: Moment
    status: PlanStatus


class SpecFile(TypedDict):
    file: Annotated[str, Field(description="seen from the plan file's folder")]
    digest: str


class KindRead(TypedDict):
    end: Literal["complete", "partial"]
    reason: str
    count: Count


class EndRead(TypedDict):
    """One end as it was read."""

    provider: str
    version: str
    tenant: dict[str, str]
    read: Annotated[dict[str, KindRead], Field(description="by kind")]


class PlanVerdict(TypedDict):
    changes: Count
    conflicts: Count
    holds: Count
    exit_code: Annotated[int, Field(description="with --detailed-exitcode")]


class SummaryRow(TypedDict):
    kind: Kind
    action: Action
    count: Count


Shown = TypedDict("Shown", {"from": str | None, "to": str | None})
"""Masked, made while planning; null is absent."""


class ClassSample(TypedDict):
    address: str
    fields: Annotated[dict[str, Shown], Field(description="by path")]


class ChangeClass(TypedDict):
    """All changes of one kind, action and set of fields."""

    id: ClassId
    kind: Kind
    action: Action
    fields: list[str]
    rules: list[str]
    routes: list[str]
    by_route: NotRequired[
        Annotated[dict[str, Count], Field(description="since 1.1: route -> changes, where several are taken")]
    ]
    dangers: list[str]
    count: Count
    reversible: Literal["yes", "manual", "no", "nothing is written"]
    forces: NotRequired[
        Annotated[
            dict[str, Any],
            Field(description="since 1.1: field -> what its route makes it, where that is not what is desired"),
        ]
    ]
    read_back: NotRequired[
        Annotated[
            Count,
            Field(description="since 1.1: so many are read back before the rest: the provider assumes that it works"),
        ]
    ]
    samples: list[ClassSample]


class LimitRow(TypedDict):
    name: str
    limit: Annotated[str, Field(description="as written in the spec: 10 or 1%")]
    planned: Count
    accepted: int | None
    verdict: Literal["ok", "needs_accept"]


class FindingRow(TypedDict):
    code: str
    severity: Literal["error", "warn", "info"]
    family: Literal["local", "key", "count"]
    title: NotRequired[Annotated[str, Field(description="what the finding says, in a few words")]]
    count: Count
    samples: list[str]
    remedy: str


class SourceCounts(TypedDict):
    """source = repeated + unselected + unmappable + verdicts."""

    source: Count
    repeated: Count
    unselected: Count
    unmappable: Count
    verdicts: Count


class Estimate(TypedDict):
    calls: Annotated[dict[str, float], Field(description="by quota")]
    seconds: float
    messages: Count
    billed: dict[str, int]


class IncompleteRow(TypedDict):
    kind: str
    reason: str
    withheld: Annotated[Any, Field(description="verdicts that were not given because of it")]


class Approval(TypedDict):
    token: str | None


class ChangeField(TypedDict):
    path: str
    rule: str
    mode: str
    verdict: NotRequired[FieldVerdict]
    desired: Fingerprint
    actual: Fingerprint


class ChangeRow(TypedDict):
    address: str
    destination_id: str | None
    action: Action
    rule: str
    code: NotRequired[Annotated[str, Field(description="of a conflict or hold")]]
    partner: NotRequired[Annotated[str, Field(description="the other address a conflict is about")]]
    candidates: NotRequired[Annotated[list[str], Field(description="destination ids that match equally well")]]
    fields: list[ChangeField]


class PlanDocument(TypedDict):
    """`poolshift show --format json`. ``changes`` only with `--class ID`."""

    format_version: Version
    plan: PlanHead
    spec: SpecFile
    source: EndRead
    destination: EndRead
    verdict: PlanVerdict
    summary: list[SummaryRow]
    classes: list[ChangeClass]
    limits: list[LimitRow]
    findings: list[FindingRow]
    counts: SourceCounts
    estimate: Estimate
    incomplete: list[IncompleteRow]
    approval: Approval
    changes: NotRequired[list[ChangeRow]]


class Subject(TypedDict):
    address: str


class Chapter(TypedDict):
    title: Literal["Source", "Mapping", "Match", "Base", "Verdict"]
    lines: list[str]


class ExplainedField(TypedDict):
    path: str
    rule: str
    mode: str
    verdict: FieldVerdict
    why: str


class ExplainedChange(TypedDict):
    address: str
    action: Action
    rule: str
    fields: list[ExplainedField]


class ExplainDocument(TypedDict):
    """`poolshift explain --format json`."""

    format_version: Version
    person: Subject
    story: list[Chapter]
    changes: list[ExplainedChange]
    exit_code: ExitCode


class VerifyVerdict(TypedDict):
    differences: Count
    conflicts: Count
    exit_code: ExitCode


class VerifyRow(TypedDict):
    kind: str
    state: str
    count: Count


class Difference(TypedDict):
    address: str
    path: str
    code: str
    count: NotRequired[Count]


class Listed(TypedDict):
    why: str
    count: Count


class VerifyDocument(TypedDict):
    """`poolshift verify --format json`."""

    format_version: Version
    verdict: VerifyVerdict
    summary: list[VerifyRow]
    differences: list[Difference]
    listed: list[Listed]


class DriftVerdict(TypedDict):
    drifted: Count
    exit_code: ExitCode


class DriftClass(TypedDict):
    kind: str
    fields: list[str]
    count: Count
    samples: list[str]


class DriftDocument(TypedDict):
    """`poolshift drift --format json`."""

    format_version: Version
    verdict: DriftVerdict
    classes: list[DriftClass]


class StateInfo(TypedDict):
    path: str
    people: Count
    open_windows: Count


class PlanLine(TypedDict):
    id: str
    status: PlanStatus


class RunLine(TypedDict):
    id: str
    command: str
    started_at: Moment
    ended_at: Moment | None
    exit_code: int | None
    counts: Annotated[Any, Field(description="as in the run's report")]


class StatusDocument(TypedDict):
    """`poolshift status --format json`."""

    format_version: Version
    migration: str
    lineage: str
    state: StateInfo
    plans: list[PlanLine]
    runs: list[RunLine]


class ResultRow(TypedDict):
    kind: str
    action: str
    result: Result
    count: Count


class FailureRow(TypedDict):
    """All failures of one code and kind, with their first addresses."""

    code: str
    kind: Kind
    count: Count
    samples: list[str]


class FailedRow(TypedDict):
    """One change that was not done."""

    address: str
    code: str
    message: str


class Stop(TypedDict):
    code: str
    summary: str


class LeftOut(TypedDict):
    conflicts: Count
    holds: Count


class ReportDocument(TypedDict):
    """`poolshift apply` and `poolshift report`, `--format json`. A run that has not ended knows what failed only."""

    format_version: Version
    run: str
    plan: NotRequired[str]
    counts: NotRequired[list[ResultRow]]
    failures: NotRequired[list[FailureRow]]
    failed: NotRequired[Annotated[list[FailedRow], Field(description="of `report`: one by one, the first thousand")]]
    stale: NotRequired[Count]
    waits: NotRequired[Annotated[int, Field(ge=0, description="new since the plan; decided by the next one")]]
    left: NotRequired[LeftOut]
    recorded: NotRequired[Annotated[int, Field(description="state-only rows that were written")]]
    left_open: NotRequired[Annotated[int, Field(description="changes whose outcome is not known yet")]]
    closed: NotRequired[Annotated[bool, Field(description="nothing of the plan is left to do")]]
    stopped_by: NotRequired[Annotated[list[Stop], Field(description="why the run ended early")]]
    seconds: NotRequired[float]
    exit_code: NotRequired[ExitCode]


class ChangeCount(TypedDict):
    kind: str
    action: str
    count: Count


class OpenJob(TypedDict):
    label: str
    id: Annotated[str | None, Field(description="the vendor's; null where it never answered")]
    until: Annotated[Moment | None, Field(description="from then on the job counts as lost")]


class OpenWindow(TypedDict):
    """A window an earlier run left open. ``open``: it still is."""

    number: int
    run: str
    plan: str
    route: str
    opened_at: Moment
    age: Annotated[float, Field(description="seconds")]
    changes: Annotated[list[ChangeCount], Field(description="those without an outcome")]
    jobs: list[OpenJob]
    open: bool


class Recovered(TypedDict):
    done: Count
    partly: Count
    failed: Count
    not_done: Count
    messages: Annotated[list[str], Field(description="addresses whose message may or may not have been sent")]


class NeedsPersonRow(TypedDict):
    code: str
    window: int
    address: Annotated[str, Field(description="empty where it is about a job")]
    candidates: Annotated[list[str], Field(description="destination ids that could be what our create made")]
    job: str
    summary: str
    remedy: str


class RecoveryDocument(TypedDict):
    """`poolshift recover --format json`."""

    format_version: Version
    migration: str
    windows: list[OpenWindow]
    settled: Recovered
    needs_person: list[NeedsPersonRow]
    exit_code: ExitCode
