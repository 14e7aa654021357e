"""Writes to a tenant: what each kind needs is in its own file."""

from collections.abc import Iterator
from functools import cached_property
from threading import Lock

from poolshift.provider.operation import Batch, Code, Failed, Failure, JobHandle, JobState, Outcome
from poolshift.provider.schema import Route
from poolshift.provider.session import Calls
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.connection import Connection, database
from poolshift_providers.auth0.import_job import ImportJobs
from poolshift_providers.auth0.link_writes import LinkWrites
from poolshift_providers.auth0.member_writes import MemberWrites
from poolshift_providers.auth0.settings import Settings
from poolshift_providers.auth0.shared_writes import SharedWrites
from poolshift_providers.auth0.user_writes import UserWrites


class TenantWriter:
    """May be used from several threads; keeps nothing but what cannot change."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._api = ManagementApi(calls)
        self._reading = Lock()
        self._shared = SharedWrites(self._api)
        self._members = MemberWrites(self._api)
        self._links = LinkWrites(self._api)

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle:
        """A job's handle, or outcomes as the calls land. Raises Failed, Unknown, and WholeRejected for lists."""
        if route.delivery == "job":
            return self._jobs.submit(batch)
        return self._write(batch)

    def find(self, label: str) -> JobHandle | None:
        """There is no list of jobs: whoever was put in by a lost one is found by id."""
        return None

    def poll(self, handle: JobHandle) -> JobState:
        return self._jobs.poll(handle)

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        return self._jobs.collect(handle, batch)

    def _write(self, batch: Batch) -> Iterator[Outcome]:
        kind = batch.operations[0].kind
        if kind == "organization_member":
            yield from self._members.organization_members(batch)
            return
        if kind == "role_member":
            yield from self._members.role_members(batch)
            return
        for operation in batch.operations:
            if kind == "user":
                yield from UserWrites(self._api, self._connection).write(operation)
            elif kind == "role":
                yield from self._shared.role(operation)
            elif kind == "organization":
                yield from self._shared.organization(operation)
            elif kind == "link":
                yield from self._links.write(operation)
            else:
                raise Failed(Failure(Code.UNSUPPORTED, f"a tenant holds no {kind}"))

    @property
    def _jobs(self) -> ImportJobs:
        return ImportJobs(self._api, self._connection)

    @property
    def _connection(self) -> Connection:
        with self._reading:
            return self._read_once

    @cached_property
    def _read_once(self) -> Connection:
        """The connection's id and type: read once, before the first user."""
        return database(self._api, self._settings.connection)
