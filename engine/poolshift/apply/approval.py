"""What may run: the rows of an approved plan file, or everything under an approved envelope."""

from typing import Literal, Protocol

from poolshift.plan.change import WRITES, Change
from poolshift.planning.planned import PlanRows

Permission = Literal["run", "stale", "waits"]


class Approved(Protocol):
    """An approval. ``id`` and ``digest`` name the plan that is opened, continued and closed in the state.

    repeatable: a plan that was carried out may be so again; a plan file may not.
    """

    repeatable: bool

    @property
    def id(self) -> str: ...
    @property
    def digest(self) -> str: ...

    def verdict(self, change: Change) -> Permission:
        """run: as approved. stale: approved, but the record moved since. waits: not in the approved plan."""

    def vanished(self, finished: int) -> int:
        """Approved changes for which no fresh change came, beside the ``finished`` ones. Asked once, at the end."""


class FromFile:
    """The intersection: a change runs if it is in the plan file with the same action, desired and actual.

    So does the rest of a create that landed by half before a crash: an update of the same person to the same desired.
    unmoved: the fresh plan has the very same rows, so that none of them has to be looked up.
    """

    repeatable = False

    def __init__(self, rows: PlanRows, *, unmoved: bool = False) -> None:
        self._rows = rows
        self._unmoved = unmoved
        self._met = 0

    @property
    def id(self) -> str:
        return self._rows.id

    @property
    def digest(self) -> str:
        return self._rows.digest

    def verdict(self, change: Change) -> Permission:
        if self._unmoved:
            self._met += 1
            return "run"
        row = self._rows.find(change.address)
        if row is None or row.action not in WRITES:
            return "waits"
        self._met += 1
        same = (row.action, row.desired, row.actual) == (change.action, change.desired, change.actual)
        rest = (row.action, change.action) == ("create", "update") and row.desired == change.desired
        return "run" if same or rest else "stale"

    def vanished(self, finished: int) -> int:
        summary = self._rows.document["summary"]
        approved = sum(int(line["count"]) for line in summary if line["action"] in WRITES)
        return max(approved - finished - self._met, 0)


class Everything:
    """All changes of a plan that was just made: the envelope of a token was checked while planning."""

    repeatable = True

    def __init__(self, rows: PlanRows) -> None:
        self._rows = rows

    @property
    def id(self) -> str:
        return self._rows.id

    @property
    def digest(self) -> str:
        return self._rows.digest

    def verdict(self, change: Change) -> Permission:
        return "run"

    def vanished(self, finished: int) -> int:
        return 0
