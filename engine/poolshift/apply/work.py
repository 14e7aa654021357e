"""One change under way: what was asked, what has landed, what is still open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from poolshift.errors import PoolshiftError
from poolshift.identity.kind import SHARED_KINDS
from poolshift.identity.value import Path, Value
from poolshift.plan.change import Change
from poolshift.provider.operation import Failure
from poolshift.provider.verb import Verb
from poolshift.state.base import Base
from poolshift.state.store import Result, Window

BLOCKED = "PARENT_FAILED"
"""Code of a row that was never sent, because the record it belongs to is not there."""

Waiting = Literal["", "again", "lost", "unproven", "deferred", "stopped", "left"]
"""What an open work waits for: another send; a lookup of its lost answer, or of what it wrote; the end of the run; the
next run, with nothing written (stopped) or nobody knows (left)."""


@dataclass(slots=True, eq=False)
class Work:
    """Sums the outcomes of one address over all its sends.

    verb: of the next send; a create whose record is there already goes on as an update of the ``open_paths``.
    base: the person's row if everything lands. children: ride in the next send; riders: rode in any.
    refused: failures of single paths; failure: of the row.
    sent: fingerprints of all values. observed: fingerprints of landed paths as echoed or read back.
    forces: what is read whatever was sent, by the route it was last sent on.
    retaken: tried once more because a unique value was another's.
    user: the create or adopt, in this run, of the person it belongs to.
    unsure: an answer was lost, and nothing has told since whether it was carried out.
    canary: what it was sent as, where it has to be read back before it ends.
    defect: of the provider, that lost the last answer.
    """

    change: Change
    verb: Verb
    base: Base | None = None
    sent: dict[Path, bytes] = field(default_factory=dict)
    window: Window | None = None
    user: "Work | None" = None
    children: tuple["Work", ...] = ()
    riders: list["Work"] = field(default_factory=list)
    parent: "Work | None" = None
    covered: bool = False
    landed: set[Path] = field(default_factory=set)
    refused: dict[Path, Failure] = field(default_factory=dict)
    failure: Failure | None = None
    already: bool = False
    not_yet: bool = False
    id: str | None = None
    observed: dict[Path, bytes] = field(default_factory=dict)
    forces: Mapping[Path, Value] = field(default_factory=dict)
    attempts: int = 0
    retaken: bool = False
    waits: Waiting = ""
    unsure: bool = False
    canary: Verb | None = None
    defect: PoolshiftError | None = None
    result: Result | None = None

    @property
    def wanted(self) -> frozenset[Path]:
        return frozenset() if self.verb == "delete" else frozenset(self.change.effect.values)

    @property
    def open_paths(self) -> frozenset[Path]:
        return self.wanted - self.landed - self.refused.keys()

    @property
    def is_open(self) -> bool:
        """Something of it has neither landed nor failed."""
        if self.result is not None or self.failure is not None or self.not_yet:
            return False
        return bool(self.open_paths) if self.wanted else not self.covered

    @property
    def is_identified(self) -> bool:
        """A record with an id of its own, which a lookup finds; the rest are elements and belongings of people."""
        return self.change.kind == "user" or self.change.kind in SHARED_KINDS

    @property
    def creates(self) -> bool:
        """There is no record yet, as far as is known."""
        return self.verb == "create" and self.id is None

    @property
    def messages(self) -> bool:
        """Its write reaches a person: at most once, never repeated."""
        return self.change.action == "message"

    @property
    def is_missing(self) -> bool:
        """A create that left no record: what belongs to it cannot be written."""
        return self.change.action == "create" and self.result not in (None, "done", "already") and self.id is None

    @property
    def leaves_row(self) -> bool:
        """There is a base row, to which what belongs to this person can be added."""
        return self.result in ("done", "already") or bool(self.landed) or self.id is not None

    def becomes_update(self, id: str) -> None:
        """Its record is there: what is left of it is a smaller update."""
        self.id = id
        if self.verb == "create" and self.wanted and self.is_identified:
            self.verb = "update"

    def fail(self, failure: Failure, paths: frozenset[Path]) -> None:
        """Of these paths, or of the row where nothing of it has landed."""
        if self.landed or paths < self.wanted:
            self.refused.update(dict.fromkeys(paths & self.open_paths, failure))
        if not self.landed and not self.open_paths - paths:
            self.failure = failure
