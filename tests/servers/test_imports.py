"""Import jobs, of which moto has none: the rules of vendors/cognito.md 6 and of the model."""

from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.servers.cognito import CognitoServer
from tests.servers.cognito.import_file import header_of
from tests.servers.refusals import refused

ROLE = "arn:aws:iam::123456789012:role/import-log"
ENCRYPTED = {"x-amz-server-side-encryption": "aws:kms"}
GOOD = {"cognito:username": "ann", "cognito:mfa_enabled": "false", "email": "ann@example.com", "email_verified": "true"}


class Pool:
    """A pool that verifies e-mail addresses, and its jobs."""

    def __init__(self, server: CognitoServer, **settings: Any) -> None:
        self.server = server
        self.client = server.client()
        self.id = server.create_pool("people", **{"AutoVerifiedAttributes": ["email"], **settings})
        self.header = header_of(server.pool(self.id))

    def created(self, name: str = "a job") -> dict[str, Any]:
        answer = self.client.create_user_import_job(UserPoolId=self.id, JobName=name, CloudWatchLogsRoleArn=ROLE)
        return dict(answer["UserImportJob"])

    def file(self, *rows: Mapping[str, str]) -> bytes:
        lines = [",".join(self.header), *(",".join(row.get(name, "") for name in self.header) for row in rows)]
        return "\n".join(lines).encode()

    def start(self, job: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self.client.start_user_import_job(UserPoolId=self.id, JobId=job["JobId"])["UserImportJob"])

    def look(self, job: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self.client.describe_user_import_job(UserPoolId=self.id, JobId=job["JobId"])["UserImportJob"])

    def ended(self, content: bytes) -> dict[str, Any]:
        """A job with this file, at its end."""
        self.server.imports.unseen, self.server.imports.polls = 0, 1
        job = self.created()
        assert put(job["PreSignedUrl"], content) == 200
        self.start(job)
        return self.look(job)

    def log(self, job: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        name = self.server.pool(self.id).name
        return dict(
            self.server.client("logs").get_log_events(
                logGroupName=f"/aws/cognito/userpools/{self.id}/{name}",
                logStreamName=f"{job['JobId']}/{job['JobName']}",
                startFromHead=True,
                **more,
            )
        )


def put(url: str, content: bytes, headers: Mapping[str, str] = ENCRYPTED) -> int:
    try:
        with urlopen(Request(url, content, dict(headers), method="PUT")) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


@pytest.fixture
def pool(server: CognitoServer) -> Pool:
    return Pool(server)


def test_header(pool: Pool) -> None:
    """Every attribute of the pool has a column but `sub`, and so have the user name and the second factor."""
    pool.client.add_custom_attributes(
        UserPoolId=pool.id, CustomAttributes=[{"Name": "plan", "AttributeDataType": "String"}]
    )
    header = pool.client.get_csv_header(UserPoolId=pool.id)["CSVHeader"]
    assert {"email", "birthdate", "custom:plan", "cognito:username", "cognito:mfa_enabled"} <= set(header)
    assert "sub" not in header


def test_a_job_starts_only_with_its_file(pool: Pool) -> None:
    """And a file that was just uploaded is not seen at once."""
    job = pool.created()
    with refused("PreconditionNotMetException"):
        pool.start(job)
    assert put(job["PreSignedUrl"], pool.file(GOOD)) == 200
    with refused("PreconditionNotMetException"):
        pool.start(job)
    assert pool.start(job)["Status"] == "Pending"
    with refused("PreconditionNotMetException"):
        pool.start(job)


def test_one_job_an_account(pool: Pool) -> None:
    """A second one waits until the first has ended, also in another pool."""
    other = Pool(pool.server)
    pool.server.imports.unseen = 0
    first, second = pool.created(), other.created()
    for own, job in ((pool, first), (other, second)):
        assert put(job["PreSignedUrl"], own.file(GOOD)) == 200
    pool.start(first)
    with refused("PreconditionNotMetException"):
        other.start(second)
    while pool.look(first)["Status"] != "Succeeded":
        pass
    assert other.start(second)["Status"] == "Pending"


def test_a_pool_that_verifies_nothing_imports_nobody(server: CognitoServer) -> None:
    """Its jobs do not start."""
    pool = Pool(server, AutoVerifiedAttributes=[])
    server.imports.unseen = 0
    job = pool.created()
    assert put(job["PreSignedUrl"], pool.file(GOOD)) == 200
    with refused("PreconditionNotMetException"):
        pool.start(job)


@pytest.mark.parametrize(
    ("headers", "status"),
    [(ENCRYPTED, 200), ({}, 403), ({**ENCRYPTED, "Authorization": "AWS4-HMAC-SHA256 Credential=x"}, 400)],
)
def test_uploads_are_encrypted_and_without_credentials(pool: Pool, headers: dict[str, str], status: int) -> None:
    """The address is signed for the header, and is the only credential."""
    assert put(pool.created()["PreSignedUrl"], b"x", headers) == status


def test_addresses_expire(pool: Pool) -> None:
    """After fifteen minutes; one that is not ours is refused at once."""
    job = pool.created()
    assert put(f"{job['PreSignedUrl']}0", b"x") == 403
    pool.server.imports.jobs[job["JobId"]].created -= 901
    assert put(job["PreSignedUrl"], b"x") == 403


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ({}, "SUCCEEDED"),
        ({"name": "Briain\\, Jr."}, "SUCCEEDED"),
        ({"cognito:username": ""}, "FAILED"),
        ({"cognito:username": "an n"}, "FAILED"),
        ({"cognito:mfa_enabled": ""}, "FAILED"),
        ({"cognito:mfa_enabled": "true"}, "FAILED"),
        ({"email_verified": "false"}, "FAILED"),
        ({"email": ""}, "FAILED"),
        ({"phone_number_verified": "true"}, "FAILED"),
        ({"phone_number": "012 345"}, "FAILED"),
        ({"profile": "x" * 16_000}, "FAILED"),
    ],
)
def test_rows(pool: Pool, row: dict[str, str], result: str) -> None:
    """Each row for itself, told by the number of its line and by no name."""
    job = pool.ended(pool.file({**GOOD, "cognito:username": "bob", "email": "bob@example.com"}, {**GOOD, **row}))
    messages = {event["message"] for event in pool.log(job)["events"]}
    assert any(message.startswith(f"[{result}] Line Number 3 - ") for message in messages)
    assert "ann" not in str(messages)
    assert (job["Status"], job["ImportedUsers"]) == ("Succeeded", 1 + (result == "SUCCEEDED"))


