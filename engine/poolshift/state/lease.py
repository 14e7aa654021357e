"""The lease on a state: one row that says who may write, until when, and by which fencing number.

Whoever takes it raises the number; every transaction of a writer compares it, so that a holder whose lease is over
writes nothing, however late it wakes. A lease that has run out is over for its holder too, taken over or not.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import Locked
from poolshift.state.connection import Connection, Statements
from poolshift.state.process import Process

_COLUMNS: Final = "fence, token, command, since, until, deadline, host, boot, space, pid, started"
_READ: Final = f"SELECT {_COLUMNS} FROM lease WHERE name = 'writer'"


@dataclass(frozen=True, slots=True)
class Terms:
    """Seconds. margin: before the deadline from which on the holder starts no request."""

    lasts: float = 60.0
    beat: float = 15.0
    margin: float = 10.0


@dataclass(frozen=True, slots=True)
class Lease:
    """token: "" where nobody holds it. since, until: Unix times. deadline: by the clock of the holder's machine."""

    fence: int
    token: str
    command: str
    since: float
    until: float
    deadline: float
    process: Process

    def is_live(self, here: Process, server_time: float | None, seconds: float, unix_time: float) -> bool:
        """Whether its holder may still be at work, as seen by process ``here``.

        server_time decides where the runners share a server. Otherwise they share a machine, whose clock since its
        boot (``seconds``) nobody can set back; a holder of another boot of this machine ended with it.
        """
        if not self.token or self.process.has_ended(here):
            return False
        if server_time is not None:
            return server_time < self.until
        if self.process.boot == here.boot:
            return seconds < self.deadline
        return self.process.host != here.host and unix_time < self.until

    def locked(self, place: str) -> Locked:
        """The error of a command that found the state held."""
        summary = f"held by {self.who} since {_time(self.since)}, until {_time(self.until)} if it does not go on"
        remedy = "Wait until it has ended and run again; `poolshift lock status SPEC` tells more."
        return Locked([Diagnostic("STATE_LOCKED", summary, Place(place), remedy)])

    @property
    def who(self) -> str:
        return f"{self.command or 'a command'} (process {self.process.pid} on {self.process.host})"

    def document(self, live: bool) -> dict[str, object]:
        """For `lock status`."""
        if not self.token:
            return {"status": "free", "fence": self.fence}
        return {
            "status": "held" if live else "expired",
            "fence": self.fence,
            "command": self.command,
            "process": self.process.pid,
            "host": self.process.host,
            "since": _time(self.since),
            "until": _time(self.until),
        }


def _time(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(connection: Connection) -> Lease:
    """The lease as it is now."""
    return _lease(connection.one(_READ))


def read_for_update(connection: Connection, statements: Statements) -> Lease:
    """The lease, which nobody else changes until the transaction ends."""
    return _lease(statements.execute(_READ + connection.row_lock).fetchone())


def write(statements: Statements, lease: Lease) -> None:
    own, process = lease, lease.process
    statements.execute(
        "UPDATE lease SET fence = ?, token = ?, command = ?, since = ?, until = ?, deadline = ?, host = ?, boot = ?,"
        " space = ?, pid = ?, started = ? WHERE name = 'writer'",
        (
            *(own.fence, own.token, own.command, own.since, own.until, own.deadline),
            *(process.host, process.boot, process.space, process.pid, process.started),
        ),
    )


def _lease(row: tuple[object, ...]) -> Lease:
    fence, token, command, since, until, deadline, *process = row
    return Lease(fence, token, command, since, until, deadline, Process(*process))  # type: ignore[arg-type]


def break_lease(connection: Connection) -> Lease:
    """Ends whatever lease there is, by raising the number; gives what was. Its holder can write nothing more."""
    with connection.transaction(guarded=False) as statements:
        before = read_for_update(connection, statements)
        statements.execute("UPDATE lease SET fence = fence + 1, token = '' WHERE name = 'writer'")
    return before
