"""The lease: one writer at a time, taken over when it is over, and no row by an old fence."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from poolshift.errors import Locked
from poolshift.state import clock, holding, lease
from poolshift.state.lease import Terms
from poolshift.state.process import Process
from poolshift.state.sql_store import SqlStore
from tests.state.backends import Backend
from tests.state.contract import PLAN, base_of, intent_of, landed

ELSEWHERE = Process("elsewhere", "another boot", "pid:[1]", 4242, "1")


@pytest.fixture
def terms(monkeypatch: pytest.MonkeyPatch) -> Callable[[Terms], None]:
    def set_terms(own: Terms) -> None:
        monkeypatch.setattr(holding, "TERMS", own)

    return set_terms


@pytest.fixture
def still(terms: Callable[[Terms], None]) -> None:
    """Leases of two seconds that nobody renews: their holders are as good as stopped."""
    terms(Terms(lasts=2.0, beat=3600, margin=0.1))


def until_over() -> None:
    time.sleep(2.1)


def refusal(backend: Backend) -> str:
    with pytest.raises(Locked) as error:
        backend.open()
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "STATE_LOCKED"
    return diagnostic.summary


def lost(deed: Callable[[], object]) -> str:
    with pytest.raises(Locked) as error:
        deed()
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "LEASE_LOST"
    return diagnostic.summary


def test_the_second_writer_is_told_who_holds_the_state(backend: Backend) -> None:
    """Command, process, since when and until when; a state that was given back is free at once."""
    store = backend.open()
    store.begin_run("apply", PLAN)
    told = refusal(backend)
    assert "apply" in told
    assert f"process {Process.current().pid} on " in told
    assert " since 20" in told
    assert " until 20" in told
    fence = store.fence
    store.close()
    assert backend.open().fence == fence + 1


@pytest.mark.usefixtures("still")
def test_a_lease_that_ran_out_is_taken_over_and_its_holder_writes_nothing_more(backend: Backend) -> None:
    """The next holder finds the open window and finishes; the first can neither call nor write."""
    first = backend.open()
    window = first.open_window(first.begin_run("apply", PLAN), PLAN, "api", [intent_of("a"), intent_of("b")])
    outcome = landed(base_of(first, "a"))
    until_over()
    second = backend.open()
    assert second.fence == first.fence + 1
    lost(first.check_lease)
    lost(lambda: first.settle(window.number, [outcome]))
    (found,) = second.open_windows()
    assert [intent.person for intent in found.open_rows] == ["a", "b"]
    assert second.count_people() == 0
    second.settle(window.number, [landed(base_of(second, one)) for one in ("a", "b")])
    second.close_window(window.number)
    lost(lambda: first.record([outcome]))
    first.close()
    assert second.count_people() == 2
    second.check_lease()


@pytest.mark.usefixtures("still")
def test_a_lease_that_ran_out_is_over_for_its_holder_too(backend: Backend) -> None:
    """Nobody took it over, and still nothing is written, and a late heartbeat does not bring it back."""
    store = backend.open()
    outcome = landed(base_of(store, "a"))
    until_over()
    assert store._holding is not None
    store._holding.renew()
    assert "not renewed in time" in lost(store.check_lease)
    lost(lambda: store.record([outcome]))
    store.close()
    assert backend.open().count_people() == 0


def test_no_request_starts_within_the_margin(backend: Backend, terms: Callable[[Terms], None]) -> None:
    """A request takes time of its own; what is known by then is still written."""
    terms(Terms(lasts=3600, beat=3600, margin=3600))
    store = backend.open()
    outcome = landed(base_of(store, "a"))
    store.record([outcome])
    lost(store.check_lease)
    assert store.count_people() == 1


def test_heartbeats_keep_a_lease(backend: Backend, terms: Callable[[Terms], None]) -> None:
    """A holder that is alive goes on for as long as it likes, while people are read too."""
    terms(Terms(lasts=4.0, beat=0.1, margin=0.1))
    store = backend.open()
    store.record([landed(base_of(store, str(number))) for number in range(3000)])
    people = store.people()
    next(people)
    end = time.monotonic() + 4.5
    while time.monotonic() < end:
        store.check_lease()
        time.sleep(0.1)
    assert sum(1 for _ in people) == 2999
    store.record([landed(base_of(store, "late"))])
    refusal(backend)


def test_a_broken_lease_is_over_at_once(backend: Backend) -> None:
    """`lock break`: the number rises, the holder's next write is refused, and the next command goes on."""
    store = backend.open()
    outcome = landed(base_of(store, "a"))
    broken = lease.break_lease(store.connection)
    assert broken.process == Process.current()
    assert "broken" in lost(lambda: store.record([outcome]))
    lost(store.check_lease)
    second = backend.open()
    assert second.fence == store.fence + 2
    store.close()
    second.record([landed(base_of(second, "b"))])
    refusal(backend)


