"""Import jobs: a file of people that the tenant works through by itself, and what it says of each afterwards."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from poolshift.provider.operation import (
    Batch,
    Code,
    Failed,
    JobHandle,
    JobState,
    Operation,
    Outcome,
    Unknown,
    WholeRejected,
)
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.collision import Collisions
from poolshift_providers.auth0.connection import Connection
from poolshift_providers.auth0.job_errors import COLLIDES, failure_of_row
from poolshift_providers.auth0.user_document import chosen, encoded, new_user
from poolshift_providers.auth0.values import whole_id

KEPT_SECONDS: Final = 24 * 3600.0
"""After so long a job and what it says are gone."""

BUSY_SECONDS: Final = 30.0
"""How long to wait while the tenant works on as many jobs as it takes."""

_SLOWEST_POLL: Final = 15.0


class ImportJobs:
    """Submits and follows jobs. Keeps nothing: a job is followed by its handle alone."""

    def __init__(self, api: ManagementApi, connection: Connection) -> None:
        self._api = api
        self._connection = connection
        self._collisions = Collisions(api, connection)

    def submit(self, batch: Batch) -> JobHandle:
        """The job's handle. Raises WholeRejected: the file is refused, nothing was written; Failed; Unknown."""
        parts = {
            "connection_id": self._connection.id,
            "upsert": "false",
            "external_id": batch.label,
            # By default a mail tells the administrators.
            "send_completion_email": "false",
        }
        boundary = secrets.token_hex(16)
        users = encoded([new_user(operation) for operation in batch.operations])
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        try:
            reply = self._api("import", body=_multipart(boundary, parts, users), headers=headers)
        except Failed as error:
            raise _refused(error) from error
        return JobHandle(str(reply.json()["id"]), batch.label, deadline=KEPT_SECONDS)

    def poll(self, handle: JobHandle) -> JobState:
        reply = self._api("job", {"job": handle.id}, ok={404: "gone"})
        if reply.status == 404:
            return JobState("lost")
        job = reply.json()
        if job.get("status") in ("completed", "failed"):
            return JobState("finished")
        left = job.get("time_left_seconds")
        return JobState("running", min(max(float(left or 1), 1.0), _SLOWEST_POLL))

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        """An outcome a person. Raises Unknown where the job does not account for everybody, and WholeRejected."""
        job = self._api("job", {"job": handle.id}, ok={404: "gone"})
        if job.status == 404:
            raise Unknown("the job and what it said are gone")
        reply = self._api("job_errors", {"job": handle.id}, ok={404: "gone"})
        if reply.status == 404:
            raise Unknown("the job and what it said are gone")
        errors = reply.json() if reply.content else []
        state = job.json()
        if state.get("status") != "completed" or not isinstance(errors, list):
            # A job that ended early may have put some people in.
            raise Unknown("the job failed; who is there is asked of the tenant")
        bad = _by_person(errors)
        _account(state.get("summary"), len(batch.operations), len(bad))
        for operation in batch.operations:
            found = bad.pop(_name(new_user(operation)), None)
            yield from self._outcomes(operation, found)
        if bad:
            raise Unknown("the job reports errors of people who were not in it")

    def _outcomes(self, operation: Operation, errors: list[Mapping[str, Any]] | None) -> Iterator[Outcome]:
        if errors is None:
            name = chosen(operation)
            yield Outcome(operation.address, id=whole_id(name) if name else None)
            return
        failure = failure_of_row(errors)
        if failure.code in COLLIDES:
            failure = self._collisions.of(operation)
        yield Outcome(operation.address, "failed", failure=failure)


def _account(summary: Any, rows: int, bad: int) -> None:
    """Everybody is either in or named: a row that is neither is not known."""
    if not isinstance(summary, dict):
        return
    total, failed = int(summary.get("total", rows)), int(summary.get("failed", bad))
    if (total, failed) != (rows, bad):
        raise Unknown(f"the job counts {total} people and {failed} errors, and not {rows} and {bad}")


def _by_person(errors: list[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in errors:
        found.setdefault(_name(entry.get("user") or {}), []).extend(entry.get("errors") or ())
    return found


def _name(user: Mapping[str, Any]) -> str:
    """What tells people of one file apart: the id that was chosen, else the address."""
    return str(user.get("user_id") or user.get("email") or "")


def _refused(error: Failed) -> Exception:
    failure = error.failure
    if failure.code is Code.BUSY and failure.retry_after is None:
        # No window that fills up again: other jobs are running.
        return Failed(replace(failure, code=Code.SPENT, retry_after=BUSY_SECONDS))
    if failure.code in (Code.INVALID, Code.UNMAPPED):
        return WholeRejected(failure, {})
    return error


def _multipart(boundary: str, parts: Mapping[str, str], users: bytes) -> bytes:
    lines = [
        line
        for name, value in parts.items()
        for line in (f"--{boundary}", f'Content-Disposition: form-data; name="{name}"', "", value)
    ]
    head = "\r\n".join(
        [
            *lines,
            f"--{boundary}",
            'Content-Disposition: form-data; name="users"; filename="users.json"',
            "Content-Type: application/json",
            "",
            "",
        ]
    )
    return head.encode() + users + f"\r\n--{boundary}--\r\n".encode()
