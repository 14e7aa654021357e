"""An opened migration: its spec, both ends read-only, and the state of its lineage."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from poolshift.errors import AccessDenied, InputError
from poolshift.provider.calls import SessionCalls
from poolshift.provider.discovery import Installed
from poolshift.provider.schema import Schema, with_markers
from poolshift.provider.session import Provider, Reader, SpeaksAws, SpeaksHttp, Writer
from poolshift.spec.attributes import is_owner_marker
from poolshift.spec.model import End, Spec
from poolshift.state.opening import open_store, state_path
from poolshift.state.store import Store


@dataclass(slots=True)
class EndSession:
    """One end: who speaks for it, its schema as documented and as this very tenant has it, what identifies it."""

    provider: Provider
    settings: End
    reader: Reader
    documented: Schema
    schema: Schema
    tenant: Mapping[str, str]


@dataclass(slots=True)
class Session:
    spec: Spec
    store: Store
    source: EndSession
    destination: EndSession

    @property
    def work_folder(self) -> Path:
        """Where runs keep their spill files: beside the state."""
        spec = self.spec
        return state_path(Path(spec.folder), spec.migration, spec.state.settings).parent / "work"

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """The destination, writable: for the executor only."""
        end = self.destination
        may_start = self.store.check_lease
        with calls_for(self.spec, end.settings, end.provider, end.schema, writes=True, may_start=may_start) as calls:
            yield end.provider.writer(end.settings.settings, calls, end.schema)


@contextmanager
def open_session(spec: Spec, installed: Installed, environ: Mapping[str, str], *, write: bool) -> Iterator[Session]:
    """Open state first (a wrong key is told before any read), then both ends.

    Raises InputError where the spec uses what comes later, AccessDenied where an end is not the one this lineage
    was made for.
    """
    refuse_not_yet(spec)
    folder = Path(spec.folder)
    kept = spec.state
    store = open_store(folder, spec.migration, kept.settings, environ, write=write, backend=kept.backend)
    asked = store.check_lease
    try:
        with (
            _end(spec, spec.source, installed, asked) as source,
            _end(spec, spec.destination, installed, asked) as destination,
        ):
            destination.schema = _marked(destination.schema, spec)
            _check_tenants(store, source, destination)
            yield Session(spec, store, source, destination)
    finally:
        store.close()


def refuse_not_yet(spec: Spec) -> None:
    """Raises InputError where the spec uses what comes later."""
    if spec.not_yet:
        raise InputError([diagnostic._replace(severity="error") for diagnostic in spec.not_yet])


@contextmanager
def _end(spec: Spec, end: End, installed: Installed, may_start: Callable[[], None]) -> Iterator[EndSession]:
    provider = installed.get(end.provider)
    documented = provider.documented(end.settings)
    with calls_for(spec, end, provider, documented, writes=False, may_start=may_start) as calls:
        reader = provider.reader(end.settings, calls)
        yield EndSession(provider, end, reader, documented, reader.schema(), reader.fingerprint())


def _marked(schema: Schema, spec: Spec) -> Schema:
    """Where the spec keeps a person's source id, and the owner marker where it declares an attribute for it."""
    owner = next((item.path for item in spec.attributes.items if is_owner_marker(item.path)), None)
    return with_markers(schema, spec.users.source_id, owner)


def calls_for(
    spec: Spec,
    end: End,
    provider: Provider,
    schema: Schema,
    *,
    writes: bool,
    may_start: Callable[[], None] = lambda: None,
) -> SessionCalls:
    """The calls of one session on an end, paced as the spec says. ``may_start`` is asked before each of them."""
    rates = {name: (rate.calls, rate.seconds) for name, rate in end.rates.items()}
    aws = provider.aws(end.settings) if isinstance(provider, SpeaksAws) else None
    http = provider.http(end.settings) if isinstance(provider, SpeaksHttp) else None
    return SessionCalls(
        Path(spec.folder),
        writes=writes,
        rates=rates,
        quotas=schema.quotas,
        aws=aws,
        http=http,
        may_start=may_start,
    )


def _check_tenants(store: Store, source: EndSession, destination: EndSession) -> None:
    pinned = store.tenants()
    for name, end in (("source", source), ("destination", destination)):
        if name in pinned and dict(pinned[name]) != dict(end.tenant):
            raise AccessDenied.of(
                "TENANT_CHANGED",
                f"the {name} is not the one this migration was applied to before",
                f"Check {name}.settings: another pool or file answers there. A new {name} needs a new migration name.",
            )