def test_the_lease_of_a_process_that_ended_is_over(backend: Backend) -> None:
    """On this machine that can be proved: nobody waits for a killed command's lease to run out."""
    store = backend.open()
    dead = replace(Process.current(), pid=_never_a_process(), started="1")
    _write(store, process=dead)
    assert backend.open().fence == store.fence + 1


def _never_a_process() -> int:
    return 2**22 + 1  # beyond Linux's highest pid_max


def test_of_another_machine_only_time_tells(backend: Backend) -> None:
    """A holder elsewhere has its whole time; its clock since boot means nothing here."""
    store = backend.open()
    _write(store, process=ELSEWHERE, deadline=0.0)
    assert "process 4242 on elsewhere" in refusal(backend)
    _write(store, process=ELSEWHERE, until=time.time() - 5, deadline=1e12)
    assert backend.open().fence == store.fence + 1


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_changed_time_of_day_neither_ends_a_lease_nor_keeps_it(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, terms: Callable[[Terms], None], hours: int
) -> None:
    """Leases go by the clock since boot, or by the server's: this machine's time of day is shown, never believed."""
    terms(Terms(lasts=2.0, beat=3600, margin=0.1))
    store = backend.open()
    own = time.time
    monkeypatch.setattr(time, "time", lambda: own() + hours * 3600)
    store.check_lease()
    store.record([landed(base_of(store, "a"))])
    refusal(backend)
    until_over()
    lost(store.check_lease)
    assert backend.open().count_people() == 1


def test_a_reader_of_a_file_waits_for_the_writer_and_one_of_a_server_does_not(backend: Backend) -> None:
    """A file cannot be written while it is read; a server gives each reader a snapshot."""
    store = backend.open()
    store.record([landed(base_of(store, "a"))])
    if backend.name == "sqlite":
        with pytest.raises(Locked):
            backend.open(write=False)
        return
    reader = backend.open(write=False)
    assert reader.count_people() == 1
    store.record([landed(base_of(store, "b"))])
    assert reader.count_people() == 1
    assert [base.source_id for base in reader.people()] == ["a"]


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that only the test moves."""
    now = [clock.seconds()]
    monkeypatch.setattr(clock, "seconds", lambda: now[0])
    return now


def test_a_suspension_counts(backend: Backend, stopped_clock: list[float], terms: Callable[[Terms], None]) -> None:
    """A laptop that slept for an hour wakes without a lease."""
    terms(Terms(lasts=60, beat=3600, margin=10))
    store = backend.open()
    stopped_clock[0] += 49
    store.check_lease()
    stopped_clock[0] += 3600
    lost(store.check_lease)
    lost(lambda: store.record([]))


def _write(store: SqlStore, **changes: object) -> None:
    """Put another's words into the lease."""
    with store.connection.transaction(guarded=False) as statements:
        found = lease.read_for_update(store.connection, statements)
        lease.write(statements, replace(found, **changes))  # type: ignore[arg-type]
