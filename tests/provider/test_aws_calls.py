"""Calls of an AWS service: every way one can end, paced, repeated only where that is safe, clear about the fault."""

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from poolshift.errors import AccessDenied, Interrupted, Locked, PoolshiftError, ProviderDown
from poolshift.provider.attempt import Backoff
from poolshift.provider.aws_calls import CONNECTIONS, AwsCalls
from poolshift.provider.calls import SessionCalls, WriteRefused
from poolshift.provider.operation import Code, Failed, Failure, Unknown
from poolshift.provider.pacing import Pacing
from poolshift.provider.schema import Quota
from poolshift.provider.session import AwsConnection
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.faults import How

LISTS = Quota("Lists", ((1000, 1),), shared=False)
CREATES = Quota("Creates", ((1000, 1),), shared=False)
CODES = {b"TooManyRequests": Code.BUSY, b"AccessDenied": Code.DENIED, b"Expired": Code.DENIED, b"Internal": Code.DOWN}


def table(status: int, body: bytes, _headers: Mapping[str, str]) -> Failure:
    """A provider's table in five lines."""
    named = next((code for word, code in CODES.items() if word in body), None)
    return Failure(named or (Code.DOWN if status >= 500 else Code.INVALID), "refused")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAINVENTED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.fixture
def server() -> Iterator[CognitoServer]:
    with CognitoServer() as server:
        yield server


def connection(url: str | None, **more: Any) -> AwsConnection:
    return AwsConnection("cognito-idp", table, **{"region": "eu-west-1", "endpoint_url": url, **more})


def calls(server: CognitoServer, pacing: Pacing | None = None) -> AwsCalls:
    backoff = Backoff(attempts=4, first=0.001, longest=0.002)
    return AwsCalls(connection(server.url), pacing or Pacing((LISTS, CREATES)), backoff)


def read(server: CognitoServer) -> Mapping[str, Any]:
    members = {"UserPoolId": server.pool_id}
    return calls(server).call("ListUsers", quota="Lists", writes=False, again=False, members=members)


def create(server: CognitoServer, *, again: bool = False) -> Mapping[str, Any]:
    members = {"UserPoolId": server.pool_id, "Username": "ann", "MessageAction": "SUPPRESS"}
    return calls(server).call("AdminCreateUser", quota="Creates", writes=True, again=again, members=members)


PASSING: list[How] = [
    "throttle",
    "throttle_429",
    "internal_error",
    "html",
    "html_error",
    "empty_body",
    "close_before",
    "close_after_commit",
]


@pytest.mark.parametrize("how", PASSING)
def test_a_read_is_repeated_until_it_is_answered(server: CognitoServer, how: How) -> None:
    """Whatever is not an answer: a refusal that passes, a page of HTML, nothing at all."""
    server.fail("ListUsers", 1, how, times=3)
    assert read(server)["Users"] == []
    assert server.log.counts["ListUsers"] == 4


@pytest.mark.parametrize("how", PASSING)
def test_a_read_without_an_answer_ends_the_command(server: CognitoServer, how: How) -> None:
    """Exit 10, after a bounded number of tries, in one line that names the action."""
    server.fail("ListUsers", 1, how, times=99)
    with pytest.raises(ProviderDown, match="cognito-idp:ListUsers") as error:
        read(server)
    assert error.value.exit_code == 10
    assert len(error.value.diagnostics) == 1
    assert server.log.counts["ListUsers"] == 4


@pytest.mark.parametrize(
    "how", ["internal_error", "html", "html_error", "empty_body", "close_before", "close_after_commit"]
)
def test_a_write_whose_answer_was_lost_is_unknown(server: CognitoServer, how: How) -> None:
    """It is not sent again: it may have been carried out."""
    server.fail("AdminCreateUser", 1, how)
    with pytest.raises(Unknown, match="cognito-idp:AdminCreateUser"):
        create(server)
    assert server.log.counts["AdminCreateUser"] == 1


def test_a_throttled_write_failed_and_wrote_nothing(server: CognitoServer) -> None:
    """The engine knows when to send it again; nobody repeats it behind its back."""
    server.fail("AdminCreateUser", 1, "throttle")
    with pytest.raises(Failed) as error:
        create(server)
    assert error.value.failure.code is Code.BUSY
    assert server.log.counts["AdminCreateUser"] == 1


def test_a_write_that_may_be_repeated_is_repeated(server: CognitoServer) -> None:
    """And fails, if it must, as one that wrote nothing it would not write again."""
    server.fail("AdminCreateUser", 1, "internal_error", times=2)
    assert create(server, again=True)["User"]["Username"] == "ann"
    server.fail("AdminCreateUser", 1, "html", times=99)
    with pytest.raises(Failed) as error:
        create(server, again=True)
    assert error.value.failure.code is Code.DOWN


