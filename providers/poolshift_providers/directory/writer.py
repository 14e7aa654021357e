"""Writes to a directory file: one transaction a call, durable when it is answered."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from poolshift.identity.kind import KINDS, SHARED_KINDS
from poolshift.provider.operation import Batch, Code, Failure, Operation, Outcome, Unknown, WholeRejected
from poolshift.provider.schema import Route
from poolshift.provider.session import Calls
from poolshift_providers.directory.database import connect
from poolshift_providers.directory.element_writes import ElementWrites
from poolshift_providers.directory.refusals import Refused, breakdown, refusal
from poolshift_providers.directory.routes import WRITES
from poolshift_providers.directory.settings import Settings
from poolshift_providers.directory.shared_writes import SharedWrites
from poolshift_providers.directory.user_writes import UserWrites

_ORDER: Final = {kind: number for number, kind in enumerate(KINDS)}


class DirectoryWriter:
    """A session that writes; may be used from several threads, which take turns."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._calls = calls
        self._connection, _ = connect(settings, calls, writes=True)
        self._users = UserWrites(settings, self._connection)
        self._shared = SharedWrites(self._connection)
        self._elements = ElementWrites(self._connection)
        self._turn = threading.Lock()

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        """Outcomes in the order of the batch, children behind their parent; everything is written when it returns.

        Raises WholeRejected (route ``batch``), Failed (locked, disk full, read-only), Unknown (commit lost).
        """
        if route.whole:
            self._calls.spend(WRITES)
            with self._turn:
                return iter(self._all(batch))
        return iter([self._one(operation) for operation in batch.operations])

    def _all(self, batch: Batch) -> list[Outcome]:
        try:
            with self._transaction():
                return [outcome for operation in batch.operations for outcome in self._with_children(operation)]
        except Refused as error:
            raise WholeRejected(error.failure, {}) from error
        except sqlite3.IntegrityError as error:
            raise WholeRejected(self._of_a_row(batch, error), {}) from error

    def _of_a_row(self, batch: Batch, error: sqlite3.IntegrityError) -> Failure:
        """The refusal: EXISTS where all of these users are there already, which a batch of one tells of its user."""
        failure = refusal(error)
        if failure.code is Code.TAKEN and all(map(self._users.exists, batch.operations)):
            return Failure(Code.EXISTS, "a user with this external_id is there already", "external_id")
        return failure

    def _with_children(self, operation: Operation) -> Iterator[Outcome]:
        outcome = self._write(operation)
        yield outcome
        for child in sorted(operation.children, key=lambda child: _ORDER[child.kind]):
            yield self._elements.write(child, outcome.id)

    def _one(self, operation: Operation) -> Outcome:
        self._calls.spend(WRITES)
        with self._turn:
            try:
                with self._transaction():
                    return self._write(operation)
            except Refused as error:
                return Outcome(operation.address, "failed", id=operation.id, failure=error.failure)
            except sqlite3.IntegrityError as error:
                failure = self._of_a_row(Batch((operation,)), error)
                return Outcome(operation.address, "failed", id=operation.id, failure=failure)

    def _write(self, operation: Operation) -> Outcome:
        if operation.kind == "user":
            return self._users.write(operation)
        if operation.kind in SHARED_KINDS:
            return self._shared.write(operation)
        if operation.kind in ("organization_member", "role_member", "group_member", "link"):
            return self._elements.write(operation)
        raise Refused(Code.UNSUPPORTED, f"the directory holds no {operation.kind}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise breakdown(error) from error
        try:
            yield
        except sqlite3.IntegrityError:
            self._roll_back()
            raise
        except sqlite3.Error as error:
            self._roll_back()
            raise breakdown(error) from error
        except BaseException:
            self._roll_back()
            raise
        self._commit()

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_IOERR"):
                raise Unknown("the directory file failed while it was being written") from error
            raise breakdown(error) from error

    def _roll_back(self) -> None:
        # A full disk has rolled back by itself.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
