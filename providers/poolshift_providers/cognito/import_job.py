"""The import job: a file that is uploaded, a job that is started late, and a log that tells what became of each row."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from poolshift.provider.operation import Batch, Code, Failed, Failure, JobHandle, JobState, Outcome, Unknown
from poolshift.provider.session import Calls
from poolshift_providers.cognito import import_rows
from poolshift_providers.cognito.import_log import ImportLog, by_row
from poolshift_providers.cognito.operations import PoolCalls
from poolshift_providers.cognito.pool import Pool

DEADLINE: Final = 48 * 3600.0
"""A job that was not started is gone after this time at the latest."""

SOON = 2.0
POLL = 5.0
"""Seconds between two looks at a job that is about to start, and at one that runs."""

UNSEEN_SECONDS = 60.0
"""After which a file that nobody knows to be uploaded counts as cut off."""

_UPLOADED: Final = "uploaded"
_NOT_NOW: Final = frozenset({Code.BUSY, Code.INVALID})
_ENCRYPTED: Final = {"x-amz-server-side-encryption": "aws:kms"}
_RUNNING: Final = frozenset({"Pending", "InProgress", "Stopping"})
_ENDED: Final = frozenset({"Succeeded", "Stopped", "Failed"})
_LATE_LINES = (1.0, 2.0, 4.0, 8.0)
"""Seconds to wait for lines that the log does not have yet."""


class ImportJobs:
    """Jobs of one pool. What a handle keeps says whether its file was seen to arrive."""

    def __init__(self, calls: Calls, pool_calls: PoolCalls, pool: Pool, role_arn: str) -> None:
        self._calls = calls
        self._pool_calls = pool_calls
        self._pool = pool
        self._role_arn = role_arn

    def submit(self, batch: Batch) -> JobHandle:
        """Raises Failed: nothing was imported; Unknown: there may be a job without a file, which imports nobody."""
        header = self._pool_calls("GetCSVHeader")["CSVHeader"]
        content = import_rows.table(header, batch.operations, self._pool)
        job = self._pool_calls("CreateUserImportJob", JobName=batch.label, CloudWatchLogsRoleArn=self._role_arn)
        made = job["UserImportJob"]
        self._upload(str(made["PreSignedUrl"]), content)
        return JobHandle(str(made["JobId"]), batch.label, {_UPLOADED: "yes"}, DEADLINE)

    def find(self, label: str) -> JobHandle | None:
        """Names are not unique: of several the newest, which is listed first."""
        more: dict[str, str] = {}
        while True:
            page = self._pool_calls("ListUserImportJobs", MaxResults=60, **more)
            for job in page.get("UserImportJobs", ()):
                if job["JobName"] == label:
                    return JobHandle(str(job["JobId"]), label, {}, DEADLINE)
            if not (token := page.get("PaginationToken")):
                return None
            more = {"PaginationToken": token}

    def poll(self, handle: JobHandle) -> JobState:
        """Starts a job that was not started yet."""
        try:
            job = self._described(handle)
        except Failed as error:
            if error.failure.code is not Code.GONE:
                raise
            return JobState("lost")
        status = job["Status"]
        if status in _RUNNING:
            return JobState("running", POLL)
        if status in _ENDED:
            return JobState("finished")
        if status == "Created":
            return self._start(handle, job)
        return JobState("lost")  # Expired

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]:
        """Without ids: the log holds no names. Raises Failed where it does not tell every row."""
        job = self._described(handle)
        failures = by_row(self._lines(job, len(batch.operations)), len(batch.operations))
        if failures is None:
            status = str(job["Status"]).lower()
            raise Failed(Failure(Code.INVALID, f"job {handle.id} {status}, and its log does not tell every row"))
        for operation, failure in zip(batch.operations, failures, strict=True):
            if failure is not None:
                yield Outcome(operation.address, "failed", failure=failure)
            else:
                yield Outcome(operation.address, paths=frozenset(operation.changes) - import_rows.UNSURE)

    def _upload(self, address: str, content: bytes) -> None:
        """Again until it is there: the same file at the same place. A job without its file imports nobody."""
        try:
            self._calls.http("PUT", address, writes=True, again=True, body=content, headers=_ENCRYPTED)
        except (Failed, Unknown) as error:
            raise Failed(Failure(Code.DOWN, f"the file of the import job could not be uploaded: {error}")) from error

    def _start(self, handle: JobHandle, job: Mapping[str, Any]) -> JobState:
        """A file that was just uploaded is not seen at once, and an account runs one job at a time: tried at each poll.

        A job whose file never arrived, because we died before, cannot be helped any more.
        """
        try:
            self._pool_calls("StartUserImportJob", JobId=handle.id)
        except Failed as error:
            if error.failure.code not in _NOT_NOW:
                raise
            cut_off = _UPLOADED not in handle.keep and _age(job) > UNSEEN_SECONDS
            return JobState("lost") if cut_off else JobState("running", SOON)
        except Unknown:
            return JobState("running", SOON)
        return JobState("running", SOON)

    def _described(self, handle: JobHandle) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._pool_calls("DescribeUserImportJob", JobId=handle.id)["UserImportJob"]
        return found

    def _lines(self, job: Mapping[str, Any], rows: int) -> Mapping[int, tuple[str, str]]:
        """Of all rows as soon as the log has them; of those it has where some do not come."""
        log = ImportLog(self._calls, self._pool, job)
        lines = log.lines()
        for seconds in _LATE_LINES:
            if len(lines) >= min(rows, _counted(job)):
                break
            self._calls.wait(seconds)
            lines = log.lines()
        return lines


def _counted(job: Mapping[str, Any]) -> int:
    """Rows the job says it has come to."""
    return sum(int(job.get(name) or 0) for name in ("ImportedUsers", "SkippedUsers", "FailedUsers"))


def _age(job: Mapping[str, Any]) -> float:
    created = job["CreationDate"]
    return time.time() - created.timestamp() if isinstance(created, datetime) else 0.0
