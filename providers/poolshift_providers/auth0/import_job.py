"""Import jobs: a file of people that the tenant works through by itself, and what it says of each afterwards."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from poolshift.provider.operation import (
    Batch,
    Code,
    Failed,
    Failure,
    JobHandle,
    JobState,
    Outcome,
    Unknown,
    WholeRejected,
)
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.collision import Collisions
from poolshift_providers.auth0.connection import Connection
from poolshift_providers.auth0.job_errors import COLLIDES, failure_of_row
from poolshift_providers.auth0.user_document import chosen, encoded, new_user
from poolshift_providers.auth0.values import bare, whole_id

KEPT_SECONDS: Final = 24 * 3600.0
"""After so long a job and what it says are gone."""

BUSY_SECONDS: Final = 30.0
"""How long to wait while the tenant works on as many jobs as it takes."""

_IDS: Final = "ids"
_SEPARATOR: Final = " "
"""Not in any id that may be chosen."""

_RANDOM_BYTES: Final = 12
"""As many as in the ids that Auth0 makes up itself."""

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
        # A row without an id of its own would come back by its address, which nobody keeps: it gets one.
        ids = [chosen(operation) or secrets.token_hex(_RANDOM_BYTES) for operation in batch.operations]
        rows = [{**new_user(own), "user_id": id} for own, id in zip(batch.operations, ids, strict=True)]
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        try:
            reply = self._api("import", body=_multipart(boundary, parts, encoded(rows)), headers=headers)
        except Failed as error:
            raise _refused(error) from error
        return JobHandle(str(reply.json()["id"]), batch.label, {_IDS: _SEPARATOR.join(ids)}, KEPT_SECONDS)

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
        """An outcome a person, by the ids the handle keeps in the order of rows: the batch holds no values any more.

        Raises Unknown where the job does not account for everybody: who is there is asked of the tenant.
        """
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
        ids = handle.keep[_IDS].split(_SEPARATOR)
        bad = {str(bare((entry.get("user") or {}).get("user_id", ""))): entry for entry in errors}
        _account(state.get("summary"), len(batch.operations), len(errors))
        if len(ids) != len(batch.operations) or not bad.keys() <= set(ids):
            raise Unknown("the job names people who were not in it, or by another name")
        for operation, id in zip(batch.operations, ids, strict=True):
            if (entry := bad.get(id)) is not None:
                yield Outcome(operation.address, "failed", failure=self._failure(entry))
            else:
                yield Outcome(operation.address, id=whole_id(id))

    def _failure(self, entry: Mapping[str, Any]) -> Failure:
        """What is wrong with a row; the job gives it back as it was sent."""
        failure = failure_of_row(entry.get("errors") or ())
        return self._collisions.of(entry["user"]) if failure.code in COLLIDES else failure


def _account(summary: Any, rows: int, bad: int) -> None:
    """Everybody is either in or named: a row that is neither is not known."""
    if not isinstance(summary, dict):
        return
    total, failed = summary.get("total", rows), summary.get("failed", bad)
    if (total, failed) != (rows, bad):
        raise Unknown(f"the job does not count {rows} people and {bad} errors")


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
