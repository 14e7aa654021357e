"""Calls of an HTTP API: every way one can end, tokens in time, nothing personal in an error, nothing given away."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from poolshift.errors import AccessDenied, Locked, PoolshiftError, ProviderDown
from poolshift.provider.attempt import Backoff
from poolshift.provider.calls import SessionCalls, WriteRefused
from poolshift.provider.http_calls import Answer, HttpCalls
from poolshift.provider.operation import Code, Failed, Failure, Unknown
from poolshift.provider.pacing import Pacing
from poolshift.provider.schema import Quota
from poolshift.provider.session import HttpConnection, Token
from tests.provider.vendor import Told, Vendor

API = Quota("api", ((1000, 1),), shared=False)
CODES = {401: Code.DENIED, 403: Code.DENIED, 404: Code.GONE, 409: Code.EXISTS, 429: Code.BUSY}
HTML = Told(200, b"<html>Please wait</html>", {"Content-Type": "text/html"})
_OPEN: list[HttpCalls] = []
ONCE_500 = [Told(500), Told(200, b'{"id": 7}')]


def table(status: int, _body: bytes, headers: Mapping[str, str]) -> Failure:
    """A provider's table in two lines."""
    after = headers.get("Retry-After")
    code = CODES.get(status, Code.DOWN if status >= 500 else Code.INVALID)
    return Failure(code, f"refused ({status})", retry_after=float(after) if after else None)


def calls(vendor: Vendor, *, token: bool = False, **more: Any) -> HttpCalls:
    grant = Token(f"{vendor.url}/token", {"grant_type": "client_credentials", "client_secret": "hush"})
    connection = HttpConnection(
        vendor.url, table, {} if token else {"Authorization": "Bearer key"}, grant if token else None
    )
    http = HttpCalls(connection, Pacing((API,)), Backoff(attempts=3, first=0.001, longest=0.002), **more)
    _OPEN.append(http)
    return http


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().close()


def read(http: HttpCalls, path: str = "/users", **more: Any) -> Answer:
    return http.call("GET", path, quota="api", writes=False, again=False, **more)


def write(http: HttpCalls, *, again: bool = False, **more: Any) -> Answer:
    return http.call("POST", "/users", quota="api", writes=True, again=again, json={"email": "a@example.com"}, **more)


def test_an_answer_is_its_status_and_its_document() -> None:
    """What a provider gets is read and judged already."""
    with Vendor(Told(201, b'{"id": 7}')) as vendor:
        answer = write(calls(vendor))
    assert (answer.status, answer.json()) == (201, {"id": 7})
    assert vendor.asked[0].body == b'{"email":"a@example.com"}'
    assert vendor.asked[0].headers["Authorization"] == "Bearer key"


@pytest.mark.parametrize("trouble", [Told(500), Told(503, b"<html>"), Told(429), HTML, Told(drop=True)])
def test_a_read_is_asked_again_when_the_trouble_may_pass(trouble: Told) -> None:
    """One bad moment is not the end of a plan."""
    with Vendor(trouble, Told(200, b'{"id": 7}')) as vendor:
        assert read(calls(vendor)).json() == {"id": 7}
    assert len(vendor.asked) == 2


@pytest.mark.parametrize("trouble", [Told(500), Told(502, b"<html>"), HTML, Told(drop=True)])
def test_a_read_that_stays_without_an_answer_is_exit_10(trouble: Told) -> None:
    """HTML with status 200 is no answer either: something else answers there."""
    with Vendor(trouble) as vendor, pytest.raises(ProviderDown, match=r"HTTP_DOWN.*GET /users") as error:
        read(calls(vendor))
    assert error.value.exit_code == 10
    assert len(vendor.asked) == 3


@pytest.mark.parametrize("lost", [Told(500), HTML, Told(drop=True)])
def test_a_write_whose_answer_is_lost_is_unknown_and_not_repeated(lost: Told) -> None:
    """It may have been carried out: the engine looks it up."""
    with Vendor(lost) as vendor, pytest.raises(Unknown, match="POST /users"):
        write(calls(vendor))
    assert len(vendor.asked) == 1


def test_a_write_that_may_be_repeated_is() -> None:
    """What is idempotent at the vendor needs no looking up."""
    with Vendor(*ONCE_500) as vendor:
        assert write(calls(vendor), again=True).json() == {"id": 7}


def test_a_refused_write_carries_the_providers_own_code() -> None:
    """And waits as long as the vendor said."""
    with Vendor(Told(409)) as vendor, pytest.raises(Failed) as failed:
        write(calls(vendor))
    assert failed.value.failure == Failure(Code.EXISTS, "POST /users: refused (409)")
    with Vendor(Told(429, headers={"Retry-After": "9"})) as vendor, pytest.raises(Failed) as failed:
        write(calls(vendor))
    assert failed.value.failure.retry_after == 9


def test_statuses_a_provider_expects_are_answers_unless_they_are_a_page() -> None:
    """A 404 of the vendor says gone; a 404 page of a proxy says nothing."""
    with Vendor(Told(404, b"")) as vendor:
        assert read(calls(vendor), ok={404: "gone"}).status == 404
    with Vendor(Told(404, b"<html>no such site</html>")) as vendor, pytest.raises(ProviderDown):
        read(calls(vendor), ok={404: "gone"})


def test_an_empty_answer_is_no_document() -> None:
    """A read without one is exit 10; a write may have been carried out."""
    with Vendor(Told(200, b"")) as vendor:
        with pytest.raises(ProviderDown, match="empty"):
            read(calls(vendor)).json()
        with pytest.raises(Unknown, match="empty"):
            write(calls(vendor)).json()


