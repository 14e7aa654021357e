"""Each fault does what it says, in front of an invented vendor; everything else is passed on as it is."""

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from poolshift.testing.faults import Fault, FaultServer, How
from tests.faults.vendor import Vendor, VendorTerms, vendor


@pytest.fixture
def behind() -> Iterator[Vendor]:
    with vendor() as server:
        yield server


@pytest.fixture
def front(behind: Vendor) -> Iterator[FaultServer]:
    with FaultServer(behind.url, VendorTerms()) as server:
        yield server


class Client:
    """One connection that is opened again once it broke."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(str(urlsplit(url).hostname), urlsplit(url).port, timeout=10)

    def ask(self, method: str, path: str, document: Any = None) -> tuple[int, Any, http.client.HTTPMessage]:
        """Raises ConnectionError, RemoteDisconnected among them, where there is no answer."""
        body = None if document is None else json.dumps(document)
        try:
            self._connection.request(method, path, body, {"Content-Type": "application/json"})
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except OSError:
            self._connection.close()
            raise
        found = json.loads(text) if answer.getheader("Content-Type") == "application/json" else text
        return answer.status, found, answer.headers

    def create(self, number: int) -> tuple[int, Any, http.client.HTTPMessage]:
        return self.ask("POST", "/users", {"email": f"p{number}@example.com"})

    def everybody(self) -> list[list[str]]:
        """Ids, a list a page."""
        pages, path = [], "/users"
        while True:
            _, document, _ = self.ask("GET", path)
            pages.append([person["id"] for person in document["users"]])
            if "next" not in document:
                return pages
            path = f"/users?token={document['next']}"

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def client(front: FaultServer) -> Iterator[Client]:
    own = Client(front.url)
    yield own
    own.close()


def test_without_a_fault_everything_is_passed_on(behind: Vendor, front: FaultServer, client: Client) -> None:
    """Status, document and pages are the vendor's own; requests are counted by nature."""
    assert [client.create(number)[0] for number in range(7)] == [201] * 7
    assert client.create(0)[:2] == (409, {"error": "exists"})
    assert client.everybody() == [["u0", "u1", "u2"], ["u3", "u4", "u5"], ["u6"]]
    assert front.counts == {"create": 8, "page": 3}


@pytest.mark.parametrize(
    ("how", "status", "header"),
    [
        ("busy", 429, None),
        ("busy_retry_after", 429, "2"),
        ("timeout_408", 408, None),
        ("error_500", 500, None),
        ("html_502", 502, None),
        ("html_200", 200, None),
        ("expired_session", 401, None),
        ("denied", 403, None),
    ],
)
def test_an_answer_of_somebody_else(
    behind: Vendor, front: FaultServer, client: Client, how: How, status: int, header: str | None
) -> None:
    """The second create meets it, the vendor never sees it, and the third is as if nothing had been."""
    front.fail(Fault(how, "create", 2, seconds=2.0))
    assert client.create(0)[0] == 201
    answered, document, headers = client.create(1)
    assert (answered, headers.get("Retry-After")) == (status, header)
    assert isinstance(document, str) == how.startswith(("html", "timeout"))
    assert list(behind.people) == ["p0@example.com"]
    assert front.programme.met == {how: 1}
    assert client.create(1)[0] == 201


def test_a_fault_counts_only_what_it_is_about(front: FaultServer, client: Client) -> None:
    """Pages pass while creates fail; all that follow do with times 0, until heal."""
    front.fail(Fault("busy", "create", times=0))
    assert [client.create(0)[0] for _ in range(3)] == [429] * 3
    assert client.everybody() == [[]]
    front.heal()
    assert client.create(0)[0] == 201


def test_a_reset_before_and_one_after_the_commit(behind: Vendor, front: FaultServer, client: Client) -> None:
    """Neither has an answer; only the second was carried out, so that it is a duplicate when it is tried again."""
    for how, there, again in (("reset_before", 0, 201), ("reset_after", 1, 409)):
        behind.people.clear()
        front.fail(Fault(how, "create"))  # type: ignore[arg-type]
        with pytest.raises(ConnectionError):
            client.create(0)
        _until(lambda there=there: len(behind.people) == there)  # type: ignore[misc]
        assert client.create(0)[0] == again


