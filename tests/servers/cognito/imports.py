"""Import jobs: a header, an address to upload to, a late start, and a log by line number (vendors/cognito.md 6)."""

import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Final

from tests.servers.cognito.import_file import Unreadable, header_of, import_row, rows_of
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.service import Operation, Request, Service

BYTES: Final = 100_000_000
ROWS: Final = 500_000
JOBS: Final = 1_000
ACTIVE: Final = frozenset({"Pending", "InProgress", "Stopping"})
UPLOAD: Final = "/upload/"


@dataclass
class ImportJob:
    """refused_starts: calls of StartUserImportJob since the file came. lines: of the log, as they were written."""

    id: str
    name: str
    pool_id: str
    role_arn: str
    signature: str
    created: float
    content: bytes | None = None
    status: str = "Created"
    started: float | None = None
    ended: float | None = None
    refused_starts: int = 0
    message: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"SUCCEEDED": 0, "SKIPPED": 0, "FAILED": 0})
    lines: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(self.counts.values())


@dataclass
class Imports:
    """The jobs of an account, oldest first, and how they behave.

    polls: looks at a running job before it has ended; unseen: starts that are refused after an upload, because the file
    is not seen yet; late_log: readings of a log before its last line is there; first_line: the number of the first row;
    page: events of the log in one answer; expiring: jobs that are gone before they are started; broken: usernames
    whose row fails for a reason within Cognito.
    """

    polls: int = 2
    unseen: int = 1
    late_log: int = 0
    first_line: int = 2
    page: int = 400
    url_seconds: float = 900.0
    expiring: int = 0
    broken: set[str] = field(default_factory=set)
    jobs: dict[str, ImportJob] = field(default_factory=dict)
    uploads: list[dict[str, str]] = field(default_factory=list)

    def upload(self, path: str, headers: dict[str, str], content: bytes) -> tuple[int, str]:
        """Status and error code of a PUT to a presigned address; ``headers`` by lower-case name."""
        self.uploads.append(headers)
        job_id, _, signature = path.removeprefix(UPLOAD).partition("?X-Amz-Signature=")
        job = self.jobs.get(job_id)
        if job is None or signature != job.signature:
            return 403, "SignatureDoesNotMatch"
        if headers.get("x-amz-server-side-encryption") != "aws:kms":
            return 403, "SignatureDoesNotMatch"
        if "authorization" in headers:
            return 400, "InvalidArgument"
        if "content-length" not in headers:
            return 411, "MissingContentLength"
        if time.time() > job.created + self.url_seconds:
            return 403, "AccessDenied"
        job.content, job.refused_starts = content, 0
        return 200, ""

    def expire(self) -> None:
        """What was not started is gone, as it would be a day or two later."""
        for job in self.jobs.values():
            if job.status == "Created":
                job.status = "Expired"

    def advance(self, pool: Pool, job: ImportJob) -> None:
        """A look at a running job finds it a step further."""
        if job.status == "Pending":
            job.status = "InProgress"
        step = -(-len(job.rows) // max(self.polls, 1))
        for number in range(job.done, min(job.done + step, len(job.rows))):
            row = job.rows[number]
            broken = row.get("cognito:username") in self.broken
            result, reason = ("FAILED", "An internal error occurred.") if broken else import_row(pool, row)
            job.counts[result] += 1
            job.lines.append(f"[{result}] Line Number {number + self.first_line} - {reason}")
        if job.done == len(job.rows):
            job.status, job.ended, job.message = "Succeeded", time.time(), "Your import job completed."


def get_csv_header(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    return {"UserPoolId": pool.id, "CSVHeader": header_of(pool)}


def create_user_import_job(service: Service, request: Request) -> dict[str, Any]:
    pool, imports = service.pool(request), service.imports
    if sum(job.pool_id == pool.id for job in imports.jobs.values()) >= JOBS:
        raise Refusal("LimitExceededException", f"A pool has at most {JOBS} import jobs.")
    job = ImportJob(
        f"import-{secrets.token_hex(5)}",
        request["JobName"],
        pool.id,
        request["CloudWatchLogsRoleArn"],
        secrets.token_hex(16),
        time.time(),
    )
    imports.jobs[job.id] = job
    return {"UserImportJob": _described(service, job)}


def start_user_import_job(service: Service, request: Request) -> dict[str, Any]:
    pool, job = service.pool(request), _job(service, request)
    if job.status != "Created":
        raise Refusal("PreconditionNotMetException", f"The job is {job.status}.")
    if not pool.extended_config.get("AutoVerifiedAttributes"):
        raise Refusal("PreconditionNotMetException", "The pool has no auto verified attributes.")
    if any(other.status in ACTIVE for other in service.imports.jobs.values()):
        raise Refusal("PreconditionNotMetException", "Another import job of this account is active.")
    if service.imports.expiring:
        service.imports.expiring -= 1
        service.imports.expire()
        raise Refusal("PreconditionNotMetException", "The job has expired.")
    if job.content is None or job.refused_starts < service.imports.unseen:
        job.refused_starts += job.content is not None
        raise Refusal("PreconditionNotMetException", f"No csv file was uploaded for {job.id}")
    job.status, job.started = "Pending", time.time()
    try:
        job.rows = rows_of(pool, job.content, BYTES, ROWS)
    except Unreadable as error:
        job.status, job.message = "Failed", str(error)
    return {"UserImportJob": _described(service, job)}


def describe_user_import_job(service: Service, request: Request) -> dict[str, Any]:
    pool, job = service.pool(request), _job(service, request)
    if job.status in ACTIVE:
        service.imports.advance(pool, job)
    return {"UserImportJob": _described(service, job)}


def list_user_import_jobs(service: Service, request: Request) -> dict[str, Any]:
    """The newest first."""
    pool = service.pool(request)
    own = [job for job in reversed(service.imports.jobs.values()) if job.pool_id == pool.id]
    start = _place(request.get("PaginationToken", "0"))
    page = own[start : start + request["MaxResults"]]
    more = {"PaginationToken": str(start + len(page))} if start + len(page) < len(own) else {}
    return {"UserImportJobs": [_described(service, job) for job in page], **more}


def get_log_events(service: Service, request: Request) -> dict[str, Any]:
    """Of CloudWatch Logs: the stream of a job, in no order of lines; its end answers with the token it was given."""
    for job in service.imports.jobs.values():
        pool = service.pool({"UserPoolId": job.pool_id})
        group, stream = f"/aws/cognito/userpools/{pool.id}/{pool.name}", f"{job.id}/{job.name}"
        if (request["logGroupName"], request["logStreamName"]) == (group, stream) and job.started is not None:
            return _events(service.imports, job, request)
    raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")


def _events(imports: Imports, job: ImportJob, request: Request) -> dict[str, Any]:
    lines = list(job.lines)
    random.Random(job.id).shuffle(lines)
    start = _place(request.get("nextToken", "f/0").removeprefix("f/"))
    if imports.late_log and not start:
        imports.late_log -= 1
        lines = lines[:-1]
    page = lines[start : start + imports.page]
    token = f"f/{start + len(page)}"
    at = int((job.started or 0) * 1000)
    events = [{"timestamp": at, "message": line, "ingestionTime": at} for line in page]
    return {"events": events, "nextForwardToken": token, "nextBackwardToken": "b/0"}


def _place(token: str) -> int:
    """How many were told before this page token. Raises Refusal for one that was never given."""
    if not (token.isascii() and token.isdecimal()):
        raise Refusal("InvalidParameterException", "The page token is invalid for request")
    return int(token)


def _job(service: Service, request: Request) -> ImportJob:
    job: ImportJob | None = service.imports.jobs.get(request["JobId"])
    if job is None or job.pool_id != request["UserPoolId"]:
        raise Refusal("ResourceNotFoundException", f"Import job {request['JobId']} does not exist.")
    return job


def _described(service: Service, job: ImportJob) -> dict[str, Any]:
    document = {
        "JobName": job.name,
        "JobId": job.id,
        "UserPoolId": job.pool_id,
        "PreSignedUrl": f"{service.url}{UPLOAD}{job.id}?X-Amz-Signature={job.signature}",
        "CreationDate": job.created,
        "StartDate": job.started,
        "CompletionDate": job.ended,
        "Status": job.status,
        "CloudWatchLogsRoleArn": job.role_arn,
        "ImportedUsers": job.counts["SUCCEEDED"],
        "SkippedUsers": job.counts["SKIPPED"],
        "FailedUsers": job.counts["FAILED"],
        "CompletionMessage": job.message or None,
    }
    return {name: value for name, value in document.items() if value is not None}


OPERATIONS: Final[dict[str, Operation]] = {
    "CreateUserImportJob": create_user_import_job,
    "DescribeUserImportJob": describe_user_import_job,
    "GetCSVHeader": get_csv_header,
    "ListUserImportJobs": list_user_import_jobs,
    "StartUserImportJob": start_user_import_job,
}
LOGS: Final[dict[str, Operation]] = {"GetLogEvents": get_log_events}
