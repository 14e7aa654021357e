"""A session's calls as the kit makes them: counted, unpaced, breakable; everything else is the product's own."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from poolshift.provider.attempt import Backoff
from poolshift.provider.calls import SessionCalls
from poolshift.provider.http_calls import Answer, HttpCalls
from poolshift.provider.pacing import Pacing
from poolshift.provider.schema import Quota
from poolshift.provider.session import AwsConnection, HttpConnection
from poolshift.testing.faults import Call, Watch

_QUICK = Backoff(attempts=4, first=0.001, longest=0.002)


class Unpaced(Pacing):
    """Counts what is spent, and waits as the world says."""

    def __init__(self, quotas: Sequence[Quota], watch: Watch, wait: Callable[[float], None]) -> None:
        super().__init__(quotas)
        self._watch = watch
        self._wait = wait

    def spend(self, quota: str, weight: float = 1) -> None:
        if quota not in self._buckets:
            self._watch.breach(14, f"the quota {quota!r} is not declared")
            return
        self._watch.spend(quota, weight)

    def answered(self, quota: str, *, throttled: bool) -> None:
        """Nothing slows down here."""

    def wait(self, seconds: float) -> None:
        if seconds > 0:
            self._wait(seconds)


class WatchedCalls(SessionCalls):
    """Calls of one session, reader's or writer's."""

    def __init__(
        self,
        folder: Path,
        watch: Watch,
        wait: Callable[[float], None],
        *,
        writes: bool,
        quotas: Sequence[Quota],
        aws: AwsConnection | None,
        http: HttpConnection | None,
    ) -> None:
        super().__init__(folder, writes=writes, aws=aws, http=http)
        self._watch = watch
        self._pacing = Unpaced(quotas, watch, wait)
        self._inside = threading.local()
        self._declares = bool(quotas)

    @property
    def inside(self) -> bool:
        """Whether this thread is in one of our calls: what it then opens is no business of the provider's."""
        return bool(getattr(self._inside, "depth", 0))

    def aws(
        self, operation: str, *, quota: str = "", writes: bool, again: bool = False, **members: Any
    ) -> Mapping[str, Any]:
        make = super().aws
        with self._call(operation, quota, writes, again):
            if again and writes and self._watch.doubled:
                make(operation, quota=quota, writes=writes, again=again, **members)
            return make(operation, quota=quota, writes=writes, again=again, **members)

    def http(
        self, method: str, path: str, *, quota: str = "", writes: bool, again: bool = False, **more: Any
    ) -> Answer:
        make = super().http
        with self._call(f"{method} {path.partition('?')[0]}", quota, writes, again):
            if again and writes and self._watch.doubled:
                make(method, path, quota=quota, writes=writes, again=again, **more)
            return make(method, path, quota=quota, writes=writes, again=again, **more)

    def fetch(self, path: str, *, quota: str = "", headers: Mapping[str, str] | None = None) -> BinaryIO:
        with self._call(f"GET {path.partition('?')[0]}", quota, False, True):
            return super().fetch(path, quota=quota, headers=headers)

    def database(self, path: str, *, writes: bool) -> sqlite3.Connection:
        from poolshift.testing.wires import WatchedConnection

        connection = super().database(path, writes=writes)
        return cast(sqlite3.Connection, WatchedConnection(connection, self._watch)) if writes else connection

    def file(self, name: str, use: Literal["read", "spool", "artefact"]) -> BinaryIO:
        from poolshift.testing.wires import broken_file

        stream = super().file(name, use)
        fault = self._watch.request("file", writer=self._writes) if use == "read" else None
        return stream if fault is None else broken_file(stream, fault)

    def _aws_calls(self) -> Any:
        from poolshift.testing.wires import WatchedAws

        with self._connecting:
            if self._aws is None and self._connection is not None:
                self._aws = WatchedAws(self._watch, self._writes, self._connection, self._pacing, _QUICK)
        return super()._aws_calls()

    def _http_calls(self) -> HttpCalls:
        from poolshift.testing.wires import WatchedHttp

        with self._connecting:
            if self._http is None and self._http_connection is not None:
                self._http = WatchedHttp(self._watch, self._writes, self._http_connection, self._pacing, _QUICK)
        return super()._http_calls()

    @contextmanager
    def _call(self, name: str, quota: str, writes: bool, again: bool) -> Iterator[None]:
        self._watch.called(Call(name, quota, writes, again, self._writes))
        if self._declares and not quota:
            self._watch.breach(14, f"{name} names no quota")
        self._inside.depth = getattr(self._inside, "depth", 0) + 1
        try:
            yield
        finally:
            self._inside.depth -= 1
