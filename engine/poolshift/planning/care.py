"""Care of a state: whether it is whole, its key, where it lies, who holds it. Reads neither end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import Any

from poolshift.errors import InputError
from poolshift.planning.document import FORMAT_VERSION
from poolshift.planning.session import refuse_not_yet
from poolshift.spec.model import Spec
from poolshift.state import clock, keyring, lease, moving, verifying
from poolshift.state.opening import Backing, open_store, place_of
from poolshift.state.process import Process
from poolshift.state.sql_store import SqlStore

Document = dict[str, Any]


def _place(spec: Spec) -> Backing:
    refuse_not_yet(spec)
    return place_of(Path(spec.folder), spec.migration, spec.state.settings, spec.state.backend)


@contextmanager
def _opened(spec: Spec, environ: Mapping[str, str], *, write: bool) -> Iterator[SqlStore]:
    """A state that exists. Raises InputError STATE_NONE, and what opening raises."""
    place = _place(spec)
    if not place.exists():
        raise InputError.of("STATE_NONE", f"there is no state yet ({place})", "The first plan makes one.")
    kept = spec.state
    folder = Path(spec.folder)
    store = open_store(folder, spec.migration, kept.settings, environ, write=write, backend=kept.backend)
    try:
        yield store
    finally:
        store.close()


def _about(spec: Spec, store: SqlStore) -> Document:
    return {
        "format_version": FORMAT_VERSION,
        "migration": spec.migration,
        "lineage": store.lineage,
        "state": store.place,
    }


def verify_state(spec: Spec, environ: Mapping[str, str]) -> Document:
    """``problems``: what does not fit, with counts; empty where the state is whole."""
    with _opened(spec, environ, write=False) as store:
        found = verifying.verify(store.connection)
        return {
            **_about(spec, store),
            "people": found.people,
            "shared": found.shared,
            "open_windows": store.connection.one("SELECT count(*) FROM windows WHERE closed_at IS NULL")[0],
            "digest": found.digest,
            "problems": [f"{problem.count} {problem.what}" for problem in found.problems],
        }


def rekey_state(spec: Spec, environ: Mapping[str, str]) -> Document:
    """Raises StateUnusable: KEY_MISSING, KEY_MALFORMED, KEY_WRONG."""
    new = keyring.new_master_key(environ)
    with _opened(spec, environ, write=True) as store:
        store.rekey(keyring.master_key(Path(spec.folder), environ, generate=False), new)
        return {**_about(spec, store), "next": f"set {keyring.VARIABLE} to the new key: the old one opens nothing"}


def export_state(spec: Spec, environ: Mapping[str, str], file: Path) -> Document:
    with _opened(spec, environ, write=False) as store:
        return {**_about(spec, store), "file": str(file), "rows": dict(moving.export(store, spec.migration, file))}


def import_state(spec: Spec, environ: Mapping[str, str], file: Path) -> Document:
    place = _place(spec)
    head = moving.prepare(place, spec.migration, file, keyring.master_key(Path(spec.folder), environ, generate=False))
    with _opened(spec, environ, write=True) as store:
        return {**_about(spec, store), "file": str(file), "rows": dict(moving.bring_in(store, head, file))}


def lock_status(spec: Spec) -> Document:
    """Needs no key: a lease names a process and times, nobody else."""
    place = _place(spec)
    about = {"format_version": FORMAT_VERSION, "migration": spec.migration, "state": str(place)}
    if not place.exists():
        return {**about, "status": "free", "fence": 0}
    connection = place.connection(write=False)
    try:
        held = lease.read(connection)
        live = held.is_live(Process.current(), connection.server_time(), clock.seconds(), time())
    finally:
        connection.close()
    return {**about, **held.document(live)}


def lock_break(spec: Spec) -> Document:
    """Ends a lease, by raising the fence. Raises InputError STATE_NONE, Locked while somebody reads a file."""
    place = _place(spec)
    if not place.exists():
        raise InputError.of("STATE_NONE", f"there is no state yet ({place})", "There is nothing to break.")
    connection = place.connection(write=True)
    try:
        broken = lease.break_lease(connection)
    finally:
        connection.close()
    about = {"format_version": FORMAT_VERSION, "migration": spec.migration, "state": str(place)}
    was = broken.who if broken.token else "nobody"
    return {**about, "broken": bool(broken.token), "held_by": was, "fence": broken.fence + 1}
