"""Laws 13 to 16: calls, their cost, their bounds, and jobs."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from poolshift.testing.laws.contract import Contract
from poolshift.testing.laws.reading import furnished, readable
from poolshift.testing.trial import Trial


class CallingLaws(Contract):
    """What a provider asks of `Calls`."""

    def test_14_every_call(self, trial: Trial) -> None:
        """Law 14. Every call names a declared quota and says truly what it is; there is no I/O outside `Calls`."""
        there = furnished(trial)
        with _no_other_io(trial):
            before = {(kind, id): trial.get(kind, id) for kind, ids in there.items() for id in ids}
            reader = trial.reader()
            reader.schema(), reader.access(), reader.fingerprint()
            listing = trial.read(*readable(trial.schema))
            for kind, ids in there.items():
                for key in trial.schema.kinds[kind].keys:
                    if key.path == "id":
                        list(reader.lookup(kind, "id", sorted(ids)))
            after = {(kind, id): trial.get(kind, id) for kind, ids in there.items() for id in ids}
            assert after == before, "reading has changed the world"
            again = trial.read(*readable(trial.schema))
            grown = {kind for kind, own in again.items() if own.ids != listing[kind].ids}
            assert not grown, f"reading has made or removed records: {sorted(grown)}"
            claimed = [call.name for call in trial.watch.calls if call.writes and not call.by_writer]
            assert not claimed, f"a reader calls what it says writes: {claimed}"
            _repeats(trial)
        assert not trial.watch.breaches(14), trial.watch.breaches(14)


def _repeats(trial: Trial) -> None:
    """Every call that says it may be repeated is made twice: the send ends as if it had been made once."""
    trial.watch.doubled = True
    try:
        for route, verb in trial.ways():
            if operations := trial.operations(route, verb):
                ended = trial.send(route, operations)
                about = f"{verb} {route.kind} by {route.name}"
                assert ended.is_done, f"{about}: a call says `again` and may not be repeated: {ended.failures}"
    finally:
        trial.watch.doubled = False


@contextmanager
def _no_other_io(trial: Trial) -> Iterator[None]:
    """Sockets this thread opens outside a call are a breach."""
    connect = socket.socket.connect
    mine = threading.get_ident()

    def watched(self: socket.socket, address: Any) -> None:
        if threading.get_ident() == mine and not trial.observed.inside and not trial.looking:
            trial.watch.breach(14, "a connection outside `Calls`")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", watched)
        yield