def test_a_refusal_of_the_row_is_the_providers_to_judge(server: CognitoServer) -> None:
    """By its one table, with the action in front; not repeated."""
    create(server)
    with pytest.raises(Failed, match="cognito-idp:AdminCreateUser: refused") as error:
        create(server)
    assert error.value.failure.code is Code.INVALID


@pytest.mark.parametrize("how", ["access_denied", "expired_credentials"])
def test_a_read_that_is_denied_is_exit_nine(server: CognitoServer, how: How) -> None:
    """One line that names the action to allow; no repetition helps."""
    server.fail("ListUsers", 1, how)
    with pytest.raises(AccessDenied, match="cognito-idp:ListUsers") as error:
        read(server)
    assert error.value.exit_code == 9
    assert server.log.counts["ListUsers"] == 1


def test_a_write_that_is_denied_stops_the_run_and_wrote_nothing(server: CognitoServer) -> None:
    """The code the executor stops for."""
    server.fail("AdminCreateUser", 1, "access_denied")
    with pytest.raises(Failed) as error:
        create(server)
    assert error.value.failure.code is Code.DENIED


def test_a_slow_answer_is_waited_for_within_bounds(server: CognitoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read times out and is repeated; a write that timed out is unknown."""
    monkeypatch.setitem(__import__("poolshift.provider.aws_calls").provider.aws_calls.SECONDS, "read_timeout", 0.2)
    server.fail("ListUsers", 1, "slow", seconds=0.6)
    assert read(server)["Users"] == []
    server.fail("AdminCreateUser", 1, "slow", seconds=0.6)
    with pytest.raises(Unknown, match="ReadTimeoutError"):
        create(server)


def test_without_a_connection_nothing_was_sent() -> None:
    """A write may be sent again; a read ends the command after its tries."""
    refused = AwsCalls(connection("http://127.0.0.1:9"), Pacing(), Backoff(attempts=2, first=0.001))
    members = {"UserPoolId": "eu-west-1_AbC", "Username": "ann"}
    with pytest.raises(Failed) as error:
        refused.call("AdminCreateUser", quota="", writes=True, again=False, members=members)
    assert error.value.failure.code is Code.DOWN
    with pytest.raises(ProviderDown, match="EndpointConnectionError"):
        refused.call("ListUsers", quota="", writes=False, again=False, members={"UserPoolId": "eu-west-1_AbC"})


def test_what_the_sdk_refuses_to_send_is_the_rows_own_fault(server: CognitoServer) -> None:
    """And its message, which quotes the value, is not passed on."""
    members = {"UserPoolId": server.pool_id, "Username": ["a-secret"]}
    with pytest.raises(Failed) as error:
        calls(server).call("AdminCreateUser", quota="", writes=True, again=False, members=members)
    assert error.value.failure.code is Code.INVALID
    assert "a-secret" not in error.value.failure.message


@pytest.mark.parametrize(
    ("environment", "more"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, {}),
        ({"AWS_SECRET_ACCESS_KEY": ""}, {}),
        ({}, {"profile": "nobody"}),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, {"role_arn": "arn:aws:iam::123456789012:role/r"}),
    ],
)
def test_missing_credentials_are_exit_nine(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], more: dict[str, str]
) -> None:
    """No credentials, half of them, a profile that does not exist, nobody to take on a role: one line each."""
    for name, value in environment.items():
        monkeypatch.delenv(name) if not value else monkeypatch.setenv(name, value)
    with pytest.raises(AccessDenied, match="AWS_CREDENTIALS") as error:
        AwsCalls(connection("http://127.0.0.1:9", **more), Pacing()).call(
            "ListUsers", quota="", writes=False, again=False, members={"UserPoolId": "eu-west-1_AbC"}
        )
    assert error.value.exit_code == 9
    assert len(error.value.diagnostics) == 1


@pytest.mark.parametrize("region", [None, "not a region"])
def test_a_region_that_cannot_be_is_exit_nine(region: str | None) -> None:
    """Before anything is sent."""
    with pytest.raises(AccessDenied, match="AWS_REGION"):
        AwsCalls(connection(None, region=region), Pacing())


def test_a_region_nobody_knows_is_told_from_a_service_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """A typing mistake looks like a name that cannot be resolved."""
    from botocore.exceptions import EndpointConnectionError  # type: ignore[import-untyped]

    lost = AwsCalls(connection(None, region="eu-wset-1"), Pacing(), Backoff(attempts=1))

    def unresolvable(**_members: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://cognito-idp.eu-wset-1.amazonaws.com/")

    monkeypatch.setattr(lost._client, "list_users", unresolvable)
    with pytest.raises(AccessDenied, match="AWS_REGION"):
        lost.call("ListUsers", quota="", writes=False, again=False, members={})


def test_a_role_is_taken_on_before_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the credentials that are there; the SDK's own variable says where both services are."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        role = AwsCalls(connection(None, role_arn="arn:aws:iam::123456789012:role/migration"), Pacing())
        answer = role.call("ListUserPools", quota="", writes=False, again=False, members={"MaxResults": 1})
        assert answer["UserPools"] == []
        credentials = role._client._request_signer._credentials
        assert credentials.method == "assume-role"
        assert credentials.access_key != "AKIAINVENTED"
    finally:
        server.stop()


def test_calls_keep_to_their_quota(server: CognitoServer) -> None:
    """From many threads, over one client, never above the rate."""
    pacing = Pacing((Quota("Lists", ((20, 1),), shared=True),))
    shared = calls(server, pacing)
    members = {"UserPoolId": server.pool_id}

    def ask() -> None:
        for _ in range(3):
            shared.call("ListUsers", quota="Lists", writes=False, again=False, members=members)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 15 calls at 10 a second (half of 20), the first of them at once.
    assert time.monotonic() - began >= 1.2
    assert server.log.counts["ListUsers"] == 15


def test_a_bucket_learns_of_refusals(server: CognitoServer) -> None:
    """Every refusal counts, the repeated ones too: the bucket slows down while many are refused."""
    pacing = Pacing((LISTS, CREATES))
    shared = calls(server, pacing)
    server.fail("ListUsers", 1, "throttle", times=3)
    shared.call("ListUsers", quota="Lists", writes=False, again=False, members={"UserPoolId": server.pool_id})
    assert pacing.throttled("Lists") == 3
    assert pacing.throttled("Creates") == 0


def test_a_quota_nobody_declared_is_a_mistake(server: CognitoServer) -> None:
    """Not a free pass."""
    with pytest.raises(KeyError):
        calls(server).call("ListUsers", quota="Nonsense", writes=False, again=False, members={})
    assert server.log.counts["ListUsers"] == 0


def test_waiting_ends_when_the_run_is_told_to_stop(server: CognitoServer) -> None:
    """Also between two tries."""
    stop = threading.Event()
    stop.set()
    server.fail("ListUsers", 1, "throttle", times=99)
    with pytest.raises(Interrupted):
        AwsCalls(connection(server.url), Pacing(stop=stop)).call(
            "ListUsers", quota="", writes=False, again=False, members={"UserPoolId": server.pool_id}
        )


def test_one_object_serves_files_databases_and_aws(server: CognitoServer, tmp_path: Path) -> None:
    """Writes are refused to a reader whatever they go to, and nothing is sent."""
    (tmp_path / "a.json").write_text("{}", "utf-8")
    with SessionCalls(tmp_path, quotas=(LISTS,), aws=connection(server.url)) as mine:
        assert mine.files("a.json") == ("a.json",)
        assert mine.aws("ListUsers", quota="Lists", writes=False, UserPoolId=server.pool_id)["Users"] == []
        with pytest.raises(WriteRefused):
            mine.aws("AdminCreateUser", writes=True, UserPoolId=server.pool_id, Username="ann")
    assert server.log.counts["AdminCreateUser"] == 0


def test_a_provider_that_names_no_service_has_no_calls(tmp_path: Path) -> None:
    """A mistake of the provider, told as one."""
    with SessionCalls(tmp_path) as mine, pytest.raises(PoolshiftError, match="NO_CONNECTION"):
        mine.aws("ListUsers", writes=False)


def test_the_client_repeats_nothing_and_has_a_connection_for_every_worker(server: CognitoServer) -> None:
    """One attempt a call, 32 connections, and a name the service can see."""
    config = calls(server)._client.meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.max_pool_connections == CONNECTIONS == 32
    assert config.user_agent.startswith("poolshift/")


@pytest.mark.parametrize("asked", [0, 1, 2])
def test_nothing_leaves_once_the_lease_is_over(server: CognitoServer, asked: int) -> None:
    """Before the call, and right before its body: nobody is made, and it is no trouble of the vendor's."""

    def may_start() -> None:
        nonlocal asked
        asked -= 1
        if asked < 0:
            raise Locked.of("LEASE_LOST", "it was not renewed in time")

    own = calls(server, Pacing((LISTS, CREATES), may_start=may_start))
    members = {"UserPoolId": server.pool_id, "Username": "ann", "MessageAction": "SUPPRESS"}
    with pytest.raises(Locked, match="LEASE_LOST"):
        own.call("AdminCreateUser", quota="Creates", writes=True, again=False, members=members)
    own.close()
    assert read(server)["Users"] == []
