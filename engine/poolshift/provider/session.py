"""The protocols of a provider: a reader, a writer, the calls they make, and the entry-point object."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any, BinaryIO, Literal, Protocol, runtime_checkable

from pydantic import BaseModel

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.operation import Batch, Failure, JobHandle, JobState, Outcome
from poolshift.provider.schema import Route, Schema


@dataclass(frozen=True, slots=True)
class Complete:
    """Every record was read; ``count`` of distinct ones, ``as_of`` = Unix time the reading (or export) began."""

    count: int
    as_of: float


@dataclass(frozen=True, slots=True)
class Partial:
    """Not every record was read, and why. Nothing that rests on absence is decided."""

    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Every wanted kind ends exactly once, by a page whose ``end`` is set (its records count too)."""

    kind: Kind
    records: tuple[Record, ...]
    end: Complete | Partial | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """Kinds to read; ``parents`` = ids of parents for kinds that are read per parent."""

    kinds: frozenset[Kind]
    fields: frozenset[Path] = frozenset()
    parents: Mapping[Kind, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """Answer to one looked-up value; several records = ambiguous; none and not sure = ask again after the lag."""

    value: str
    records: tuple[Record, ...]
    sure: bool = True


class Reader(Protocol):
    """One end, read only: its Calls refuse writes."""

    def fingerprint(self) -> Mapping[str, str]:
        """What identifies this end (tenant, environment, issuer): pinned in state."""

    def schema(self) -> Schema: ...

    def access(self) -> Mapping[str, bool | None]:
        """Scope -> granted."""

    def read(self, want: Want) -> Iterator[Page]:
        """Pages in the provider's own cheapest order. A kind that refers to another comes after it."""

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        """One Found per value, every field filled."""


class Writer(Protocol):
    """Made by the executor only."""

    def send(self, route: Route, batch: Batch) -> Iterator[Outcome] | JobHandle: ...


@runtime_checkable
class RunsJobs(Protocol):
    def find(self, label: str) -> JobHandle | None: ...

    def poll(self, handle: JobHandle) -> JobState: ...

    def collect(self, handle: JobHandle, batch: Batch) -> Iterator[Outcome]: ...


class Reply(Protocol):
    """An answer to an HTTP request."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...

    def json(self) -> Any:
        """The document. Raises Unknown (a write) or ProviderDown (a read) where the body was empty."""


class Calls(Protocol):
    """A provider's only I/O: paced, timed, redacted; ``again`` = safe to repeat. Raises Failed or Unknown."""

    def database(self, path: str, *, writes: bool) -> Connection:
        """An SQLite file. Read-only where the session may not write. ``path`` is resolved beside the spec."""

    def files(self, path: str) -> tuple[str, ...]:
        """Files under a path (itself when it is a file), sorted by name, as paths `file` accepts."""

    def file(self, name: str, use: Literal["read", "spool", "artefact"]) -> BinaryIO: ...

    def modified(self, path: str) -> float:
        """Unix time a file was last written: the age of an export."""

    def aws(
        self,
        operation: str,
        *,
        service: str = "",
        quota: str = "",
        writes: bool,
        again: bool = False,
        **members: Any,
    ) -> Mapping[str, Any]:
        """One operation of the AWS service the provider names (`SpeaksAws`), by its name there: ListUsers.

        ``service``: another one, of `AwsConnection.others`.
        """

    def http(
        self,
        method: str,
        path: str,
        *,
        quota: str = "",
        writes: bool,
        again: bool = False,
        weight: float = 1,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        ok: Mapping[int, str] | None = None,
    ) -> Reply:
        """One request to the API the provider names (`SpeaksHttp`); the answer's body is empty or JSON.

        ``path`` stands in errors and logs; what is personal goes into ``query`` or the body. ``ok``: statuses from
        300 that are answers too, with a word each: {409: "already"}. Another host is asked without credentials; a
        provider of an AWS service can ask those only (an upload to an address it was given).
        """

    def fetch(self, path: str, *, quota: str = "", headers: Mapping[str, str] | None = None) -> BinaryIO:
        """The body of a GET, streamed into a private file that dies with the session: an export."""

    def spend(self, quota: str, weight: float = 1) -> None:
        """Wait for the quota, for I/O that is not a call of its own (an embedded destination)."""

    def wait(self, seconds: float) -> None: ...


class Provider(Protocol):
    """The entry-point object. ``ends``: which ends it can be."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def contract(self) -> int: ...
    @property
    def ends(self) -> frozenset[Literal["source", "destination"]]: ...
    @property
    def settings(self) -> type[BaseModel]: ...

    def documented(self, settings: Any) -> Schema: ...

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> Failure: ...

    def reader(self, settings: Any, calls: Calls) -> Reader: ...

    def writer(self, settings: Any, calls: Calls, schema: Schema) -> Writer: ...


@dataclass(frozen=True, slots=True)
class AwsConnection:
    """An AWS service, and who calls it. What is None is the SDK's own choice (environment, profile files).

    failure: the provider's error table: status, body, headers -> Failure. It judges all services.
    others: further services that are called, by the same one, with their endpoints.
    """

    service: str
    failure: Callable[[int, bytes, Mapping[str, str]], Failure]
    region: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    endpoint_url: str | None = None
    others: Mapping[str, str | None] = field(default_factory=dict)


@runtime_checkable
class SpeaksAws(Protocol):
    """What a provider is that calls an AWS service."""

    def aws(self, settings: Any) -> AwsConnection: ...


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token got by an OAuth 2 grant: before the first call, before its end, and once more after a 401."""

    url: str
    form: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpConnection:
    """An HTTP API, and who calls it.

    failure: the provider's error table: status, body, headers -> Failure. headers: sent with every request, an API
    key among them. seconds: how long an answer may take.
    """

    base_url: str
    failure: Callable[[int, bytes, Mapping[str, str]], Failure]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: Token | None = None
    seconds: float = 30.0


@runtime_checkable
class SpeaksHttp(Protocol):
    """What a provider is that calls an HTTP API."""

    def http(self, settings: Any) -> HttpConnection: ...
