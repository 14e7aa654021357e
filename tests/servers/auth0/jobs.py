"""Import and export jobs: submitted, worked through by the tenant, gone after a day."""

import gzip
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.servers.auth0 import import_rows, shapes
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer, Request
from tests.servers.auth0.tenant import Connection, Tenant, new_id

LARGEST: Final = 512_000  # OpenAPI: POST /jobs/users-imports 413
AT_ONCE: Final = 2  # vendors/auth0.md 4
KEPT: Final = 24 * 3600.0  # vendors/auth0.md 4
ADDRESS: Final = 60.0  # vendors/auth0.md 2: how long the address of an export is good
_WITHOUT_FIELDS: Final = ("user_id", "email", "name", "nickname", "created_at", "updated_at", "connection")


@dataclass
class Job:
    """done_at: when the tenant will have worked through it. rows: of an import; exported: bytes of an export."""

    id: str
    type: str
    connection: Connection
    created_at: str
    begun: float
    done_at: float
    external_id: str = ""
    completion_email: bool = False
    upsert: bool = False
    rows: list[Any] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    limit: int | None = None
    status: str = "pending"
    details: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    exported: bytes = b""
    addresses: dict[str, float] = field(default_factory=dict)


class Jobs:
    """import_seconds, export_seconds: how long a job takes. fail_next: the next import fails as a whole.

    rows_a_second: what the tenant works through beside that; None = at once. shuffled: errors come in another order.
    """

    def __init__(self, tenant: Tenant, address: str) -> None:
        self.all: dict[str, Job] = {}
        self.import_seconds = 0.0
        self.export_seconds = 0.0
        self.rows_a_second: float | None = None
        self.fail_next = False
        self._tenant = tenant
        self._address = address

    def tick(self) -> None:
        """Work through what is due, and forget what is old."""
        now = self._tenant.clock()
        for job in list(self.all.values()):
            if now - job.begun > KEPT:
                del self.all[job.id]
            elif job.status == "pending" and job.done_at <= now:
                self._work(job)

    @property
    def running(self) -> int:
        return sum(job.status == "pending" and job.type == "users_import" for job in self.all.values())

    def submit(self, tenant: Tenant, request: Request) -> Answer:
        """OpenAPI: POST /jobs/users-imports 400, 413, 429."""
        parts = _parts(request.body)
        connection = self._connection(parts.get("connection_id", b"").decode())
        if self.running >= AT_ONCE:
            message = "There are 2 active import users jobs, please wait until some of them are finished and try again."
            raise Refusal(429, message, "too_many_jobs")
        upsert, mails = (_flag(parts, name, default) for name, default in (("upsert", False), _MAILS))
        job = self._job("users_import", connection, self.import_seconds)
        job.rows = _rows(parts["users"])
        job.external_id, job.upsert, job.completion_email = parts.get("external_id", b"").decode(), upsert, mails
        if self.rows_a_second:
            job.done_at += len(job.rows) / self.rows_a_second
        if self.fail_next:
            self.fail_next, job.details = False, "Failed to parse users file JSON when importing users."
        return Answer(202, {**self._shown(job), "connection": connection.name})

    def export(self, tenant: Tenant, request: Request) -> Answer:
        body = shapes.checked(request.body, shapes.EXPORT)
        connection = self._connection(body.get("connection_id", ""))
        job = self._job("users_export", connection, self.export_seconds)
        for entry in body.get("fields") or ():
            shapes.checked(entry, {"name": (str, None, 100), "export_as": (str, None, 100)}, "name")
            job.fields.append(entry["name"])
        job.limit = body.get("limit")
        return Answer(200, {**self._shown(job), "connection": connection.name, "format": "json"})

    def get(self, tenant: Tenant, request: Request) -> Answer:
        job = self._of(request)
        shown = self._shown(job)
        if job.status == "completed" and job.type == "users_export":
            token = secrets.token_urlsafe(8)
            job.addresses[token] = tenant.clock() + ADDRESS
            shown |= {"location": f"{self._address}/exports/{job.id}?signature={token}", "format": "json"}
        if job.status == "completed" and job.type == "users_import":
            shown["summary"] = job.summary
        if job.status == "pending":
            shown["time_left_seconds"] = max(0, round(job.done_at - tenant.clock()))
            shown["percentage_done"] = 0
        return Answer(200, shown)

    def errors(self, tenant: Tenant, request: Request) -> Answer:
        """OpenAPI: 204 where there are none; one object where the job as a whole failed."""
        job = self._of(request)
        if job.status == "failed":
            return Answer(200, {**self._shown(job), "status_details": job.details})
        return Answer(200, job.errors) if job.errors else Answer(204)

    def download(self, job_id: str, signature: str) -> bytes:
        """The file of an export. Raises Refusal where the address is past its time."""
        job = self.all.get(job_id)
        if job is None or job.addresses.get(signature, 0.0) < self._tenant.clock():
            raise Refusal(403, "Request has expired")
        return job.exported

    def _job(self, type_: str, connection: Connection, seconds: float) -> Job:
        now = self._tenant.clock()
        job = Job(new_id("job_"), type_, connection, self._tenant.date(), now, now + seconds)
        self.all[job.id] = job
        return job

    def _connection(self, connection_id: str) -> Connection:
        """OpenAPI: POST /jobs/users-imports 400, x-description-5 to -9."""
        found = self._tenant.connections.get(connection_id)
        if found is None:
            raise Refusal(400, "The connection does not exist.", "inexistent_connection")
        if found.strategy != "auth0":
            raise Refusal(400, "Connection must be a database connection.", "invalid_body")
        if not found.enabled:
            raise Refusal(400, "Connection must be enabled.", "invalid_body")
        if found.options.get("enabledDatabaseCustomization") and not found.options.get("import_mode"):
            raise Refusal(400, "Custom Database Connections without import mode are not allowed.", "invalid_body")
        return found

    def _work(self, job: Job) -> None:
        job.status = "completed"
        if job.type == "users_export":
            job.exported = self._lines(job)
        elif job.details:
            job.status = "failed"
        else:
            job.errors, job.summary = import_rows.carry_out(self._tenant, job.connection, job.rows, upsert=job.upsert)
        # vendors/auth0.md 4: by default the administrators are told.
        if job.completion_email:
            self._tenant.send("import job", "administrators")

    def _lines(self, job: Job) -> bytes:
        """NDJSON, packed. Without a list of fields it holds few of them."""
        wanted = job.fields or list(_WITHOUT_FIELDS)
        lines = []
        for user in self._tenant.shown():
            if all(identity["connection"] != job.connection.name for identity in user["identities"]):
                continue
            lines.append(json.dumps({name: user[name] for name in wanted if name in user}))
            if job.limit is not None and len(lines) >= job.limit:
                break
        return gzip.compress("".join(f"{line}\n" for line in lines).encode(), 1)

    def _of(self, request: Request) -> Job:
        if request.at["job"] not in self.all:
            raise Refusal(404, "The job does not exist", "inexistent_job")
        return self.all[request.at["job"]]

    def _shown(self, job: Job) -> dict[str, Any]:
        shown = {"id": job.id, "type": job.type, "status": job.status, "created_at": job.created_at}
        shown["connection_id"] = job.connection.id
        return {**shown, "external_id": job.external_id} if job.external_id else shown


_MAILS: Final = ("send_completion_email", True)


def _parts(body: Any) -> Mapping[str, bytes]:
    """OpenAPI: POST /jobs/users-imports 400, x-description-1 to -4."""
    if not isinstance(body, dict) or not isinstance(body.get("users"), bytes):
        raise Refusal(400, "Must provide 'users' file as multipart part.", "invalid_body")
    if "connection_id" not in body:
        raise Refusal(400, "Must provide 'connection_id' as multipart part.", "invalid_body")
    return body


def _rows(users: bytes) -> list[Any]:
    try:
        rows = json.loads(users)
    except ValueError:
        rows = None
    if not isinstance(rows, list) or not rows:
        raise Refusal(400, "Users file must not be empty.", "invalid_body")
    return rows


def _flag(parts: Mapping[str, bytes], name: str, default: bool) -> bool:
    text = parts.get(name)
    if text not in (None, b"true", b"false"):
        raise Refusal(400, f"Payload validation error: Expected type boolean on property {name}", "invalid_body")
    return default if text is None else text == b"true"
