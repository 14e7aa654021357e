"""What a state store offers, whatever holds it. One contract; SQLite is the first backend."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from poolshift.identity.value import Path
from poolshift.privacy import Fingerprinter
from poolshift.provider.operation import JobHandle, Operation
from poolshift.state.base import Base

PlanStatus = Literal["new", "open", "closed"]
Result = Literal["done", "already", "not_done", "not_yet", "failed", "stale", "conflict", "unknown"]


class Keys(Protocol):
    """Keys of one lineage, derived by HKDF from its data key; the data key itself never leaves the store."""

    @property
    def fingerprints(self) -> Fingerprinter: ...

    def derive(self, label: str) -> bytes:
        """32 bytes for a purpose: "spill", "token"."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """A person's verdict on a conflict: valid while both fingerprints are what they were."""

    address: str
    path: Path  # "" = the record
    keep: Literal["source", "destination"]
    desired: bytes
    actual: bytes
    who: str
    why: str
    at: float


@dataclass(frozen=True, slots=True)
class Intent:
    """One change of a window, durable before its first call. Holds fingerprints, never values.

    base: the person's row if everything lands; sent: path -> fingerprint of what is sent.
    """

    address: str
    kind: str
    action: str
    person: str
    destination_id: str | None
    desired: bytes
    actual: bytes
    sent: Mapping[Path, bytes] = field(default_factory=dict)
    base: Base | None = None
    refs: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one intent. ``base`` (or `drop`) is written in the same transaction.

    elements: fingerprint -> (desired, actual), merged into the person's row; (False, False) forgets it.
    code, message: of a failure; the message is redacted.
    """

    address: str
    result: Result
    destination_id: str | None = None
    person: str = ""
    base: Base | None = None
    drop: bool = False
    elements: Mapping[bytes, tuple[bool, bool]] = field(default_factory=dict)
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A batch handed to a job of the vendor's: durable before it is submitted, its handle as soon as there is one.

    operations: in the order they were submitted, what rode in them included; without values.
    begun_at: Unix time; the handle's deadline counts from here.
    """

    label: str
    operations: tuple[Operation, ...]
    begun_at: float
    handle: JobHandle | None = None

    @property
    def until(self) -> float | None:
        """Unix time from which the job counts as lost."""
        if self.handle is None or self.handle.deadline is None:
            return None
        return self.begun_at + self.handle.deadline


@dataclass(frozen=True, slots=True)
class Window:
    """At most 1,000 changes of one route, or one job. ``open_rows``: intents without an outcome, in batch order.

    jobs: those of its batches, oldest first; a row that is in several was handed to the newest last.
    """

    number: int
    run: str
    plan_id: str
    route: str
    label: str
    opened_at: float
    open_rows: tuple[Intent, ...]
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a command that writes; ``report`` holds counts and codes, no values."""

    id: str
    command: str
    plan_id: str
    started_at: float
    ended_at: float | None
    exit_code: int | None
    report: Mapping[str, Any]


class Store(Protocol):
    """An opened lineage. Opened for writing it holds the one exclusive lock until it is closed."""

    lineage: str
    keys: Keys

    # -- what was decided on
    def tenants(self) -> Mapping[str, Mapping[str, str]]:
        """Pinned fingerprints of "source" and "destination"; empty before the first apply."""

    def pin_tenants(self, tenants: Mapping[str, Mapping[str, str]]) -> None: ...

    def rule_sets(self) -> Mapping[int, Mapping[Path, str]]:
        """Number -> path -> rule (mode and canonical form) the pairs of a base row were decided under."""

    def rule_set(self, rules: Mapping[Path, str]) -> int:
        """The number of these rules: an existing one, else the next (stored only when writable)."""

    # -- base
    def people(self, low: int = 0, high: int = 1 << 64) -> Iterator[Base]:
        """People whose source id's hash64 is in [low, high), streamed in hash order."""

    def pairs(self, low: int = 0, high: int = 1 << 64) -> Iterator[tuple[str, str]]:
        """(source id, destination id) of the same people in the same order, at a fraction of the cost."""

    def person(self, source_id: str) -> Base | None: ...

    def count_people(self) -> int: ...

    def shared(self) -> Mapping[str, Base]:
        """Base rows of shared kinds by address (Base.source_id is the address)."""

    def resolutions(self) -> Mapping[tuple[str, Path], Resolution]: ...

    def resolve(self, resolution: Resolution) -> None: ...

    # -- plans
    def plan_status(self, plan_id: str) -> PlanStatus: ...

    def open_plan(self, plan_id: str, digest: str) -> None: ...

    def close_plan(self, plan_id: str) -> None:
        """Closes it and folds its closed windows to one row each."""

    def finished(self, plan_id: str) -> Collection[str]:
        """Addresses whose change of this plan is done, already or stale."""

    # -- windows
    def open_window(self, run: str, plan_id: str, route: str, intents: Sequence[Intent]) -> Window:
        """Durable (fsynced) when it returns."""

    def begin_job(self, window: int, label: str, operations: Sequence[Operation]) -> Job:
        """Durable when it returns: what is about to be submitted, in its order, without values. From any thread."""

    def keep_handle(self, handle: JobHandle) -> None:
        """Durable when it returns: how to ask for the job of the handle's label. From any thread."""

    def settle(self, window: int, outcomes: Sequence[Settled]) -> None:
        """Outcomes and base rows in one transaction."""

    def record(self, outcomes: Sequence[Settled]) -> None:
        """State-only rows (rebase, release, forget): base rows in one transaction, no window."""

    def close_window(self, window: int) -> None: ...

    def open_windows(self) -> Sequence[Window]: ...

    # -- runs
    def begin_run(self, command: str, plan_id: str) -> str: ...

    def end_run(self, run: str, exit_code: int, report: Mapping[str, Any]) -> None: ...

    def runs(self) -> Sequence[Run]: ...

    def failures(self, run: str) -> Iterator[Settled]:
        """Outcomes of a run that are neither done nor already."""

    def close(self) -> None: ...
