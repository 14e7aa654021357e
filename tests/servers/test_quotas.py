"""Rates of calls."""

import time
from typing import Any

import pytest

from tests.servers.cognito import CognitoServer
from tests.servers.refusals import refused


def test_rates(server: CognitoServer, layer: Any, moto: Any) -> None:
    """What exceeds a category's rate is throttled, and served later (vendors/cognito.md 3); moto never throttles."""
    server.limit("UserRead", 5)
    pool = {"UserPoolId": server.pool_id, "Username": "ann"}
    layer.admin_create_user(**pool)
    for _ in range(5):
        layer.admin_get_user(**pool)
    with refused("TooManyRequestsException"):
        layer.admin_get_user(**pool)
    layer.list_users(UserPoolId=server.pool_id)
    time.sleep(0.4)
    layer.admin_get_user(**pool)
    moto_pool = {"UserPoolId": moto.create_user_pool(PoolName="people")["UserPool"]["Id"], "Username": "ann"}
    moto.admin_create_user(**moto_pool)
    assert [moto.admin_get_user(**moto_pool)["Username"] for _ in range(20)] == ["ann"] * 20


def test_category_shared_by_operations(server: CognitoServer, layer: Any) -> None:
    """Operations of one category use the same rate up, whatever the pool."""
    server.limit("UserUpdate", 1)
    other = server.create_pool("others")
    for pool_id in (server.pool_id, other):
        layer.admin_create_user(UserPoolId=pool_id, Username="ann")
    layer.admin_disable_user(UserPoolId=server.pool_id, Username="ann")
    with refused("TooManyRequestsException"):
        layer.admin_enable_user(UserPoolId=other, Username="ann")


def test_unknown_category(server: CognitoServer) -> None:
    """A misspelt category limits nothing, so it is refused."""
    with pytest.raises(KeyError, match="UserReading"):
        server.limit("UserReading", 1)
