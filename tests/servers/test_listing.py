"""Pages of people: limits, tokens, filters, lag."""

import time
from typing import Any

import pytest

from tests.servers.cognito import CognitoServer
from tests.servers.refusals import refused


def fill(server: CognitoServer, count: int) -> list[str]:
    names = [f"person-{number:03d}" for number in range(count)]
    server.seed({"Username": name, "Attributes": [{"Name": "name", "Value": name.upper()}]} for name in names)
    return names


def listed(client: Any, pool_id: str, **parameters: Any) -> list[str]:
    pages = client.get_paginator("list_users").paginate(UserPoolId=pool_id, **parameters)
    return [user["Username"] for page in pages for user in page["Users"]]


@pytest.mark.parametrize(("count", "limit"), [(0, 60), (1, 60), (60, 60), (61, 60), (125, 7), (125, 60)])
def test_everybody_once(server: CognitoServer, layer: Any, count: int, limit: int) -> None:
    """A chain of pages shows everybody exactly once, whatever the size of a page."""
    names = fill(server, count)
    assert sorted(listed(layer, server.pool_id, Limit=limit)) == names


def test_largest_page(server: CognitoServer, layer: Any) -> None:
    """Without a limit, and with the limit 0, a page holds sixty."""
    fill(server, 61)
    assert len(layer.list_users(UserPoolId=server.pool_id)["Users"]) == 60
    assert len(layer.list_users(UserPoolId=server.pool_id, Limit=0)["Users"]) == 60


def test_order(server: CognitoServer, layer: Any, moto: Any) -> None:
    """Two listings of the same people need not agree on their order (vendors/cognito.md 2); moto's always do."""
    names = fill(server, 100)
    first, second = listed(layer, server.pool_id), listed(layer, server.pool_id)
    assert sorted(first) == sorted(second) == names
    assert first != second
    pool_id = moto.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for name in names[:62]:
        moto.admin_create_user(UserPoolId=pool_id, Username=name)
    assert listed(moto, pool_id) == listed(moto, pool_id) == names[:62]


def test_page_tokens(server: CognitoServer, layer: Any, moto: Any) -> None:
    """A token is worthless with other parameters or too late (vendors/cognito.md 2); moto takes it for another pool."""
    fill(server, 100)
    pool = {"UserPoolId": server.pool_id}
    token = layer.list_users(**pool)["PaginationToken"]
    again = [layer.list_users(**pool, PaginationToken=token)["Users"] for _ in range(2)]
    assert again[0] == again[1]
    assert len(again[0]) == 40
    for other in ({"Filter": 'name ^= "P"'}, {"UserPoolId": server.create_pool("others")}, {"PaginationToken": "mine"}):
        with refused("InvalidParameterException"):
            layer.list_users(**({**pool, "PaginationToken": token} | other))
    server.token_seconds = 0.05
    time.sleep(0.1)
    with refused("InvalidParameterException"):
        layer.list_users(**pool, PaginationToken=token)
    moto_pool = {"UserPoolId": moto.create_user_pool(PoolName="people")["UserPool"]["Id"]}
    for number in range(3):
        moto.admin_create_user(**moto_pool, Username=f"p{number}")
    token = moto.list_users(**moto_pool, Limit=1)["PaginationToken"]
    assert len(moto.list_users(**moto_pool, PaginationToken=token, Limit=60)["Users"]) == 2


def test_changes_during_a_listing(server: CognitoServer, layer: Any) -> None:
    """Who is deleted meanwhile leaves a shorter page; who is created meanwhile waits for the next listing."""
    names = fill(server, 120)
    first = layer.list_users(UserPoolId=server.pool_id)
    seen = {user["Username"] for user in first["Users"]}
    gone = next(name for name in names if name not in seen)
    layer.admin_delete_user(UserPoolId=server.pool_id, Username=gone)
    layer.admin_create_user(UserPoolId=server.pool_id, Username="late")
    second = layer.list_users(UserPoolId=server.pool_id, PaginationToken=first["PaginationToken"])
    assert "PaginationToken" not in second
    assert sorted(seen | {user["Username"] for user in second["Users"]}) == [name for name in names if name != gone]
    assert "late" in listed(layer, server.pool_id)


def test_lag(server: CognitoServer, layer: Any, moto: Any) -> None:
    """A new person can be looked up before they are listed (vendors/cognito.md 2); moto lists at once."""
    pool = {"UserPoolId": server.pool_id}
    fill(server, 2)
    server.list_lag = 0.4
    layer.admin_create_user(**pool, Username="ann")
    assert layer.admin_get_user(**pool, Username="ann")["Username"] == "ann"
    assert "ann" not in listed(layer, server.pool_id)
    assert layer.list_users(**pool, Filter='username = "ann"')["Users"] == []
    time.sleep(0.5)
    assert len(listed(layer, server.pool_id)) == 3
    pool_id = moto.create_user_pool(PoolName="people")["UserPool"]["Id"]
    moto.admin_create_user(UserPoolId=pool_id, Username="ann")
    assert listed(moto, pool_id) == ["ann"]


PEOPLE: list[dict[str, Any]] = [
    {
        "Username": "ann",
        "UserStatus": "CONFIRMED",
        "Attributes": [{"Name": "email", "Value": "Ann@example.com"}, {"Name": "name", "Value": 'Ann "A" \\ Example'}],
    },
    {
        "Username": "bob",
        "UserStatus": "UNCONFIRMED",
        "Enabled": False,
        "Attributes": [{"Name": "email", "Value": "bob@example.com"}, {"Name": "sub", "Value": "sub-of-bob"}],
    },
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('username = "ann"', ["ann"]),
        ('username = "Ann"', []),
        ('username ^= "b"', ["bob"]),
        ('email = "Ann@example.com"', ["ann"]),
        ('email ^= "Ann@"', ["ann"]),
        ('email ^= "nobody"', []),
        ('sub="sub-of-bob"', ["bob"]),
        ('"cognito:user_status" = "UNCONFIRMED"', ["bob"]),
        ('cognito:user_status = "CONFIRMED"', ["ann"]),
        ('status = "Disabled"', ["bob"]),
        (r'name = "Ann \"A\" \\ Example"', ["ann"]),
        ('email ^= ""', ["ann", "bob"]),
    ],
)
def test_filters(server: CognitoServer, layer: Any, text: str, found: list[str]) -> None:
    """One attribute, equal or beginning with a value whose quotes are escaped (vendors/cognito.md 2)."""
    server.seed(PEOPLE)
    assert sorted(listed(layer, server.pool_id, Filter=text)) == found


@pytest.mark.parametrize("text", ['custom:plan = "x"', 'locale = "nl"', "email = ann", 'email ~ "a"', "x" * 257])
def test_refused_filters(server: CognitoServer, layer: Any, text: str) -> None:
    """Neither custom attributes nor most standard ones can be searched (vendors/cognito.md 2)."""
    with refused("InvalidParameterException"):
        layer.list_users(UserPoolId=server.pool_id, Filter=text)