def test_no_value_of_a_request_stands_in_an_error() -> None:
    """Queries and bodies hold people's addresses."""
    with Vendor(Told(400)) as vendor, pytest.raises(Failed) as failed:
        read(calls(vendor), "/users?search=b@example.com", query={"email": "a@example.com"})
    assert "@" not in str(failed.value) + repr(failed.value) + str(failed.value.__cause__)
    assert "email=a%40example.com" in vendor.asked[0].path


def test_one_token_serves_until_a_part_of_its_life_before_the_end() -> None:
    """A call that begins with a fresh token does not arrive with a dead one."""
    now = [0.0]
    with Vendor(token_seconds=100) as vendor:
        http = calls(vendor, token=True, clock=lambda: now[0])
        for now[0] in (0.0, 79.0, 81.0):
            read(http)
    assert [asked.headers["Authorization"] for asked in vendor.asked] == ["Bearer t1", "Bearer t1", "Bearer t2"]
    assert vendor.grants[0]["client_secret"] == ["hush"]


def test_a_refused_token_is_renewed_once() -> None:
    """A 401 changed nothing, so even a write goes again; a second one ends it."""
    with Vendor(Told(401), Told(201, b'{"id": 7}')) as vendor:
        assert write(calls(vendor, token=True)).json() == {"id": 7}
        assert [asked.headers["Authorization"] for asked in vendor.asked] == ["Bearer t1", "Bearer t2"]
    with Vendor(Told(401)) as vendor:
        with pytest.raises(AccessDenied, match=r"HTTP_DENIED.*GET /users") as denied:
            read(calls(vendor, token=True))
        assert denied.value.exit_code == 9
        assert len(vendor.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403])
def test_refused_credentials_are_exit_9_and_name_no_secret(status: int) -> None:
    """The token endpoint's refusal is about the settings, not about the call."""
    with Vendor() as vendor:
        vendor.grant = Told(status, b'{"error": "invalid_client hush"}')
        with pytest.raises(AccessDenied, match="HTTP_CREDENTIALS") as denied:
            read(calls(vendor, token=True))
        assert denied.value.exit_code == 9
        assert "hush" not in str(denied.value)
        assert vendor.asked == []


def test_a_token_endpoint_that_is_down_loses_no_write() -> None:
    """Without a token nothing was sent: the write failed, it is not unknown."""
    with Vendor() as vendor:
        vendor.grant = Told(503, b"<html>")
        with pytest.raises(Failed) as failed:
            write(calls(vendor, token=True))
    assert failed.value.failure.code is Code.DOWN


def test_another_host_gets_no_credentials() -> None:
    """A presigned address is somebody else's server."""
    with Vendor() as vendor, Vendor() as elsewhere:
        read(calls(vendor), f"{elsewhere.url}/file?signature=s")
        read(calls(vendor, token=True), f"{elsewhere.url}/file")
    assert ["Authorization" in asked.headers for asked in elsewhere.asked] == [False, False]


def test_a_file_is_streamed_whole_or_not_at_all(tmp_path: Path) -> None:
    """What a broken attempt left is not in front of the next one's."""
    with Vendor(Told(500, b"half"), Told(200, b"line\nline\n")) as vendor:
        connection = HttpConnection(vendor.url, table)
        with SessionCalls(tmp_path, http=connection) as mine, mine.fetch("/export") as stream:
            assert stream.read() == b"line\nline\n"


def test_a_session_that_only_reads_refuses_to_write(tmp_path: Path) -> None:
    """Nothing is sent."""
    with Vendor() as vendor, SessionCalls(tmp_path, http=HttpConnection(vendor.url, table)) as mine:
        with pytest.raises(WriteRefused, match=r"POST /users"):
            mine.http("POST", "/users?email=a", writes=True)
        assert vendor.asked == []


def test_a_provider_that_names_no_api_is_told_so(tmp_path: Path) -> None:
    """A bug of a provider, said as one."""
    with SessionCalls(tmp_path) as mine, pytest.raises(PoolshiftError, match="NO_CONNECTION"):
        mine.http("GET", "/users", writes=False)


def test_nothing_answers_is_exit_10() -> None:
    """A closed port is a network's trouble."""
    with Vendor() as vendor:
        http = calls(vendor)
    with pytest.raises(ProviderDown, match="no connection"):
        read(http)


class Suspended:
    """A lease that is over from the nth question on."""

    def __init__(self, asked: int) -> None:
        self._left = asked

    def __call__(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Locked.of("LEASE_LOST", "it was not renewed in time")


@pytest.mark.parametrize("asked", [0, 1, 2])
def test_nothing_leaves_once_the_lease_is_over(asked: int) -> None:
    """Before the call, before its head, before its body: a vendor never has a whole request."""
    with Vendor() as vendor:
        http = HttpCalls(HttpConnection(vendor.url, table), Pacing((API,), may_start=Suspended(asked)))
        _OPEN.append(http)
        with pytest.raises(Locked, match="LEASE_LOST"):
            write(http)
        http.close()
    assert vendor.asked == []


def test_a_request_that_left_in_time_is_answered() -> None:
    """Whoever waits for an answer is not asked again."""
    with Vendor() as vendor:
        http = HttpCalls(HttpConnection(vendor.url, table), Pacing((API,), may_start=Suspended(3)))
        _OPEN.append(http)
        assert write(http).status == 200
    assert len(vendor.asked) == 1