def test_who_is_there_is_skipped(pool: Pool) -> None:
    """By user name."""
    job = pool.ended(pool.file(GOOD, GOOD))
    assert (job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]) == (1, 1, 0)


def test_who_was_imported_has_to_reset_the_password(pool: Pool) -> None:
    """In silence."""
    pool.ended(pool.file(GOOD))
    found = pool.client.admin_get_user(UserPoolId=pool.id, Username="ann")
    assert (found["UserStatus"], found["Enabled"]) == ("RESET_REQUIRED", True)
    assert pool.server.messages == []


@pytest.mark.parametrize("content", [b"email,cognito:username\nann@example.com,ann", b""])
def test_a_file_with_another_header_fails_the_job(pool: Pool, content: bytes) -> None:
    """All columns have to be there."""
    job = pool.ended(content)
    assert (job["Status"], job["ImportedUsers"]) == ("Failed", 0)


def test_logs_come_in_pages(pool: Pool) -> None:
    """The end of a stream answers with the token it was asked with (botocore's model of CloudWatch Logs)."""
    pool.server.imports.page = 1
    job = pool.ended(pool.file(GOOD, GOOD))
    tokens: list[str | None] = []
    events: list[dict[str, Any]] = []
    token: str | None = None
    while token not in tokens:
        tokens.append(token)
        page = pool.log(job, **({"nextToken": token} if token else {}))
        events += page["events"]
        token = page["nextForwardToken"]
    assert len(events) == 2


def test_jobs_are_listed_newest_first(pool: Pool) -> None:
    """At most 60 a page, and the size of a page has to be said."""
    for number in range(3):
        pool.created(f"job {number}")
    page = pool.client.list_user_import_jobs(UserPoolId=pool.id, MaxResults=2)
    assert [job["JobName"] for job in page["UserImportJobs"]] == ["job 2", "job 1"]
    rest = pool.client.list_user_import_jobs(UserPoolId=pool.id, MaxResults=2, PaginationToken=page["PaginationToken"])
    assert [job["JobName"] for job in rest["UserImportJobs"]] == ["job 0"]
    raw = pool.server.client(parameter_validation=False)
    with refused("InvalidParameterException"):
        raw.list_user_import_jobs(UserPoolId=pool.id, MaxResults=61)
    with refused("InvalidParameterException"):
        raw.list_user_import_jobs(UserPoolId=pool.id)
