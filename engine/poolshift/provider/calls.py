"""The calls of one session: files and embedded databases here, AWS and HTTP handed on; read-only for a reader."""

import re
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, Self, cast
from urllib.parse import quote

from poolshift.diagnostics import Place
from poolshift.errors import AccessDenied, InputError, PoolshiftError, StateUnusable
from poolshift.provider.pacing import Pacing
from poolshift.provider.schema import Quota
from poolshift.provider.session import AwsConnection, HttpConnection

if TYPE_CHECKING:
    from poolshift.provider.aws_calls import AwsCalls
    from poolshift.provider.http_calls import Answer, HttpCalls

_BUSY_SECONDS: Final = 5.0
_MAGIC: Final = b"SQLite format 3\0"
_DIGITS: Final = re.compile(r"(\d+)")


class WriteRefused(PoolshiftError):
    """A session that may only read was asked to write: a bug of the provider."""


class SessionCalls:
    """Calls on the files beside a spec, and on the AWS service or HTTP API the provider names, if it names one.

    folder: where relative paths start; they may not leave it (absolute ones are the user's own choice).
    writes: False for plan, drift, show, verify: every write is refused.
    rates: the spec's rates by quota name: (calls, seconds).
    stop: once set, waiting ends by raising Interrupted.
    aws, http: where the provider's service or API is and who calls it.
    may_start: asked before each call, and again before its bytes leave; raises where none may (a lease is over).
    """

    def __init__(
        self,
        folder: Path,
        *,
        writes: bool = False,
        rates: Mapping[str, tuple[float, float]] | None = None,
        quotas: Sequence[Quota] = (),
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.monotonic,
        aws: AwsConnection | None = None,
        http: HttpConnection | None = None,
        may_start: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder.resolve()
        self._writes = writes
        self._pacing = Pacing(quotas, rates, stop, clock, may_start)
        self._databases: list[sqlite3.Connection] = []
        self._connection = aws
        self._aws: AwsCalls | None = None
        self._http_connection = http
        self._http: HttpCalls | None = None
        self._connecting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the databases and connections that were opened."""
        while self._databases:
            self._databases.pop().close()
        if self._aws is not None:
            self._aws.close()
        if self._http is not None:
            self._http.close()

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
        """One call of a provider's AWS service; see `AwsCalls.call`. Raises WriteRefused in a reader's session."""
        if writes:
            self._may_write(operation)
        calls = self._aws_calls()
        return calls.call(operation, service=service, quota=quota, writes=writes, again=again, members=members)

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
    ) -> "Answer":
        """One request to the provider's API; see `HttpCalls.call`. Raises WriteRefused in a reader's session."""
        if writes:
            self._may_write(f"{method} {path.partition('?')[0]}")
        return self._http_calls().call(
            method, path, quota=quota, writes=writes, again=again, weight=weight, query=query, json=json, body=body,
            headers=headers, ok=ok,
        )  # fmt: skip

    def fetch(self, path: str, *, quota: str = "", headers: Mapping[str, str] | None = None) -> BinaryIO:
        """The body of a GET in a private file that dies with the session; see `HttpCalls.fetch`."""
        spool = self.file("", "spool")
        try:
            self._http_calls().fetch(path, spool, quota=quota, headers=headers)
        except BaseException:
            spool.close()
            raise
        return spool

    def database(self, path: str, *, writes: bool) -> sqlite3.Connection:
        """An SQLite file that exists, in autocommit mode, usable from any one thread at a time.

        Raises WriteRefused (a reader's session), AccessDenied (DIRECTORY_NOT_FOUND, DIRECTORY_NOT_OURS).
        """
        if writes:
            self._may_write(path)
        file = self._resolve(path)
        _must_be_sqlite(file, path)
        if not writes:
            _settle_journal(file)
        mode = "rw" if writes else "ro"
        try:
            connection = sqlite3.connect(
                f"file:{quote(str(file))}?mode={mode}",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            raise _not_ours(path, error) from error
        self._databases.append(connection)
        return connection

    def files(self, path: str) -> tuple[str, ...]:
        """Files directly under a folder (a file: itself), numbers in names counted: page 2 comes before page 10.

        Hidden files and folders are left out. Raises InputError (FILE_NOT_FOUND, FILE_UNREADABLE).
        """
        place = self._resolve(path)
        try:
            if not place.is_dir():
                place.stat()
                return (path,)
            names = [child.name for child in place.iterdir() if not child.name.startswith(".") and child.is_file()]
        except OSError as error:
            raise _unreadable(path, error) from error
        return tuple(f"{path.rstrip('/')}/{name}" for name in sorted(names, key=_natural))

    def file(self, name: str, use: Literal["read", "spool", "artefact"]) -> BinaryIO:
        """Open an export to read, a private file that dies with the session, or a new file for a person.

        Raises InputError (missing, unreadable, outside, already there), WriteRefused, StateUnusable (disk).
        """
        try:
            if use == "read":
                return self._resolve(name).open("rb")
            if use == "spool":
                return cast(BinaryIO, tempfile.TemporaryFile("w+b", dir=self._folder))
            self._may_write(name)
            return self._resolve(name, may_be_absolute=False).open("xb")
        except FileExistsError as error:
            raise InputError.of("FILE_EXISTS", "the file is already there", "Move it away.", Place(name)) from error
        except OSError as error:
            if use == "read":
                raise _unreadable(name, error) from error
            raise StateUnusable.of("DISK", f"cannot write: {error.strerror}", "Make room.", Place(name)) from error

    def modified(self, path: str) -> float:
        """Unix time the file was last written. Raises InputError (FILE_NOT_FOUND, FILE_UNREADABLE)."""
        try:
            return self._resolve(path).stat().st_mtime
        except OSError as error:
            raise _unreadable(path, error) from error

    def spend(self, quota: str, weight: float = 1) -> None:
        """Wait for the quota. Raises KeyError for a quota the schema does not declare, Interrupted while waiting."""
        self._pacing.spend(quota, weight)

    def wait(self, seconds: float) -> None:
        """Wait; raises Interrupted as soon as the run is told to stop."""
        self._pacing.wait(seconds)

    def _aws_calls(self) -> "AwsCalls":
        """Made at the first call: loading the SDK takes longer than most commands."""
        with self._connecting:
            if self._aws is None:
                if self._connection is None:
                    raise PoolshiftError.of("NO_CONNECTION", "a provider that names no AWS service asked for a call")
                from poolshift.provider.aws_calls import AwsCalls

                self._aws = AwsCalls(self._connection, self._pacing)
            return self._aws

    def _http_calls(self) -> "HttpCalls":
        """Made at the first call, as `_aws_calls`."""
        with self._connecting:
            if self._http is None:
                connection = self._http_connection
                if connection is None and self._connection is not None:
                    # Addresses it was given, an upload for one, and those only.
                    connection = HttpConnection("", self._connection.failure)
                if connection is None:
                    raise PoolshiftError.of("NO_CONNECTION", "a provider that names no HTTP API asked for a call")
                from poolshift.provider.http_calls import HttpCalls

                self._http = HttpCalls(connection, self._pacing)
            return self._http

    def _may_write(self, path: str) -> None:
        if not self._writes:
            raise WriteRefused.of("READ_ONLY", "a session that only reads asked to write", place=Place(path))

    def _resolve(self, path: str, *, may_be_absolute: bool = True) -> Path:
        if may_be_absolute and Path(path).is_absolute():
            return Path(path)
        place = (self._folder / path).resolve()
        if not place.is_relative_to(self._folder):
            remedy = "Move it beside the spec" + (", or give its absolute path." if may_be_absolute else ".")
            raise InputError.of("PATH_OUTSIDE", "the path leaves the folder of the spec", remedy, Place(path))
        return place


def _must_be_sqlite(file: Path, shown: str) -> None:
    """Refuse what is not there or not SQLite before the library makes a new file or a riddle of it."""
    try:
        with file.open("rb") as stream:
            head = stream.read(len(_MAGIC))
    except FileNotFoundError as error:
        raise AccessDenied.of(
            "DIRECTORY_NOT_FOUND",
            "there is no such directory file",
            "Check `path` in the settings; `poolshift init` makes a new one.",
            Place(shown),
        ) from error
    except OSError as error:
        raise AccessDenied.of(
            "DIRECTORY_NOT_READABLE", f"cannot be opened: {error.strerror}", "Check its permissions.", Place(shown)
        ) from error
    if head != _MAGIC:
        raise _not_ours(shown, None)


def _settle_journal(file: Path) -> None:
    """Let SQLite roll back what a killed writer left: a read-only connection cannot, and would refuse the file."""
    journal = file.with_name(f"{file.name}-journal")
    if not journal.exists():
        return
    connection = sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError as error:
        raise AccessDenied.of(
            "DIRECTORY_NOT_READABLE",
            "an interrupted write has to be rolled back first, and cannot be",
            "Give this user the right to write the file and its folder, then try again.",
            Place(file.name),
        ) from error
    finally:
        connection.close()


def _not_ours(shown: str, error: sqlite3.Error | None) -> PoolshiftError:
    why = f" ({error})" if error else ""
    return AccessDenied.of(
        "DIRECTORY_NOT_OURS", f"this is not a directory file{why}", "Check `path` in the settings.", Place(shown)
    )


def _unreadable(shown: str, error: OSError) -> PoolshiftError:
    if isinstance(error, FileNotFoundError):
        return InputError.of("FILE_NOT_FOUND", "no such file or folder", "Check the path.", Place(shown))
    return InputError.of("FILE_UNREADABLE", f"cannot be read: {error.strerror}", "Check its rights.", Place(shown))


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(name)]
