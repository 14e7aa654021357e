"""A server in front of a vendor's, fake or real, that passes everything on but what is to go wrong."""

import contextlib
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import BinaryIO, Final, Self

from poolshift.testing.faults.exchange import Answer, Request
from poolshift.testing.faults.fault import PAGES, Fault, How, Programme
from poolshift.testing.faults.lag import Lag
from poolshift.testing.faults.paging import Paging
from poolshift.testing.faults.terms import Nature, Terms
from poolshift.testing.faults.upstream import Upstream
from poolshift.testing.faults.wire import answer_bytes, read_request, reset

_BACKLOG: Final = 256
_AIMED: Final = 30.0
"""Seconds a fault that kills waits to be told whom."""
_HTML: Final = b"<!DOCTYPE html><html><body><h1>Service temporarily unavailable</h1></body></html>"
_INSTEAD: Final[dict[How, Answer]] = {
    "timeout_408": Answer(408, b"", {"content-type": "text/plain"}),
    "error_500": Answer(500, b"{}", {"content-type": "application/json"}),
    "html_502": Answer(502, _HTML, {"content-type": "text/html"}),
    "html_200": Answer(200, _HTML, {"content-type": "text/html"}),
}
"""Answers that no vendor gives in its own words: gateways do."""


class FaultServer:
    """A context manager on a free port of 127.0.0.1.

    upstream: http://host:port of the server behind. page: records a page at most, so that few people make many pages.
    counts: requests by nature since the last heal; passed: those that reached the server behind.
    in_flight: requests that came and are not answered yet.
    """

    def __init__(self, upstream: str, terms: Terms, *, page: int | None = None) -> None:
        self.programme = Programme()
        self.counts: Counter[Nature] = Counter()
        self.passed: Counter[Nature] = Counter()
        self.in_flight = 0
        self._upstream = upstream
        self._terms = terms
        self._page = page
        self._paging = Paging(terms)
        self._lag = Lag(terms)
        self._victim: Future[int] = Future()
        self._late: list[threading.Timer] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ended = False
        self._threads: set[threading.Thread] = set()

    # -- what tests say
    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def fail(self, fault: Fault) -> None:
        """One more fault to come."""
        self.programme.add(fault)

    def heal(self) -> None:
        """From now on everything is passed on; nobody is aimed at; counts begin again. Waits for late commits."""
        self.spare()
        with self._lock:
            self.counts.clear()
            self.passed.clear()

    def spare(self) -> None:
        """The same, and counts go on."""
        self._await_late()
        self.programme.clear()
        self._victim = Future()
        self._lag = Lag(self._terms)

    def aim(self, pid: int) -> None:
        """The process that the kill faults stop. A fault that is met before this is said waits for it."""
        self._victim.set_result(pid)

    # -- its life
    def __enter__(self) -> Self:
        self._start(self._accept, "faults")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._await_late()
        self._ended = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            left, threads = tuple(self._open), tuple(self._threads)
        for connection in left:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()

    def _accept(self) -> None:
        while not self._ended:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(partial(self._serve, connection), "faults-connection")

    def _start(self, target: Callable[[], None], name: str) -> None:
        def run() -> None:
            try:
                target()
            finally:
                with self._lock:
                    self._threads.discard(thread)

        thread = threading.Thread(target=run, name=name, daemon=True)
        with self._lock:
            self._threads.add(thread)
        thread.start()

    def _serve(self, connection: socket.socket) -> None:
        """One client's connection to its end."""
        with self._kept_open(connection), contextlib.closing(Upstream(self._upstream)) as upstream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb")
            with stream, contextlib.suppress(ConnectionError):
                while self._exchange(connection, stream, upstream):
                    pass

    @contextlib.contextmanager
    def _kept_open(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    # -- one exchange
    def _exchange(self, connection: socket.socket, stream: BinaryIO, upstream: Upstream) -> bool:
        """Whether the connection lives on."""
        request = read_request(stream)
        if request is None:
            return False
        nature = self._terms.nature(request)
        continued = nature == "page" and self._terms.token(request) is not None
        with self._counted(nature):
            fault = self.programme.next(nature, continued=continued)
            answer = self._answer(request, fault, upstream)
        if answer is None:
            reset(connection)
            return False
        connection.sendall(answer_bytes(answer))
        if fault is not None and fault.how == "kill_after":
            time.sleep(fault.seconds)
            self._kill()
        return True

    @contextlib.contextmanager
    def _counted(self, nature: Nature) -> Iterator[None]:
        with self._lock:
            self.counts[nature] += 1
            self.in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                self.in_flight -= 1

    def _answer(self, request: Request, fault: Fault | None, upstream: Upstream) -> Answer | None:
        """What the client gets; None: its connection breaks."""
        how = fault.how if fault is not None else None
        if fault is not None and (instead := self._instead(fault)) is not None:
            return instead
        if how in ("reset_before", "kill_before"):
            if how == "kill_before":
                self._kill()
            return None
        if fault is not None and how == "late_commit":
            self._late.append(threading.Timer(fault.seconds, self._commit, (request,)))
            self._late[-1].start()
            return None
        if fault is not None and how == "slow":
            time.sleep(fault.seconds)
        answer = self._asked(request, upstream)
        if how in ("reset_after", "kill_committed"):
            if how == "kill_committed":
                self._kill()
            return None
        return answer if fault is None else self._bent(fault, request, answer, upstream)

    def _instead(self, fault: Fault) -> Answer | None:
        """An answer that the server behind has no part in."""
        match fault.how:
            case "busy":
                return self._terms.refusal("busy")
            case "busy_retry_after":
                return self._terms.refusal("busy").with_headers(retry_after=str(max(1, round(fault.seconds))))
            case "expired_page_token" | "expired_session" | "denied" as why:
                return self._terms.refusal(why)
        return _INSTEAD.get(fault.how)

    def _asked(self, request: Request, upstream: Upstream) -> Answer:
        if (kept := self._paging.kept(request)) is not None:
            return self._lag.shown(request, kept)
        if self._page is not None:
            request = self._terms.at_most(request, self._page)
        with self._lock:
            self.passed[self._terms.nature(request)] += 1
        return self._lag.shown(request, upstream.ask(request))

    def _bent(self, fault: Fault, request: Request, answer: Answer, upstream: Upstream) -> Answer:
        """A fault that this request or answer has no place for waits for the next one."""
        bent: Answer | None = answer
        if fault.how in PAGES:
            bent = self._paging.bent(fault.how, request, answer, lambda other: self._asked(other, upstream))
        elif fault.how == "lag" and not self._lag.hide(answer, fault.seconds):
            bent = None
        if bent is None:
            self.programme.put_back(fault)
            return answer
        return bent

    def _commit(self, request: Request) -> None:
        """The request that was under way all the time arrives."""
        with contextlib.closing(Upstream(self._upstream)) as upstream:
            self._asked(request, upstream)

    def _await_late(self) -> None:
        while self._late:
            self._late.pop().join()

    def _kill(self) -> None:
        victim = self._victim.result(_AIMED)
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
