"""What goes wrong on purpose goes wrong as ordered, once, and leaves the pool as it says."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
)

from tests.servers.cognito import HOW, CognitoServer
from tests.servers.refusals import refused

ERRORS = [
    ("throttle", 400, "TooManyRequestsException"),
    ("throttle_429", 429, "TooManyRequestsException"),
    ("throttle_retry_after", 429, "TooManyRequestsException"),
    ("internal_error", 500, "InternalErrorException"),
    ("expired_credentials", 400, "ExpiredTokenException"),
    ("access_denied", 400, "AccessDeniedException"),
    ("not_found", 400, "ResourceNotFoundException"),
    ("expired_page_token", 400, "InvalidParameterException"),
]
OTHERS = {"html", "html_error", "empty_body", "close_before", "close_after_commit", "slow"}
PAGES = {"empty_page", "short_page", "repeated_page"}


def test_every_fault_is_tested() -> None:
    """The lists of this file name all faults there are."""
    assert {how for how, _, _ in ERRORS} | OTHERS | PAGES == set(HOW)


@pytest.mark.parametrize(("how", "status", "code"), ERRORS)
def test_errors(server: CognitoServer, layer: Any, how: Any, status: int, code: str) -> None:
    """The second call of an operation meets the error; the calls around it do not, and nothing was carried out."""
    server.fail("AdminCreateUser", 2, how)
    layer.admin_create_user(UserPoolId=server.pool_id, Username="first")
    with pytest.raises(ClientError) as caught:
        layer.admin_create_user(UserPoolId=server.pool_id, Username="second")
    assert caught.value.response["Error"]["Code"] == code
    answer = caught.value.response["ResponseMetadata"]
    assert answer["HTTPStatusCode"] == status
    assert answer["HTTPHeaders"].get("retry-after") == ("1" if how == "throttle_retry_after" else None)
    layer.admin_create_user(UserPoolId=server.pool_id, Username="third")
    assert names(server) == ["first", "third"]


def names(server: CognitoServer) -> list[str]:
    return sorted(server.pool().users)


@pytest.mark.parametrize(
    ("how", "error", "carried_out"),
    [
        ("html_error", ClientError, False),
        ("close_before", ConnectionClosedError, False),
        ("close_after_commit", ConnectionClosedError, True),
    ],
)
def test_answers_that_are_none(
    server: CognitoServer, layer: Any, how: Any, error: type[Exception], carried_out: bool
) -> None:
    """The client learns nothing of what was done; only close_after_commit has done it."""
    server.fail("AdminCreateUser", how=how)
    with pytest.raises(error):
        layer.admin_create_user(UserPoolId=server.pool_id, Username="ann")
    assert names(server) == (["ann"] if carried_out else [])


@pytest.mark.parametrize("how", ["empty_body", "html"])
def test_nothing_taken_for_nobody(server: CognitoServer, layer: Any, how: Any) -> None:
    """An empty body or a page of HTML looks to botocore like an answer without people: a trap a reader must see."""
    layer.admin_create_user(UserPoolId=server.pool_id, Username="ann")
    server.fail("ListUsers", how=how)
    assert "Users" not in layer.list_users(UserPoolId=server.pool_id)
    assert len(layer.list_users(UserPoolId=server.pool_id)["Users"]) == 1


def test_slow_answer(server: CognitoServer) -> None:
    """A slow answer outlasts a client's patience, and is carried out all the same."""
    hasty = server.client(read_timeout=0.2)
    server.fail("AdminCreateUser", how="slow", seconds=0.6)
    with pytest.raises(BotoCoreError):
        hasty.admin_create_user(UserPoolId=server.pool_id, Username="ann")
    _until(lambda: names(server) == ["ann"])
    hasty.close()


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(("how", "pages"), [("empty_page", [60, 0, 60, 30]), ("short_page", [60, 30, 60])])
def test_pages_that_are_short(server: CognitoServer, layer: Any, how: Any, pages: list[int]) -> None:
    """A short or empty page in the middle has a token, and everybody is listed once (vendors/cognito.md 2)."""
    server.seed({"Username": f"p{number}"} for number in range(150))
    server.fail("ListUsers", 2, how)
    found = [page["Users"] for page in chain(layer, server.pool_id)]
    assert [len(page) for page in found] == pages
    assert sorted(user["Username"] for page in found for user in page) == names(server)


def test_repeated_page(server: CognitoServer, layer: Any) -> None:
    """A page may come twice in one chain: a reader must count people, not rows."""
    server.seed({"Username": f"p{number}"} for number in range(150))
    server.fail("ListUsers", 2, "repeated_page")
    found = [[user["Username"] for user in page["Users"]] for page in chain(layer, server.pool_id)]
    assert found[1] == found[2]
    assert len({name for page in found for name in page}) == 150


def chain(client: Any, pool_id: str) -> list[dict[str, Any]]:
    pages = [client.list_users(UserPoolId=pool_id)]
    while "PaginationToken" in pages[-1]:
        pages.append(client.list_users(UserPoolId=pool_id, PaginationToken=pages[-1]["PaginationToken"]))
    return pages


def test_several_times(server: CognitoServer, layer: Any) -> None:
    """A fault may last for some calls, of any operation, and be taken back."""
    server.fail("*", 1, "throttle", times=2)
    for _ in range(2):
        with refused("TooManyRequestsException"):
            layer.list_groups(UserPoolId=server.pool_id)
    layer.list_groups(UserPoolId=server.pool_id)
    server.fail("*", 1, "throttle", times=2)
    server.heal()
    layer.list_groups(UserPoolId=server.pool_id)


def test_log(server: CognitoServer, layer: Any) -> None:
    """The log counts by operation and answer, keeps parameters, and names the fault that was met."""
    server.fail("ListUsers", 2, "close_before")
    layer.list_users(UserPoolId=server.pool_id, Limit=3)
    with pytest.raises(ConnectionClosedError):
        layer.list_users(UserPoolId=server.pool_id)
    with refused("UserNotFoundException"):
        layer.admin_get_user(UserPoolId=server.pool_id, Username="nobody")
    assert server.log.counts == {"ListUsers": 2, "AdminGetUser": 1}
    assert server.log.requests("ListUsers")[0] == {"UserPoolId": server.pool_id, "Limit": 3}
    assert [(entry.status, entry.error, entry.fault) for entry in server.log.entries] == [
        (200, None, None),
        (0, None, "close_before"),
        (400, "UserNotFoundException", None),
    ]


def test_most_at_once(server: CognitoServer) -> None:
    """The log knows how many requests of one operation were under way together."""
    from concurrent.futures import ThreadPoolExecutor

    client = server.client(max_pool_connections=4)
    server.fail("DescribeUserPool", how="slow", times=4, seconds=0.3)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: client.describe_user_pool(UserPoolId=server.pool_id), range(4)))
    for _ in range(3):
        client.list_users(UserPoolId=server.pool_id)
    assert server.log.most_at_once == {"DescribeUserPool": 4, "ListUsers": 1}
    client.close()
