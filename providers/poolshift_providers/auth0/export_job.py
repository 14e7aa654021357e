"""The full read of people: a job of the tenant's, whose file is fetched and read a line at a time."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import orjson

from poolshift.errors import AccessDenied, PoolshiftError, ProviderDown
from poolshift.provider.session import Calls
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.connection import Connection
from poolshift_providers.auth0.quotas import MANAGEMENT
from poolshift_providers.auth0.user_record import EXPORTED

PAGE: Final = 1_000
ADDRESSES: Final = 3
_GZIP: Final = b"\x1f\x8b"
_SLOWEST_POLL: Final = 15.0
_REMEDY: Final = "Run the same command again; look at the tenant's logs where it lasts."


class ExportJob:
    """One export: begun by making it, so that the tenant works while other kinds are read."""

    def __init__(self, calls: Calls, api: ManagementApi, connection: Connection) -> None:
        self._calls = calls
        self._api = api
        fields = [{"name": name} for name in EXPORTED]
        body = {"connection_id": connection.id, "format": "json", "fields": fields}
        self._id = str(api("export", json=body).json()["id"])

    def users(self) -> Iterator[list[Mapping[str, Any]]]:
        """Everybody, in lists. Raises ProviderDown: the job failed, or its file is cut or not of lines of JSON."""
        with self._fetched() as spool, _lines(spool) as lines:
            page: list[Mapping[str, Any]] = []
            for line in _whole(lines):
                page.append(_user(line))
                if len(page) == PAGE:
                    yield page
                    page = []
            if page:
                yield page

    def _fetched(self) -> BinaryIO:
        """The file. Its address is good for a minute: one that came too late is asked for again."""
        for _ in range(ADDRESSES):
            try:
                return self._calls.fetch(self._location(), quota=MANAGEMENT)
            except AccessDenied as error:
                if any(diagnostic.code != "HTTP_DENIED" for diagnostic in error.diagnostics):
                    raise
        raise _failed("the address of the export's file is refused each time")

    def _location(self) -> str:
        """The address of the file, asked for when everything else is done."""
        pause = 1.0
        while True:
            reply = self._api("job", {"job": self._id}, ok={404: "gone"})
            job = reply.json() if reply.status != 404 else {"status": "gone"}
            if job.get("status") == "completed":
                return str(job["location"])
            if job.get("status") not in ("pending", "processing"):
                raise _failed(f"the export of the people ended as {job.get('status')}")
            self._calls.wait(min(float(job.get("time_left_seconds") or pause), _SLOWEST_POLL))
            pause = min(pause * 1.5, _SLOWEST_POLL)


def _lines(spool: BinaryIO) -> BinaryIO:
    """The file's lines, unpacked where it is packed."""
    head = spool.read(len(_GZIP))
    spool.seek(0)
    return gzip.GzipFile(fileobj=spool) if head == _GZIP else spool  # type: ignore[return-value]


def _whole(lines: BinaryIO) -> Iterator[bytes]:
    """Lines that hold something; a file that was cut or damaged ends in an error, not in silence."""
    try:
        for line in lines:
            if line.strip():
                yield line
    except (EOFError, OSError, zlib.error) as error:
        raise _failed("the file of the export was cut, or is damaged") from error


def _user(line: bytes) -> Mapping[str, Any]:
    try:
        user = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _failed("the file of the export holds a line that is not JSON") from error
    if not isinstance(user, dict) or not isinstance(user.get("user_id"), str):
        raise _failed("the file of the export holds a line without a user")
    return user


def _failed(why: str) -> PoolshiftError:
    return ProviderDown.of("EXPORT_FAILED", why, _REMEDY)
