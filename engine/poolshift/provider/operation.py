"""What the executor asks of a provider, and what a provider answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path, Value
from poolshift.provider.verb import Verb


@dataclass(frozen=True, slots=True)
class Put:
    value: Value


@dataclass(frozen=True, slots=True)
class Clear:
    """Explicitly empty. A path that is not in `changes` survives untouched."""


@dataclass(frozen=True, slots=True)
class Edit:
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Operation:
    """One write. ``refs`` are filled with destination ids by the engine; ``current`` where the route needs it."""

    address: str
    kind: Kind
    verb: Verb
    changes: Mapping[Path, Put | Clear | Edit] = field(default_factory=dict)
    id: str | None = None
    refs: Mapping[Path, Ref] = field(default_factory=dict)
    current: Record | None = None
    children: tuple["Operation", ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Order and label are durable before send(): row numbers find their people again."""

    operations: tuple[Operation, ...]
    label: str = ""


class Code(Enum):
    """Why a row failed, by what the engine does about it.

    EXISTS same key, ours or adoptable; TAKEN a unique value is another record's; BUSY, DOWN are tried again;
    SPENT pauses the quota; DENIED stops the run; the rest is the row's own.
    """

    EXISTS = "exists"
    TAKEN = "taken"
    INVALID = "invalid"
    GONE = "gone"
    PARENT_GONE = "parent_gone"
    HELD_BY_DELETED = "held_by_deleted"
    DENIED = "denied"
    BUSY = "busy"
    SPENT = "spent"
    DOWN = "down"
    STALE = "stale"
    UNSUPPORTED = "unsupported"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal. ``message`` holds no value of a record."""

    code: Code
    message: str
    path: Path | None = None
    retry_after: float | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Covers some paths (None = all) of one address, own or child's; the engine sums them.

    No id after a create -> settled by lookup; no echo -> what reads back is open until the next read.
    """

    address: str
    status: Literal["done", "already", "not_yet", "failed"] = "done"
    paths: frozenset[Path] | None = None
    id: str | None = None
    echo: Record | None = None
    failure: Failure | None = None


class WholeRejected(Exception):
    """Nothing was written. Named rows fail and the rest goes again; no names -> the engine bisects."""

    def __init__(self, failure: Failure, rows: Mapping[str, Failure]) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.rows = rows


class Failed(Exception):
    """A call that was refused and wrote nothing."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Unknown(Exception):
    """A call whose answer was lost: it may or may not have been carried out."""


@dataclass(frozen=True, slots=True)
class JobHandle:
    id: str
    label: str
    keep: Mapping[str, str] = field(default_factory=dict)
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class JobState:
    status: Literal["running", "person", "finished", "lost"]
    again_in: float = 10.0
    instructions: str = ""
