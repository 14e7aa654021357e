"""Both sessions of a provider on an end of the tests: made anew for every use, because a provider keeps nothing."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.attempt import Backoff
from poolshift.provider.aws_calls import AwsCalls
from poolshift.provider.calls import SessionCalls
from poolshift.provider.http_calls import HttpCalls
from poolshift.provider.schema import Schema
from poolshift.provider.session import Provider, Reader, Writer

AT_ONCE: Final = Backoff(attempts=4, first=0.001, longest=0.002)


class QuickCalls(SessionCalls):
    """Repeats at once what it would repeat after a pause."""

    def _http_calls(self) -> HttpCalls:
        if self._http is None:
            assert self._http_connection is not None
            self._http = HttpCalls(self._http_connection, self._pacing, AT_ONCE)
        return self._http

    def _aws_calls(self) -> AwsCalls:
        if self._aws is None:
            assert self._connection is not None
            self._aws = AwsCalls(self._connection, self._pacing, AT_ONCE)
        return self._aws


class Sessions(ABC):
    """Base of the worlds whose vendor is reached over a network."""

    provider: Provider
    settings: Any

    @abstractmethod
    def calls(self, *, writes: bool) -> AbstractContextManager[SessionCalls]: ...

    def known(self) -> Schema:
        """The schema a writer is given."""
        return self.schema()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        with self.calls(writes=False) as calls:
            yield self.provider.reader(self.settings, calls)

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        with self.calls(writes=True) as calls:
            yield self.provider.writer(self.settings, calls, self.known())

    def schema(self) -> Schema:
        with self.reader() as reader:
            return reader.schema()

    def find(self, kind: Kind, key: Path, value: str) -> tuple[Record, ...]:
        with self.reader() as reader:
            [found] = reader.lookup(kind, key, [value])
        return found.records