def test_a_late_commit_arrives_all_the_same(behind: Vendor, front: FaultServer, client: Client) -> None:
    """Nothing at first; later it is there, once, and whoever repeats it meets a duplicate."""
    front.fail(Fault("late_commit", "create", seconds=0.3))
    with pytest.raises(ConnectionError):
        client.create(0)
    assert behind.people == {}
    front.heal()
    assert list(behind.people) == ["p0@example.com"]
    assert client.create(0)[0] == 409


def test_slow_is_late_and_right(front: FaultServer, client: Client) -> None:
    """The vendor's own answer, after so many seconds."""
    front.fail(Fault("slow", "create", seconds=0.3))
    began = time.monotonic()
    assert client.create(0)[0] == 201
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(
    ("how", "pages"),
    [
        ("short_page", [["u0"], ["u1", "u2"], ["u3", "u4", "u5"], ["u6"]]),
        ("empty_page", [[], ["u0", "u1", "u2"], ["u3", "u4", "u5"], ["u6"]]),
        ("repeated_page", [["u0", "u1", "u2"], ["u0", "u1", "u2"], ["u3", "u4", "u5"], ["u6"]]),
        ("swapped_pages", [["u3", "u4", "u5"], ["u0", "u1", "u2"], ["u6"]]),
    ],
)
def test_bent_pages_hold_everybody(
    front: FaultServer, client: Client, behind: Vendor, how: How, pages: list[list[str]]
) -> None:
    """The chain has another shape and the same people."""
    for number in range(7):
        client.create(number)
    front.fail(Fault(how, "page"))
    assert client.everybody() == pages
    assert front.programme.met == {how: 1}


def test_pages_that_cannot_be_swapped_wait_for_one_that_can(front: FaultServer, client: Client) -> None:
    """A list of one page has no next one: the fault is not met yet."""
    client.create(0)
    front.fail(Fault("swapped_pages", "page"))
    assert client.everybody() == [["u0"]]
    assert front.programme.met == {}


def test_a_page_token_expires_on_a_page_that_continues(front: FaultServer, client: Client) -> None:
    """The first page of a list has no token that could."""
    for number in range(7):
        client.create(number)
    front.fail(Fault("expired_page_token", "page", continued=True))
    assert client.ask("GET", "/users")[0] == 200
    assert client.ask("GET", "/users?token=3")[0] == 400
    assert client.ask("GET", "/users?token=3")[0] == 200


def test_lag_hides_from_lists_who_was_just_made(front: FaultServer, client: Client) -> None:
    """The create is answered; lists show them only later."""
    front.fail(Fault("lag", "create", 2, seconds=0.5))
    assert [client.create(number)[0] for number in range(3)] == [201] * 3
    assert client.everybody() == [["u0", "u2"]]
    _until(lambda: client.everybody() == [["u0", "u1", "u2"]])


_VICTIM = """
import http.client, json, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
for number in range(3):
    connection.request("POST", "/users", json.dumps({"email": f"p{number}@example.com"}))
    print(connection.getresponse().read().decode(), flush=True)
"""


@pytest.mark.parametrize(
    ("how", "there", "told"), [("kill_before", 1, 1), ("kill_committed", 2, 1), ("kill_after", 2, 2)]
)
def test_a_client_dies_around_its_second_create(
    behind: Vendor, front: FaultServer, how: How, there: int, told: int
) -> None:
    """Before it arrives, between commit and answer, or once it has the answer: by SIGKILL."""
    front.fail(Fault(how, "create", 2, seconds=0.3))
    front.fail(Fault("slow", "create", 2, seconds=1.0))
    command = [sys.executable, "-c", _VICTIM, str(urlsplit(front.url).port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        front.aim(victim.pid)
        out, _ = victim.communicate(timeout=30)
    assert victim.returncode == -signal.SIGKILL
    assert len(out.splitlines()) == told
    assert len(behind.people) == there
    assert not front.programme.met.keys() - {how, "slow"}


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
