"""Holding the lease of a state: taken at the start, renewed by a heartbeat, checked before every call and write."""

import logging
import secrets
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import Locked, PoolshiftError
from poolshift.state import clock, lease
from poolshift.state.connection import Connection, Statements
from poolshift.state.lease import Lease, Terms
from poolshift.state.process import Process

TERMS = Terms()
"""What a lease is taken for; tests shorten it."""

_log = logging.getLogger(__name__)


class Holding:
    """The lease of this store, from its opening to its end. Threads may share it."""

    def __init__(self, connection: Connection) -> None:
        """Raises Locked while another's lease is live."""
        self._connection = connection
        self._terms = TERMS
        self._mutex = Lock()
        self._over = ""
        self._lease = self._taken()
        self._ends = self._lease.deadline
        connection.guard = self._guard
        self._beats = connection.aside()
        self._stop = Event()
        self._thread = Thread(target=self._beat, name="lease", daemon=True)
        self._thread.start()

    @property
    def fence(self) -> int:
        return self._lease.fence

    def _taken(self) -> Lease:
        before = clock.seconds()
        here = Process.current()
        # The name of the command only: what follows it may name files, people or variables.
        command = Path(sys.argv[0]).name if sys.argv else ""
        connection = self._connection
        with connection.transaction(guarded=False) as statements:
            found = lease.read_for_update(connection, statements)
            server_time = connection.server_time()
            if found.is_live(here, server_time, clock.seconds(), time.time()):
                raise found.locked(connection.place)
            since = time.time() if server_time is None else server_time
            lasts = self._terms.lasts
            own = Lease(found.fence + 1, secrets.token_hex(8), command, since, since + lasts, before + lasts, here)
            lease.write(statements, own)
        return own

    def check(self) -> None:
        """Asked before every call: raises Locked from the margin before the deadline on."""
        if clock.seconds() >= self._ends - self._terms.margin:
            self._lose("it was not renewed in time")
        if self._over:
            raise self._lost()

    def _guard(self, statements: Statements) -> None:
        """Asked inside every transaction: the fence is compared with what the state says in this very moment."""
        self._compare(lease.read_for_update(self._connection, statements))
        if self._over:
            raise self._lost()

    def _compare(self, found: Lease) -> None:
        if not self._is_ours(found):
            self._lose("another command has it, or it was broken")
        elif clock.seconds() >= self._ends:
            self._lose("it was not renewed in time")

    def _is_ours(self, found: Lease) -> bool:
        return (found.fence, found.token) == (self._lease.fence, self._lease.token)

    def _lose(self, why: str) -> None:
        self._over = self._over or why

    def _lost(self) -> Locked:
        summary = f"the lease on the state is over: {self._over}"
        remedy = "Nothing was written since. Run the same command again: it settles what was under way first."
        return Locked([Diagnostic("LEASE_LOST", summary, Place(self._connection.place), remedy)])

    def announce(self, command: str) -> None:
        """Tells others which command holds the lease."""
        with self._mutex:
            self._lease = replace(self._lease, command=command)

    def _beat(self) -> None:
        while not self._stop.wait(self._terms.beat) and not self._over:
            try:
                self.renew()
            except PoolshiftError as error:
                # The next beat tries again; without success the lease runs out, and `check` stops the run.
                _log.warning("the lease was not renewed: %s", error.diagnostics[0].code)

    def renew(self) -> None:
        """Once more for the whole time, unless it is over. Raises StateUnusable."""
        before = clock.seconds()
        with self._mutex, self._beats.transaction(guarded=False) as statements:
            self._compare(lease.read_for_update(self._beats, statements))
            if self._over:
                return
            server_time = self._beats.server_time()
            now, lasts = (time.time() if server_time is None else server_time), self._terms.lasts
            self._lease = replace(self._lease, until=now + lasts, deadline=before + lasts)
            lease.write(statements, self._lease)
        self._ends = before + self._terms.lasts

    def release(self) -> None:
        """Frees the state for others at once. A state that cannot be reached is freed by time."""
        self._stop.set()
        self._thread.join()
        try:
            with self._mutex, self._beats.transaction(guarded=False) as statements:
                if self._is_ours(lease.read_for_update(self._beats, statements)):
                    statements.execute("UPDATE lease SET token = '' WHERE name = 'writer'")
        except PoolshiftError as error:
            _log.warning("the lease was not given back: %s", error.diagnostics[0].code)
        finally:
            if self._beats is not self._connection:
                self._beats.close()
