"""Writes to a pool: what each kind needs is in its own file."""

from collections.abc import Iterator
from functools import cached_property
from threading import Lock

from poolshift.provider.operation import Batch, Code, Failed, Failure, JobHandle, JobState, Outcome
from poolshift.provider.schema import Route
from poolshift.provider.session import Calls
from poolshift_providers.cognito.element_writes import LinkWrites, MemberWrites
from poolshift_providers.cognito.import_job import ImportJobs
from poolshift_providers.cognito.operations import PoolCalls
from poolshift_providers.cognito.pool import Pool
from poolshift_providers.cognito.reader import describe
from poolshift_providers.cognito.settings import Settings
from poolshift_providers.cognito.shared_writes import declare, write_group
from poolshift_providers.cognito.user_writes import UserWrites


class PoolWriter:
    """May be used from several threads; keeps nothing but what a pool cannot change."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._session = calls
        self._calls = PoolCalls(calls, settings.pool_id)
        self._reading = Lock()
        self._members = MemberWrites(self._calls)
        self._links = LinkWrites(self._calls)

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle:
        """Outcomes as the calls land. Raises Failed, Unknown, and WholeRejected for custom attributes."""
        return self._imports.submit(batch) if route.delivery == "job" else self._send(route, batch)

    def find(self, label: str) -> JobHandle | None:
        return self._imports.find(label)

    def poll(self, handle: JobHandle) -> JobState:
        return self._imports.poll(handle)

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        return self._imports.collect(handle, batch)

    def _send(self, route: Route, batch: Batch) -> Iterator[Outcome]:
        if route.kind == "attribute":
            yield from declare(self._calls, batch)
            return
        for operation in batch.operations:
            if operation.kind == "user":
                yield from self._users.write(operation)
            elif operation.kind == "group":
                yield from write_group(self._calls, operation)
            elif operation.kind == "group_member":
                yield from self._members.write(operation)
            elif operation.kind == "link":
                yield from self._links.write(operation)
            else:
                raise Failed(Failure(Code.UNSUPPORTED, f"a pool holds no {operation.kind}"))

    @property
    def _users(self) -> UserWrites:
        with self._reading:
            return UserWrites(self._calls, self._pool)

    @property
    def _imports(self) -> ImportJobs:
        with self._reading:
            return ImportJobs(self._session, self._calls, self._pool, self._settings.import_role_arn or "")

    @cached_property
    def _pool(self) -> Pool:
        """How people sign in, and the password policy: read once, before the first user."""
        return describe(self._calls, self._settings)
