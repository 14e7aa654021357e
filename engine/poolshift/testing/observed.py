"""The provider under trial as the engine meets it: its own sessions, over the kit's calls."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

from poolshift.provider.operation import Failure
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Provider, Reader, SpeaksAws, SpeaksHttp
from poolshift.testing.calls import WatchedCalls
from poolshift.testing.faults import Watch
from poolshift.testing.referee import Refereed, refereed
from poolshift.testing.world import World


class Observed:
    """Implements `Provider`. Sessions the engine asks for get calls of the kit; `close` ends them."""

    contract = 1

    def __init__(self, world: World, watch: Watch) -> None:
        self._world = world
        self._watch = watch
        self._provider: Provider = world.provider
        self._open: list[WatchedCalls] = []
        self.writers: list[Refereed] = []

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def version(self) -> str:
        return self._provider.version

    @property
    def ends(self) -> frozenset[Literal["source", "destination"]]:
        return self._provider.ends

    @property
    def settings(self) -> type[BaseModel]:
        return self._provider.settings

    def documented(self, settings: Any) -> Schema:
        return self._provider.documented(settings)

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
        return self._provider.failure(status, body, headers)

    def reader(self, settings: Any, calls: Calls | None = None) -> Reader:
        schema = self._provider.documented(settings)
        return self._provider.reader(settings, self.calls(settings, schema, writes=False))

    def writer(self, settings: Any, calls: Calls | None, schema: Schema) -> Refereed:
        own = self.calls(settings, schema, writes=True)
        writer = refereed(self._provider.writer(settings, own, schema), self._watch)
        self.writers.append(writer)
        return writer

    def calls(self, settings: Any, schema: Schema, *, writes: bool) -> WatchedCalls:
        """Calls as the engine would make them for these settings."""
        provider = self._provider
        calls = WatchedCalls(
            self._world.folder,
            self._watch,
            self._world.wait,
            writes=writes,
            quotas=schema.quotas,
            aws=provider.aws(settings) if isinstance(provider, SpeaksAws) else None,
            http=provider.http(settings) if isinstance(provider, SpeaksHttp) else None,
        )
        self._open.append(calls)
        return calls

    @property
    def inside(self) -> bool:
        """Whether this thread is in a call of one of the sessions."""
        return any(calls.inside for calls in self._open)

    def close(self) -> None:
        while self._open:
            self._open.pop().close()
        self.writers.clear()
